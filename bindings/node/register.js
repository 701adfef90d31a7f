// SPDX-License-Identifier: MIT
// node --require tlstream/register program.js: what the program gets for
// require('tls'), import 'tls' and crypto.createCredentials() is ours.
// TLSTREAM_REGISTER=classic has it get the page of 2011.
'use strict';
const { install } = require('./lib/api/register');

const doors = { classic: './classic', modern: './index' };
const name = process.env.TLSTREAM_REGISTER || 'modern';

if (!Object.hasOwn(doors, name)) {
  throw new Error(`TLSTREAM_REGISTER is "${name}", but there are only ` +
    Object.keys(doors).join(' and '));
}
module.exports = install(require(doors[name]));
