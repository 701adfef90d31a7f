// SPDX-License-Identifier: MIT
// The package under test: the one that Meson has put together, or this folder.
'use strict';
const path = require('path');

const home = process.env.TLSTREAM_MODULE || path.join(__dirname, '../..');

module.exports = {
  home,
  root: path.join(__dirname, '../../../..'),
  file: (name) => path.join(home, name),
  lib: (name) => require(path.join(home, 'lib', name)),
  api: (name = 'index') => require(path.join(home, name)),
};
