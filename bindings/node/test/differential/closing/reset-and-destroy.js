// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, waitFor } = require('../program');
const { closed, refusal } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  const error = waitFor('the other side', new Promise((done) => {
    socket.resume().on('error', ({ code }) => done(code))
      .on('close', () => done('no error'));
  }));
  const result = refusal(() => client.resetAndDestroy());
  client.destroy();
  await closed(client);
  log.differs('reset', {
    node: ['ERR_INVALID_HANDLE_TYPE', 'no error'],
    tlstream: ['itself', 'ECONNRESET'],
  }, [result === client ? 'itself' : result.code, await error]);
});
