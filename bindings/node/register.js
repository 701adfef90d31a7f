// SPDX-License-Identifier: MIT
// node --require tlstream/register program.js: require('tls'), import 'tls' and
// crypto.createCredentials() are tlstream's in that program; with
// TLSTREAM_REGISTER=classic they are those of 2011.
'use strict';
const { install } = require('./lib/api/register');

const apis = { classic: './classic', modern: './index' };
const name = process.env.TLSTREAM_REGISTER || 'modern';

if (!Object.hasOwn(apis, name)) {
  throw new Error(`TLSTREAM_REGISTER is "${name}", but there are only ` +
    Object.keys(apis).join(' and '));
}
module.exports = install(require(apis[name]));
