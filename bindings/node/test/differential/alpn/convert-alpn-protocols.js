// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, run } = require('../program');

run(async () => {
  for (const list of [['a', 'bc'], ['http/1.1'], []]) {
    const out = {};
    tls.convertALPNProtocols(list, out);
    log('list', list, out.ALPNProtocols);
  }
  const bytes = Buffer.from('\x02h2');
  const out = {};
  tls.convertALPNProtocols(bytes, out);
  log('bytes', out.ALPNProtocols, 'a copy', out.ALPNProtocols !== bytes);
});
