// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

function ALPNCallback() {
  log('asked');
}

run(async () => {
  const { client } = await pair({ ...certs.ec, ALPNCallback }, {});
  log('agreed on', client.alpnProtocol);
});
