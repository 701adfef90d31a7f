// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, run } = require('../program');

const BAD = {
  key: 5,
  cert: {},
  ca: 5,
  passphrase: 5,
  ciphers: 1,
  minVersion: 'SSLv3',
  ecdhCurve: 5,
  sigalgs: '',
  dhparam: 5,
  handshakeTimeout: 'soon',
  sessionTimeout: 'long',
  sessionIdContext: 5,
  ticketKeys: Buffer.alloc(47),
  SNICallback: 'no function',
};

function thrown(options) {
  try {
    tls.createServer(options);
    return 'nothing';
  } catch (error) {
    return error;
  }
}

run(async () => {
  for (const [name, value] of Object.entries(BAD))
    log(name, value, thrown({ [name]: value }));
  for (const name of ['ALPNCallback', 'ALPNProtocols', 'secureOptions']) {
    log.differs('argument-checks', { node: undefined,
      tlstream: 'ERR_INVALID_ARG_TYPE' }, thrown({ [name]: 'text' }).code);
  }
  log.differs('argument-checks', { node: 'ERR_CRYPTO_OPERATION_FAILED',
    tlstream: 'ERR_INVALID_ARG_TYPE' }, thrown({ pfx: 5 }).code);
  for (const options of [5, 'text', true, Symbol.iterator])
    log('options', String(options), thrown(options));
});
