// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, listen, once, read } =
  require('../program');
const { plain } = require('../parts');

class Session {
  constructor(socket) {
    this.mail = '';
    this.use(socket);
    socket.write('220 mail.test ESMTP\r\n');
  }

  use(socket) {
    this.socket = socket;
    this.listener = (data) => this.lines(String(data));
    socket.on('data', this.listener);
  }

  lines(text) {
    for (const line of text.split('\r\n').filter(Boolean)) this.line(line);
  }

  line(line) {
    const [word] = line.split(/[ :]/);
    if (this.inData) this.dataLine(line);
    else if (this[word]) this[word](line);
    else this.socket.write('500 what?\r\n');
  }

  dataLine(line) {
    if (line !== '.') this.mail += `${line}\n`;
    else {
      this.inData = false;
      this.socket.write(`250 took ${this.mail.length} bytes\r\n`);
    }
  }

  EHLO() {
    this.socket.write(this.socket.encrypted ? '250 AUTH\r\n' :
      '250 STARTTLS\r\n');
  }

  STARTTLS() {
    const raw = this.socket;
    raw.off('data', this.listener);
    raw.write('220 go ahead\r\n');
    this.use(use(new tls.TLSSocket(raw, { isServer: true, ...certs.ec })));
  }

  DATA() {
    this.inData = true;
    this.socket.write('354 go on\r\n');
  }

  QUIT() {
    this.socket.end('221 bye\r\n');
  }
}

async function say(socket, text) {
  socket.write(`${text}\r\n`);
  log(text.split('\r\n')[0], String((await once(socket, 'data'))[0]));
}

run(async () => {
  const raw = plain(await listen(net.createServer((each) =>
    new Session(each))));
  log('greeting', String((await once(raw, 'data'))[0]));
  for (const line of ['EHLO me', 'DANCE', 'STARTTLS']) await say(raw, line);
  const client = use(tls.connect({ socket: raw, ca: certs.ca,
    servername: 'localhost' }));
  await once(client, 'secureConnect');
  for (const text of ['EHLO me', 'DATA', 'a line\r\nanother one\r\n.'])
    await say(client, text);
  client.write('QUIT\r\n');
  log('end', await read(client));
});
