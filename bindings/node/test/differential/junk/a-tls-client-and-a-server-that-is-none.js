// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { log, run, listen, connect } = require('../program');
const { closed } = require('../parts');

const GREETINGS = {
  http: 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n',
  ssh: 'SSH-2.0-OpenSSH_9.6\r\n',
  smtp: '220 mail.test ESMTP ready\r\n',
  zeros: '\0'.repeat(64),
};

run(async () => {
  for (const [name, greeting] of Object.entries(GREETINGS)) {
    const server = net.createServer((raw) => {
      raw.on('error', () => {});
      raw.once('data', () => raw.end(greeting));
    });
    const client = connect(await listen(server));
    client.on('error', (error) => log(name, error, error.library));
    client.on('secureConnect', () => log('never'));
    await closed(client);
  }
});
