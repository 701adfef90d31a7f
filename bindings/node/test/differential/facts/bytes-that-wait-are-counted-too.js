// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const client = connect(await listen(tls.createServer(certs.ec)));
  client.write('before anything');
  client.write('414243', 'hex');
  log('before', client.bytesWritten, client.writableLength);
  await once(client, 'secureConnect');
  log('secure', client.bytesWritten);
  client.cork();
  client.write('four');
  log('corked', client.bytesWritten);
  client.uncork();
});
