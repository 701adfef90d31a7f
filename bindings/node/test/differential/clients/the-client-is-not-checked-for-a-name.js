// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  const { socket } = await meet({ ...certs.ec, ca: certs.ca, requestCert: true,
    checkServerIdentity: () => log('never asked') }, certs.client);
  log('authorized', socket.authorized);
});
