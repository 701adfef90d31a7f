// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { collect, closed } = require('../parts');

const WAYS = {
  'end and destroy': (each) => each.end().destroy(),
  'destroy twice': (each) => each.destroy().destroy(),
  'end twice and destroySoon': (each) => {
    each.end().end();
    each.destroySoon();
  },
  'destroy in close': (each) => {
    each.once('close', () => each.destroy());
    each.destroy();
  },
  'destroy in end': (each) => {
    each.once('end', () => each.destroy());
    each.resume().end();
  },
  'destroy in finish': (each) => {
    each.once('finish', () => each.destroy());
    each.end();
  },
};

run(async () => {
  for (const [name, way] of Object.entries(WAYS)) {
    const { client, socket } = await pair(certs.ec);
    socket.on('error', () => {}).resume();
    const seen = collect(client, 'close', 'error');
    way(client);
    await closed(client, socket);
    log(name, seen);
  }
});
