// SPDX-License-Identifier: MIT
'use strict';

const os = require('node:os');
const { tls, log, certs, run, use, listen, once } = require('../program');

const hasIt = Object.values(os.networkInterfaces()).flat()
  .some(({ address }) => address === '::1');

run(async () => {
  if (!hasIt) log.skip('no ::1 here');
  const server = tls.createServer(certs.ec);
  const port = await listen(server, 0, '::1');
  const arrival = once(server, 'secureConnection');
  const client = use(tls.connect({ port, host: '::1', ca: certs.ca }));
  const [socket] = await arrival;
  for (const each of [client, socket])
    log('six', each.remoteAddress, each.remoteFamily, each.localAddress);
  log('server', server.address().address, server.address().family);
});
