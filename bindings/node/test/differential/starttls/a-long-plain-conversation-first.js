// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const readline = require('node:readline');
const { log, run, use, listen, once, read } = require('../program');
const { plain, upgrade, upgradeServer } = require('../parts');

// Line by line, until the upgrade; as an SMTP server would.
function serve(raw) {
  raw.setEncoding('latin1');
  raw.write('220 mail.test\r\n');
  raw.on('data', function answer(text) {
    for (const line of text.split('\r\n').filter(Boolean)) {
      log.as('server')('line', line);
      if (line !== 'STARTTLS') raw.write(`250 ${line}\r\n`);
      else startTls(raw.off('data', answer));
    }
  });
}

function startTls(raw) {
  raw.write('220 ready\r\n');
  const socket = upgradeServer(raw);
  const lines = readline.createInterface({ input: socket });
  lines.on('line', (line) => {
    log.as('server')('secret line', line);
    if (line === 'QUIT') socket.end('221 bye\r\n');
    else socket.write(`250 ${line}\r\n`);
  });
}

async function ask(socket, line) {
  socket.write(`${line}\r\n`);
  log('answer', String((await once(socket, 'data'))[0]));
}

run(async () => {
  const raw = plain(await listen(net.createServer(serve)));
  log('greeting', String((await once(raw, 'data'))[0]));
  for (const line of ['EHLO me.test', 'NOOP', 'STARTTLS'])
    await ask(raw, line);
  const client = upgrade(raw);
  await once(client, 'secureConnect');
  for (const line of ['EHLO me.test', 'MAIL FROM:<me@me.test>'])
    await ask(client, line);
  client.write('QUIT\r\n');
  log('rest', await read(client));
});
