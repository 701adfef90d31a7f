// SPDX-License-Identifier: MIT
'use strict';

// The certificates of one run, made with the openssl command: node:tls and
// tlstream are shown the same ones. What they are called is in the lists
// below; programs see {name: {key, cert}} and texts for the authorities.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const PASSPHRASE = 'open sesame';
const LOCALHOST = 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1';
const AUTHORITY = 'basicConstraints=critical,CA:true\n' +
  'keyUsage=critical,keyCertSign,cRLSign';
const CLIENT = 'extendedKeyUsage=clientAuth';

const CONFIG = `
[req]
distinguished_name=subject
[subject]
[ca]
default_ca=authority
[authority]
database=index.txt
rand_serial=yes
unique_subject=no
default_md=sha256
default_crl_days=30
policy=any
preserve=yes
email_in_dn=yes
[any]
countryName=optional
organizationName=optional
organizationalUnitName=optional
commonName=optional
emailAddress=optional
`;

const RICH = `subjectAltName=DNS:localhost,DNS:*.rich.test,IP:127.0.0.1,` +
  `IP:2001:db8::1,email:me@rich.test,URI:https://rich.test/\n` +
  'extendedKeyUsage=serverAuth,clientAuth,1.2.3.4\n' +
  'authorityInfoAccess=OCSP;URI:http://ocsp.test/,' +
  'caIssuers;URI:http://ca.test/1,caIssuers;URI:http://ca.test/2';

// name: [authority, subject, extensions, more]
const SIGNED = {
  rsa: ['ca', '/CN=rsa', LOCALHOST, { rsa: true }],
  ec: ['ca', '/CN=ec', LOCALHOST],
  other: ['ca', '/CN=other', LOCALHOST],
  chained: ['intermediate', '/CN=chained', LOCALHOST],
  stranger: ['otherCa', '/CN=stranger', LOCALHOST],
  expired: ['ca', '/CN=expired', LOCALHOST,
    { from: '20200101000000Z', to: '20200201000000Z' }],
  future: ['ca', '/CN=future', LOCALHOST,
    { from: '20900101000000Z', to: '20910101000000Z' }],
  revoked: ['ca', '/CN=revoked', LOCALHOST],
  wrongName: ['ca', '/CN=localhost', 'subjectAltName=DNS:elsewhere.test'],
  addressOnly: ['ca', '/CN=address', 'subjectAltName=IP:127.0.0.1'],
  commonNameOnly: ['ca', '/CN=localhost', 'keyUsage=digitalSignature'],
  forClients: ['ca', '/CN=for-clients', `${LOCALHOST}\n${CLIENT}`],
  a: ['ca', '/CN=a', 'subjectAltName=DNS:a.test'],
  b: ['ca', '/CN=b', 'subjectAltName=DNS:b.test'],
  wild: ['ca', '/CN=wild', 'subjectAltName=DNS:*.wild.test'],
  partial: ['ca', '/CN=partial', 'subjectAltName=DNS:f*.partial.test'],
  rich: ['ca', '/C=DE/O=Rich & Sons/OU=One/OU=Two/CN=rich' +
    '/emailAddress=me@rich.test', RICH, { rsa: true }],
  client: ['ca', '/CN=client', CLIENT],
  clientRsa: ['ca', '/CN=client-rsa', CLIENT, { rsa: true }],
  clientExpired: ['ca', '/CN=client-expired', CLIENT,
    { from: '20200101000000Z', to: '20200201000000Z' }],
  clientStranger: ['otherCa', '/CN=client-stranger', CLIENT],
  clientChained: ['intermediate', '/CN=client-chained', CLIENT],
};

const SELF_SIGNED = {
  ca: ['/CN=Authority', AUTHORITY],
  otherCa: ['/CN=Other Authority', AUTHORITY],
  selfSigned: ['/CN=self-signed', LOCALHOST],
  clientSelfSigned: ['/CN=client-self-signed', CLIENT],
};

class Maker {
  constructor(folder) {
    this.folder = folder;
    this.write('openssl.cnf', CONFIG);
    this.write('index.txt', '');
  }

  file(name) {
    return path.join(this.folder, name);
  }

  write(name, text) {
    fs.writeFileSync(this.file(name), text, { mode: 0o600 });
  }

