// SPDX-License-Identifier: MIT
'use strict';

const { certs, run, pair, exitsWith } = require('../program');

// As every 'error' without a listener: the end of the process.
run(async () => {
  exitsWith(1);
  const { client } = await pair(certs.ec);
  client.destroy(Object.assign(new Error('not heard'), { code: 'ESILENT' }));
  await new Promise(() => {});
});
