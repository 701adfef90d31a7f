// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

function thrown(socket, name) {
  try {
    socket.setServername(name);
    return 'nothing';
  } catch (error) {
    return error;
  }
}

run(async () => {
  const { client, socket } = await pair(certs.ec, {});
  log('a number', thrown(client, 5));
  log('a server', thrown(socket, 'a.test'));
});
