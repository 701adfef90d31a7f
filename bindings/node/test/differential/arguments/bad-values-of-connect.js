// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, run, use } = require('../program');

const BAD = {
  host: 5,
  key: 5,
  cert: {},
  ca: 5,
  passphrase: 5,
  ciphers: 1,
  minVersion: 'SSLv3',
  maxVersion: 'TLSv1.4',
  ecdhCurve: 5,
  sigalgs: '',
  secureContext: {},
  timeout: 'soon',
  lookup: 'no function',
  localPort: 'text',
  localAddress: 'text',
  signal: 5,
};

function thrown(name, value) {
  try {
    const options = { port: 1, host: '127.0.0.1', [name]: value };
    use(tls.connect(options)).on('error', () => {});
    return 'nothing';
  } catch (error) {
    return error;
  }
}

run(async () => {
  for (const [name, value] of Object.entries(BAD))
    log(name, value, thrown(name, value));
  log('ALPNProtocols', thrown('ALPNProtocols', 'http/1.1').name);
  for (const name of ['checkServerIdentity', 'minDHSize']) {
    log.hosts({ 20: 'ERR_INTERNAL_ASSERTION', 26: 'ERR_INVALID_ARG_TYPE',
      tlstream: 'ERR_INVALID_ARG_TYPE' }, thrown(name, 'text').code);
  }
});
