// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

function ALPNCallback() {
  log('asked');
}

run(async () => {
  const { client } = await meet({ ...certs.ec, ALPNCallback }, {});
  log('agreed on', client.alpnProtocol);
});
