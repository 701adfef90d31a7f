// SPDX-License-Identifier: MIT
// Build the addon in the current folder with the node-gyp that comes with npm,
// without a network. What it says is shown only when it fails.
'use strict';
const fs = require('fs');
const path = require('path');
const { execFileSync, spawnSync } = require('child_process');
const headers = require('./headers');

// Where a command is, links followed.
function which(command) {
  for (const folder of (process.env.PATH || '').split(path.delimiter)) {
    const file = path.join(folder, command);
    if (folder && fs.existsSync(file)) return fs.realpathSync(file);
  }
  return null;
}

function nodeGyp() {
  const inside = 'node_modules/node-gyp/bin/node-gyp.js';
  const npm = [which('npm'), path.join(path.dirname(process.execPath), 'npm')]
    .filter((each) => each && fs.existsSync(each))
    .map((each) => path.join(fs.realpathSync(each), '../..', inside));
  const prefix = path.dirname(path.dirname(process.execPath));
  return [process.env.npm_config_node_gyp, ...npm,
    path.join(prefix, 'lib/node_modules/npm', inside),
    '/usr/share/nodejs/node-gyp/bin/node-gyp.js', which('node-gyp')]
    .find((each) => each && fs.existsSync(each));
}

function check() {
  const { nodedir, faults } = headers.find();
  const python = [process.env.npm_config_python, process.env.PYTHON];
  const compilers = process.env.CC ? [process.env.CC.split(' ').pop()]
    : ['cc', 'gcc', 'clang'];
  const gyp = nodeGyp();
  if (!compilers.some(which)) {
    faults.push('a C compiler is missing (Debian: build-essential)');
  }
  if (!which('make')) faults.push('make is missing (Debian: build-essential)');
  if (!python.some(Boolean) && !which('python3') && !which('python')) {
    faults.push('Python 3 is missing, which node-gyp is written in ' +
      '(Debian: python3)');
  }
  if (!gyp) faults.push('node-gyp is missing, which comes with npm');
  return { nodedir, gyp, faults };
}

// gyp runs `node` for our own scripts: let it be this one.
function environment() {
  const env = { ...process.env };
  const folder = path.dirname(process.execPath);
  env.PATH = `${folder}${path.delimiter}${env.PATH || ''}`;
  // make does not know that it was started by another make.
  delete env.MAKEFLAGS;
  delete env.MFLAGS;
  if (!env.CC && which('ccache') && which('gcc')) env.CC = 'ccache gcc';
  return env;
}

function run(gyp, args) {
  const all = [gyp, ...args];
  const done = spawnSync(process.execPath, all,
    { env: environment(), encoding: 'utf8', maxBuffer: 1 << 26 });
  if (done.status === 0) return true;
  process.stderr.write(`${done.stdout || ''}${done.stderr || ''}`);
  process.stderr.write(`tlstream: node-gyp failed: ${all.join(' ')}\n`);
  return false;
}

// The list of sources is read when gyp configures, which is only needed anew
// when what it read has changed.
function stamp(nodedir) {
  const library = path.join(__dirname, 'library.js');
  const sources = execFileSync(process.execPath, [library, 'sources']);
  return `${process.version} ${nodedir}\n` +
    `${sources}${fs.readFileSync('binding.gyp')}`;
}

// Returns whether build/Release/tlstream.node is there and current. `args` go
// to node-gyp.
function build(args) {
  const { nodedir, gyp, faults } = check();
  if (faults.length > 0) {
    faults.forEach((each) => process.stderr.write(`tlstream: ${each}\n`));
    return false;
  }
  const now = stamp(nodedir);
  const file = path.join('build', 'configured.txt');
  const options = [`--nodedir=${nodedir}`, ...args];
  if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== now) {
    if (!run(gyp, ['configure', ...options])) return false;
    fs.writeFileSync(file, now);
  }
  return run(gyp, ['build', '-j', '2', ...options]);
}

module.exports = { build };
if (require.main === module) {
  process.exitCode = build(process.argv.slice(2)) ? 0 : 1;
}
