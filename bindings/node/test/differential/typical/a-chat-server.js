// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once, waitFor } =
  require('../program');

function chatServer() {
  const guests = new Set();
  const sendToAll = (text, from) => {
    for (const each of guests) if (each !== from) each.write(`${text}\n`);
  };
  return tls.createServer(certs.ec, (socket) => {
    socket.setEncoding('utf8');
    guests.add(socket);
    sendToAll('a user came', socket);
    socket.on('data', (text) => sendToAll(text.trim(), socket));
    socket.on('close', () => {
      guests.delete(socket);
      sendToAll('a user left');
    });
    socket.write('welcome\n');
  });
}

async function join(port, name) {
  const client = connect(port).setEncoding('utf8');
  client.output = '';
  client.on('data', (text) => log.as(name)(text.trim()));
  client.on('data', (text) => { client.output += text; });
  await once(client, 'data');
  return client;
}

function hears(client, text) {
  return waitFor(text, new Promise((done) => client.on('data', () => {
    if (client.output.includes(text)) done();
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
