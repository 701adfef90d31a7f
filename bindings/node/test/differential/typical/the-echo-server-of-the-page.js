// SPDX-License-Identifier: MIT
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { tls, log, certs, run, listen, connect, once } = require('../program');

const file = (name) => fs.readFileSync(path.join(certs.folder, name));

run(async () => {
  const options = { key: file('rsa.key'), cert: file('rsa.pem') };
  const server = tls.createServer(options, function (cleartextStream) {
    cleartextStream.setEncoding('utf8');
    cleartextStream.write('welcome!\n');
    cleartextStream.pipe(cleartextStream);
  });
  const port = await listen(server);
  const stream = connect(port, { ca: [file('ca.pem')] });
  stream.setEncoding('utf8');
  log('greeting', (await once(stream, 'data'))[0]);
  stream.write('echo?\n');
  log('echo', (await once(stream, 'data'))[0]);
  stream.end();
  await once(stream, 'end');
  log('authorized', stream.authorized);
});
