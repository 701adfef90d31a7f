// SPDX-License-Identifier: MIT
'use strict';

const { tls, certs, run, listen, connect } = require('../program');
const { record, closed } = require('../parts');

run(async () => {
  const client = connect(await listen(tls.createServer(certs.ec)));
  record('client', client, 'secureConnect', 'end', 'error', 'close');
  client.destroy(Object.assign(new Error('no more'), { code: 'EMINE' }));
  client.destroy(new Error('the first one counts'));
  await closed(client);
});
