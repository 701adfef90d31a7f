// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, read } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  const order = [];
  client.cork();
  for (let i = 0; i < 1000; i++)
    client.write(`${i},`, i % 2 ? 'latin1' : 'utf8', () => order.push(i));
  client.uncork();
  client.end();
  const text = await read(socket);
  log('arrived in order', text === [...Array(1000).keys(), ''].join(','));
  log('called in order', order.join() === [...Array(1000).keys()].join());
});
