// SPDX-License-Identifier: MIT
// A folder for a test's files, removed after the tests, and keys and
// certificates in it, made with the openssl command.
'use strict';
const fs = require('fs');
const os = require('os');
const path = require('path');
const { after } = require('node:test');
const { Maker } = require('../differential/certificates');

const LOCALHOST = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
const AUTHORITY = 'basicConstraints=critical,CA:true\n' +
  'keyUsage=critical,keyCertSign,cRLSign';

function makeFolder() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tlstream-test-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

// Keys and certificates, with an authority "ca" to sign them.
function makeCertificates() {
  const maker = new Maker(makeFolder());
  maker.selfSigned('ca', '/CN=Test Authority', AUTHORITY);
  return maker;
}

module.exports = { AUTHORITY, LOCALHOST, makeCertificates, makeFolder };
