// SPDX-License-Identifier: MIT
'use strict';

const stream = require('node:stream');
const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  const usual = stream.getDefaultHighWaterMark(false);
  for (const each of [client, socket]) {
    log('as everywhere', each.readableHighWaterMark === usual,
      each.writableHighWaterMark === usual);
    log('modes', each.readableObjectMode, each.writableObjectMode);
  }
});
