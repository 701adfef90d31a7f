// SPDX-License-Identifier: MIT
'use strict';

const fs = require('node:fs');
const { pipeline } = require('node:stream/promises');
const zlib = require('node:zlib');
const { tls, log, certs, run, listen, connect, once } = require('../program');
const { bytes, digest } = require('../parts');

run(async () => {
  fs.writeFileSync('sent', bytes(3 * 1024 * 1024));
  const server = tls.createServer(certs.ec);
  const port = await listen(server);
  const arrival = once(server, 'secureConnection');
  const sent = pipeline(fs.createReadStream('sent'), zlib.createGzip(),
    connect(port).resume());
  const [socket] = await arrival;
  await pipeline(socket, zlib.createGunzip(), fs.createWriteStream('got'));
  await sent;
  const [before, after] = ['sent', 'got'].map((each) => fs.readFileSync(each));
  log('length', after.length);
  log('the same', await digest(before) === await digest(after));
});
