// SPDX-License-Identifier: MIT
'use strict';

const readline = require('node:readline');
const { tls, log, certs, run, listen, connect, once } = require('../program');

const COMMANDS = {
  ADD: (...numbers) => numbers.reduce((a, b) => a + Number(b), 0),
  UPPER: (...words) => words.join(' ').toUpperCase(),
};

function serve(socket) {
  const lines = readline.createInterface({ input: socket, output: socket,
    terminal: false });
  lines.on('line', (line) => {
    const [command, ...words] = line.split(' ');
    if (command === 'QUIT') return socket.end('BYE\n');
    socket.write(`${COMMANDS[command]?.(...words) ?? 'WHAT?'}\n`);
  });
}

run(async () => {
  const client = connect(await listen(tls.createServer(certs.ec, serve)));
  const answers = readline.createInterface({ input: client });
  const got = [];
  answers.on('line', (line) => got.push(line));
  for (const line of ['ADD 1 2 3', 'UPPER who is there', 'DANCE', 'ADD 4'])
    client.write(`${line}\r\n`);
  client.write('QUIT\r\n');
  await once(answers, 'close');
  log('answers', got);
});
