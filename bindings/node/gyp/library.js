// SPDX-License-Identifier: MIT
// Where the C library is, and what binding.gyp has to know of it: beside the
// package's own files when it was packed, two folders up in the repository.
// gyp runs this in the folder of binding.gyp.
'use strict';
const fs = require('fs');
const path = require('path');

function folder() {
  const found = ['library', '../..'].find((each) =>
    fs.existsSync(path.join(each, 'src', 'sources.txt')));
  if (found) return found;
  throw new Error('the sources of the tlstream library are missing');
}

function sources() {
  const src = `${folder()}/src`;
  const listed = fs.readFileSync(`${src}/sources.txt`, 'utf8').split('\n')
    .filter((line) => line.endsWith('.c'));
  const own = fs.readdirSync('src').filter((name) => name.endsWith('.c'));
  return [...own.sort().map((name) => `src/${name}`),
    ...listed.map((line) => `${src}/${line}`)];
}

function header(to) {
  const { version } = JSON.parse(fs.readFileSync('package.json', 'utf8'));
  const [major, minor, patch] = version.split('.');
  const values = { version, major, minor, patch };
  const template = `${folder()}/include/tlstream/version.h.in`;
  const text = fs.readFileSync(template, 'utf8')
    .replace(/@(\w+)@/g, (whole, name) => values[name]);
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.writeFileSync(to, text);
}

const [what, argument] = process.argv.slice(2);
if (what === 'folder') console.log(folder());
if (what === 'sources') console.log(sources().join('\n'));
if (what === 'header') header(argument);
