// SPDX-License-Identifier: MIT
// A package whose install script has not been run, or ran on another machine.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { file } = require('./support/home');
const { makeFolder } = require('./support/folder');
const { runNode } = require('./support/run');

function copy() {
  const folder = makeFolder();
  for (const name of ['index.js', 'lib', 'package.json']) {
    fs.cpSync(file(name), path.join(folder, name),
      { recursive: true, dereference: true });
  }
  return folder;
}

async function load(folder) {
  const { stdout } = await runNode(['-e', `
    try {
      require(${JSON.stringify(folder)});
    } catch ({ code, message }) {
      console.log(code, message);
    }`]);
  return stdout;
}

test('an addon that is not built says what to run', async () => {
  const folder = copy();
  const said = await load(folder);
  assert.match(said, /^MODULE_NOT_FOUND .*it has not been built.* Run `node /);
  assert.ok(said.includes(`\`node gyp/install.js\` in ${folder}`));
});

test('an addon of another machine says what to run', async () => {
  const folder = copy();
  fs.mkdirSync(path.join(folder, 'build/Release'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'build/Release/tlstream.node'), 'nothing');
  assert.match(await load(folder),
    /^ERR_DLOPEN_FAILED .* built for another Node .* Run `node gyp\/install/);
});
