// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

const METHODS = ['address', 'connect', 'cork', 'destroy', 'destroySoon', 'end',
  'getCertificate', 'getCipher', 'getPeerCertificate', 'getProtocol',
  'isPaused', 'pause', 'pipe', 'read', 'ref', 'resetAndDestroy', 'resume',
  'setEncoding', 'setKeepAlive', 'setNoDelay', 'setTimeout', 'uncork',
  'unpipe', 'unref', 'unshift', 'wrap', 'write', 'on', 'once', 'off', 'emit'];

run(async () => {
  const { client, server } = await pair(certs.ec);
  for (const name of METHODS) log(name, typeof client[name]);
  for (const name of ['addContext', 'address', 'close', 'getConnections',
    'listen', 'ref', 'setSecureContext', 'unref'])
    log(`server.${name}`, typeof server[name]);
});
