// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, run } = require('../program');

const CASES = [
  ['a.com', { subject: { CN: 'a.com' }, subjectaltname: 'DNS:a.com' }],
  ['a.com.', { subjectaltname: 'DNS:a.com' }],
  ['A.COM', { subjectaltname: 'DNS:a.com' }],
  ['b.com', { subjectaltname: 'DNS:a.com, DNS:b.com' }],
  ['x.a.com', { subjectaltname: 'DNS:*.a.com' }],
  ['x.y.a.com', { subjectaltname: 'DNS:*.a.com' }],
  ['a.com', { subjectaltname: 'DNS:*.a.com' }],
  ['a.com', { subjectaltname: 'DNS:*.com' }],
  ['a.com', { subject: { CN: 'a.com' }, subjectaltname: 'DNS:b.com' }],
  ['a.com', { subject: {}, subjectaltname: 'URI:http://a.com/' }],
  ['127.0.0.1', { subjectaltname: 'IP Address:127.0.0.1' }],
  ['127.0.0.2', { subjectaltname: 'IP Address:127.0.0.1' }],
  ['127.0.0.1', { subject: {}, subjectaltname: 'DNS:127.0.0.1' }],
  ['::1', { subjectaltname: 'IP Address:0:0:0:0:0:0:0:1' }],
  ['a.com', { subject: {} }],
  ['a.com', {}],
];

run(async () => {
  for (const [host, certificate] of CASES) {
    const error = tls.checkServerIdentity(host, certificate);
    log(host, certificate, error, error?.reason);
  }
});
