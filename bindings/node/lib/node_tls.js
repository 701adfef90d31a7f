// SPDX-License-Identifier: MIT
// Node's own tls, also where lib/api/register.js has replaced `require('tls')`:
// the replacement has Node's in a property.
'use strict';
const tls = require('tls');

const nodeTls = Symbol.for('tlstream.node.tls');

module.exports = tls[nodeTls] || tls;
