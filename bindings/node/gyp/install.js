// SPDX-License-Identifier: MIT
// What `npm install` runs in the package's folder.
'use strict';
const fs = require('fs');
const { build } = require('./build');

if (build([])) {
  fs.rmSync('build/Release/obj.target', { recursive: true, force: true });
} else {
  process.stderr.write('tlstream: the addon was not built, see above. It is ' +
    'compiled on the machine that runs it, with a C compiler, make, Python 3 ' +
    'and the headers of Node, of its OpenSSL and of its libuv.\n');
  process.exitCode = 1;
}
