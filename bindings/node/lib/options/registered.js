// SPDX-License-Identifier: MIT
'use strict';

// The property of `process` whose value is the registered API, if there is one
// (register.js).
const kRegistered = Symbol.for('tlstream.registered');

// A program that runs with `tlstream/register` was written for Node's tls, and
// does not expect what only tlstream does.
function isRegistered() {
  return kRegistered in process;
}

module.exports = { isRegistered, kRegistered };
