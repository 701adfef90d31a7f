// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once, waitFor } =
  require('../program');

function chatServer() {
  const guests = new Set();
  const tellAll = (text, from) => {
    for (const each of guests) if (each !== from) each.write(`${text}\n`);
  };
  return tls.createServer(certs.ec, (socket) => {
    socket.setEncoding('utf8');
    guests.add(socket);
    tellAll('somebody came', socket);
    socket.on('data', (text) => tellAll(text.trim(), socket));
    socket.on('close', () => {
      guests.delete(socket);
      tellAll('somebody left');
    });
    socket.write('welcome\n');
  });
}

async function join(port, name) {
  const client = connect(port).setEncoding('utf8');
  client.said = '';
  client.on('data', (text) => log.as(name)(text.trim()));
  client.on('data', (text) => { client.said += text; });
  await once(client, 'data');
  return client;
}

function hears(client, text) {
  return waitFor(text, new Promise((done) => client.on('data', () => {
    if (client.said.includes(text)) done();
  })));
}

run(async () => {
  const port = await listen(chatServer());
  const ann = await join(port, 'ann');
  let heard = hears(ann, 'came');
  const bob = await join(port, 'bob');
  await heard;
  heard = hears(bob, 'hello bob');
  ann.write('hello bob\n');
  await heard;
  heard = hears(ann, 'left');
  bob.end();
  await heard;
});
