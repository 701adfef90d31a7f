// SPDX-License-Identifier: MIT
'use strict';

const { run, log, attempt } = require('../program');

run(async () => {
  const { client } = await attempt({}, { maxVersion: 'TLSv1.2' });
  log('protocol', client.getProtocol());
});
