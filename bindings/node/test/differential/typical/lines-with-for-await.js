// SPDX-License-Identifier: MIT
'use strict';

const readline = require('node:readline');
const { Readable } = require('node:stream');
const { tls, log, certs, run, listen, connect } = require('../program');

function* numbers() {
  for (let i = 1; i <= 500; i++) yield `line ${i}\n`;
}

run(async () => {
  const port = await listen(tls.createServer(certs.ec, (socket) =>
    Readable.from(numbers()).pipe(socket)));
  const lines = readline.createInterface({ input: connect(port),
    crlfDelay: Infinity });
  let count = 0;
  let right = true;
  for await (const line of lines) right &&= line === `line ${++count}`;
  log('lines', count, right);
});
