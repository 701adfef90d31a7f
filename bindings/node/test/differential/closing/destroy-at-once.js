// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect } = require('../program');
const { record, closed } = require('../parts');

run(async () => {
  const client = connect(await listen(tls.createServer(certs.ec)));
  record('client', client, 'secureConnect', 'end', 'error', 'close');
  log('itself', client.destroy() === client, client.destroyed);
  await closed(client);
  log('state', client.readyState, client.connecting, client.pending);
});
