// SPDX-License-Identifier: MIT
// The trusted roots without the option `ca`: those of
// setDefaultCACertificates(), or else the system's, which the engine reads, and
// NODE_EXTRA_CA_CERTS.
'use strict';
const fs = require('fs');
const { X509Certificate } = require('crypto');

const KIND = '(?:TRUSTED |X509 )?CERTIFICATE-----';
const PEM = new RegExp(`-----BEGIN ${KIND}[^]*?-----END ${KIND}`, 'g');

let extra; // read once
let replaced = null;

function certificatesIn(text) {
  return text.match(PEM) || [];
}

// As in Node, a file that cannot be used is a warning, not an error.
function readExtra(file) {
  try {
    const found = certificatesIn(fs.readFileSync(file, 'latin1'));
    found.forEach((each) => new X509Certificate(each));
    if (found.length === 0) throw new Error('there is no certificate in it');
    return found;
  } catch (error) {
    process.emitWarning(`Ignoring extra certs from \`${file}\`, load failed: ` +
      error.message);
    return [];
  }
}

// A setuid program must not trust its caller's environment.
function isPrivileged() {
  return Boolean(process.getuid) && (process.getuid() !== process.geteuid() ||
    process.getgid() !== process.getegid());
}

/**
 * The certificates that NODE_EXTRA_CA_CERTS names, as PEM.
 */
function extraRoots() {
  if (extra === undefined) {
    const file = process.env.NODE_EXTRA_CA_CERTS;
    extra = file && !isPrivileged() ? readExtra(file) : [];
  }
  return extra;
}

/**
 * The engine's options for a context without `ca`.
 */
function defaultTrust() {
  if (replaced) return { ca: replaced.map((each) => Buffer.from(each)) };
  const more = extraRoots();
  // Said outright: as in Node, it is also what a server that asks for
  // certificates and has no `ca` trusts.
  if (more.length === 0) return { addSystemRoots: true };
  return { ca: more.map((each) => Buffer.from(each)), addSystemRoots: true };
}

/**
 * Set the roots of contexts without `ca` that are made from now on.
 */
function setDefaultRoots(certificates) {
  replaced = certificates;
}

module.exports = {
  certificatesIn, defaultTrust, extraRoots, setDefaultRoots,
  replacedRoots: () => replaced,
};
