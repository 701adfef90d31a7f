// SPDX-License-Identifier: MIT
'use strict';

const { certs, run, pair } = require('../program');
const { record, closed } = require('../parts');

const EVENTS = ['prefinish', 'finish', 'end', 'error', 'close'];

run(async () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    const { client, socket } = await pair(certs.ec, { maxVersion });
    record(`client ${maxVersion}`, client.resume(), ...EVENTS);
    record(`server ${maxVersion}`, socket.resume(), ...EVENTS);
    socket.end('bye');
    await closed(client, socket);
  }
});
