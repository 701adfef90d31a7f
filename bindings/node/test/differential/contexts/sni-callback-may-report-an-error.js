// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, attempt } = require('../program');

function SNICallback(servername, callback) {
  const error = new Error('the database is gone');
  error.code = 'NO_DATABASE';
  callback(error);
}

run(async () => {
  const { server } = await attempt({ ...certs.ec, SNICallback }, {},
    { sides: ['server'] });
  log('still listening', server.listening);
});
