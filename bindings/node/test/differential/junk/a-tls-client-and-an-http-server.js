// SPDX-License-Identifier: MIT
'use strict';

const http = require('node:http');
const { log, run, listen, connect } = require('../program');
const { closed } = require('../parts');

run(async () => {
  const client = connect(await listen(http.createServer()));
  client.on('error', (error) => log('error', error));
  client.on('close', (hadError) => log('close', hadError));
  await closed(client);
});
