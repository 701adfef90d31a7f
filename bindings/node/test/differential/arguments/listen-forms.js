// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, once } = require('../program');

async function address(...where) {
  const server = use(tls.createServer(certs.ec));
  const result = server.listen(...where, () => log('callback'));
  await once(server, 'listening');
  log('returns itself', result === server);
  return server.address();
}

run(async () => {
  log('port and host', await address(0, '127.0.0.1'));
  log('object', await address({ port: 0, host: '127.0.0.1' }));
  log('path', await address('./socket'));
  log('nothing', net.isIP((await address()).address) > 0);
});
