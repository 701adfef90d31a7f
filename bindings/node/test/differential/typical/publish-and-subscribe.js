// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, waitFor } =
  require('../program');

function eachLine(socket, take) {
  let rest = '';
  socket.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    lines.forEach((line) => take(JSON.parse(line)));
  });
}

const send = (socket, value) => socket.write(`${JSON.stringify(value)}\n`);

function broker() {
  const topics = new Map();
  return tls.createServer(certs.ec, (socket) => eachLine(socket, (message) => {
    const { topic, subscribe, value } = message;
    if (!topics.has(topic)) topics.set(topic, new Set());
    if (subscribe) {
      topics.get(topic).add(socket);
      send(socket, { topic, subscribed: true });
    } else {
      for (const each of topics.get(topic)) send(each, { topic, value });
    }
  }));
}

run(async () => {
  const port = await listen(broker());
  const [listener, speaker] = [connect(port), connect(port)];
  await waitFor('all messages', new Promise((done) => {
    eachLine(listener, (message) => {
      log('message', message);
      if (message.subscribed) {
        for (const value of [1, { two: 2 }, 'three'])
          send(speaker, { topic: 'news', value });
      }
      if (message.value === 'three') done();
    });
    send(listener, { topic: 'news', subscribe: true });
  }));
});
