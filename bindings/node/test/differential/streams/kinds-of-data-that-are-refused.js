// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { refusal } = require('../parts');

run(async () => {
  const { client } = await pair(certs.ec);
  for (const value of [undefined, 5, true, {}, [1], Symbol('x'), () => {}])
    log(typeof value, refusal(() => client.write(value)));
  log('null', refusal(() => client.write(null)));
  log('encoding', refusal(() => client.write('x', 'klingon')));
  log('default', refusal(() => client.setDefaultEncoding('klingon')));
  log('to read', refusal(() => client.setEncoding('klingon')));
  log('end', refusal(() => client.end(5)));
  log('unharmed', client.destroyed, client.writable);
});