  read(name) {
    return fs.readFileSync(this.file(name), 'latin1');
  }

  openssl(...args) {
    execFileSync('openssl', args, {
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, OPENSSL_CONF: this.file('openssl.cnf') },
    });
  }

  key(name, rsa) {
    const kind = rsa ? ['RSA', '-pkeyopt', 'rsa_keygen_bits:2048']
      : ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    this.openssl('genpkey', '-algorithm', ...kind, '-out', `${name}.key`);
  }

  selfSigned(name, subject, extensions) {
    this.key(name);
    this.openssl('req', '-x509', '-new', '-key', `${name}.key`, '-out',
      `${name}.pem`, '-days', '30', '-subj', subject,
      ...extensions.split('\n').flatMap((each) => ['-addext', each]));
  }

  signed(name, authority, subject, extensions, more = {}) {
    const lifetime = more.from ?
      ['-startdate', more.from, '-enddate', more.to] : ['-days', '30'];
    this.key(name, more.rsa);
    this.write(`${name}.ext`, `${extensions}\n`);
    this.openssl('req', '-new', '-key', `${name}.key`, '-subj', subject,
      '-out', `${name}.csr`);
    this.openssl('ca', '-batch', '-notext', '-config', 'openssl.cnf',
      '-in', `${name}.csr`, '-out', `${name}.pem`, '-outdir', '.',
      '-cert', `${authority}.pem`, '-keyfile', `${authority}.key`,
      '-extfile', `${name}.ext`, ...lifetime);
  }

  identity(name) {
    return { key: this.read(`${name}.key`), cert: this.read(`${name}.pem`) };
  }

  encrypted(name, from, ...how) {
    this.openssl(...how, '-in', `${from}.key`, '-out', `${name}.key`,
      '-passout', `pass:${PASSPHRASE}`);
    return { key: this.read(`${name}.key`), cert: this.read(`${from}.pem`),
      passphrase: PASSPHRASE };
  }

  pfx(name, from, passphrase) {
    this.openssl('pkcs12', '-export', '-inkey', `${from}.key`, '-in',
      `${from}.pem`, '-out', `${name}.p12`, '-passout', `pass:${passphrase}`,
      '-certfile', 'ca.pem');
    return { file: this.file(`${name}.p12`), passphrase };
  }

  revocations() {
    const as = ['-config', 'openssl.cnf', '-cert', 'ca.pem', '-keyfile',
      'ca.key'];
    this.openssl('ca', ...as, '-gencrl', '-out', 'crl-empty.pem');
    this.openssl('ca', ...as, '-revoke', 'revoked.pem');
    this.openssl('ca', ...as, '-gencrl', '-out', 'crl.pem');
    return { crl: this.read('crl.pem'), emptyCrl: this.read('crl-empty.pem') };
  }
}

function withChain(identity, intermediate) {
  return { ...identity, chain: identity.cert + intermediate };
}

function special(maker, all) {
  const { ca, otherCa, intermediate } = all;
  return {
    folder: maker.folder,
    ca: ca.cert,
    otherCa: otherCa.cert,
    intermediate: intermediate.cert,
    chained: withChain(all.chained, intermediate.cert),
    clientChained: withChain(all.clientChained, intermediate.cert),
    encrypted: maker.encrypted('encrypted', 'ec', 'pkcs8', '-topk8'),
    encryptedRsa: maker.encrypted('encrypted-rsa', 'rsa', 'rsa', '-aes256',
      '-traditional'),
    pfx: maker.pfx('server', 'ec', PASSPHRASE),
    pfxOpen: maker.pfx('open', 'rsa', ''),
    ...maker.revocations(),
  };
}

// Fills the folder with files and gives what programs see as `certs`.
function make(folder) {
  const maker = new Maker(folder);
  const all = {};
  for (const [name, about] of Object.entries(SELF_SIGNED))
    maker.selfSigned(name, ...about);
  maker.signed('intermediate', 'ca', '/CN=Intermediate', AUTHORITY);
  for (const [name, about] of Object.entries(SIGNED))
    maker.signed(name, ...about);
  for (const name of ['intermediate', ...Object.keys(SELF_SIGNED),
    ...Object.keys(SIGNED)])
    all[name] = maker.identity(name);
  return { ...all, ...special(maker, all) };
}

module.exports = { Maker, make };
