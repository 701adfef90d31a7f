// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, attempt } = require('../program');

function SNICallback(servername, callback) {
  setImmediate(callback, new TypeError('later'));
}

run(async () => {
  const { server } = await attempt({ ...certs.ec, SNICallback }, {},
    { sides: ['server'] });
  log('still listening', server.listening);
});
