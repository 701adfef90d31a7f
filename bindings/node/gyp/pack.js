// SPDX-License-Identifier: MIT
// What npm runs round `npm pack`: the library's sources and the licence travel
// in the package. `--clean` takes them out of the folder again.
'use strict';
const fs = require('fs');
const path = require('path');

const here = path.join(__dirname, '..');
const root = path.join(here, '..', '..');
const library = path.join(here, 'library');
const licence = path.join(here, 'LICENSE');

function isSource(file) {
  return fs.statSync(file).isDirectory() ||
    /\.([ch]|in|txt)$/.test(path.basename(file));
}

fs.rmSync(library, { recursive: true, force: true });
fs.rmSync(licence, { force: true });
if (!process.argv.includes('--clean')) {
  for (const name of ['include', 'src']) {
    fs.cpSync(path.join(root, name), path.join(library, name),
      { recursive: true, filter: isSource });
  }
  fs.copyFileSync(path.join(root, 'LICENSE'), licence);
}
