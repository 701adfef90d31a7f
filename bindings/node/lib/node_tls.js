// SPDX-License-Identifier: MIT
// Node's own tls, also where `require('tls')` gives ours: what takes its place
// carries it along.
'use strict';
const tls = require('tls');

const carried = Symbol.for('tlstream.node.tls');

module.exports = tls[carried] || tls;
