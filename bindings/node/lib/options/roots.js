// SPDX-License-Identifier: MIT
// Whom to trust when `ca` is not given: the system's roots, which the engine
// reads, and what NODE_EXTRA_CA_CERTS adds. Or what the program has set.
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

// A file that cannot be used is worth a warning, not a failure: Node's rule.
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

// Somebody else's environment must not decide for a privileged program.
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
 * What a context without `ca` trusts, as the engine's options.
 */
function defaultTrust() {
  if (replaced) return { ca: replaced.map((each) => Buffer.from(each)) };
  const more = extraRoots();
  if (more.length === 0) return {};
  return { ca: more.map((each) => Buffer.from(each)), addSystemRoots: true };
}

/**
 * Replace what contexts trust that are made from now on without `ca`.
 */
function setDefaultRoots(certificates) {
  replaced = certificates;
}

module.exports = {
  certificatesIn, defaultTrust, extraRoots, setDefaultRoots,
  replacedRoots: () => replaced,
};
