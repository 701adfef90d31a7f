// SPDX-License-Identifier: MIT
'use strict';

// arguments: --no-warnings

const { tls, log, certs, run, listen, connect, once } = require('../program');
const { refusal } = require('../parts');

// Node warns once and asks for it; here it is what the certificate has to have,
// and the warning is Node's.
run(async () => {
  const warnings = [];
  process.on('warning', ({ name, code }) => warnings.push([name, code]));
  const port = await listen(tls.createServer(certs.ec));
  const client = refusal(() => connect(port, { servername: '127.0.0.1' }));
  const isRefused = client instanceof Error;
  log.hosts({ 20: false, 26: true, tlstream: false }, isRefused);
  const seen = isRefused ? [] : await once(client, 'secureConnect');
  log('seen', seen);
  const other = refusal(() => connect(port, { servername: '127.0.0.2' }));
  const [error] = isRefused ? [other] : await once(other, 'error');
  log.hosts({ 20: 'ERR_TLS_CERT_ALTNAME_INVALID', 26: 'ERR_INVALID_ARG_VALUE',
    tlstream: 'ERR_TLS_CERT_ALTNAME_INVALID' }, error.code);
  log.hosts({ 20: [['DeprecationWarning', 'DEP0123']], 26: [],
    tlstream: [['DeprecationWarning', 'DEP0123']] }, warnings);
});
