// SPDX-License-Identifier: MIT
// The headers of the Node that runs this, its OpenSSL's and its libuv's: the
// folder to give to node-gyp as --nodedir, so that it downloads none.
'use strict';
const fs = require('fs');
const os = require('os');
const path = require('path');

const { node, openssl, uv } = process.versions;
const system = ['/usr/include', '/usr/local/include'];

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function number(text, name) {
  const found = new RegExp(`define\\s+${name}\\s+(\\d+)`).exec(text);
  return found ? Number(found[1]) : -1;
}

// Newer ones may name what this Node does not have, so that the addon would
// not load; older ones of the same line are fine.
function fits(text, prefix, running) {
  const [major, minor] = running.split('.').map(Number);
  return number(text, `${prefix}_MAJOR`) === major &&
    number(text, `${prefix}_MINOR`) <= minor;
}

// A nodedir has include/node (what Node installs) or src (its sources; also
// how Debian lays /usr/include/nodejs out).
function places(nodedir) {
  return [path.join(nodedir, 'include', 'node'), path.join(nodedir, 'src'),
    path.join(nodedir, 'deps', 'uv', 'include'),
    path.join(nodedir, 'deps', 'openssl', 'openssl', 'include')];
}

function candidates() {
  const prefix = path.dirname(path.dirname(fs.realpathSync(process.execPath)));
  const { npm_config_nodedir: asked, npm_config_devdir: devdir } = process.env;
  const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  const found = [asked, prefix, process.config.variables.node_prefix, '/usr',
    '/usr/include/nodejs', path.join(devdir || `${cache}/node-gyp`, node)];
  return [...new Set(found.filter(Boolean))];
}

function holds(nodedir) {
  const gypi = ['include/node/common.gypi', 'common.gypi'];
  if (!gypi.some((each) => fs.existsSync(path.join(nodedir, each)))) {
    return false;
  }
  return places(nodedir).some((each) =>
    fs.existsSync(path.join(each, 'node_api.h')) &&
    number(read(path.join(each, 'node_version.h')), 'NODE_MAJOR_VERSION') ===
      Number(node.split('.')[0]));
}

// Node's own headers of OpenSSL are one set a machine, all of one version,
// behind files that only choose.
function follow(file) {
  const text = read(file);
  const next = /^# *include "(\.\/.*)"/m.exec(text);
  return next ? follow(path.join(path.dirname(file), next[1])) : text;
}

// What the compiler will see first.
function first(nodedir, name) {
  const folder = [...places(nodedir), ...system]
    .find((each) => fs.existsSync(path.join(each, name)));
  return folder ? follow(path.join(folder, name)) : null;
}

function complaint(what, text, version, packages) {
  const state = text === null ? 'are missing' : 'are of another version';
  return `the headers of ${what} ${state}: this Node has ${what} ${version} ` +
    `inside (${packages})`;
}

// Returns {nodedir, faults}: what is missing in words, nothing if all is well.
function find() {
  const nodedir = candidates().find(holds);
  if (!nodedir) {
    return { faults: [`the headers of Node ${node} are missing: looked in ` +
      `${candidates().join(', ')} (Debian's nodejs: apt-get install ` +
      'libnode-dev; elsewhere they come with Node, or say where they are: ' +
      'npm_config_nodedir=FOLDER)'] };
  }
  const faults = [];
  const ssl = first(nodedir, 'openssl/opensslv.h');
  if (!ssl || !fits(ssl, 'OPENSSL_VERSION', openssl)) {
    faults.push(complaint('OpenSSL', ssl, openssl, 'Debian: libssl-dev'));
  }
  const libuv = first(nodedir, 'uv/version.h');
  if (!libuv || !fits(libuv, 'UV_VERSION', uv)) {
    faults.push(complaint('libuv', libuv, uv, 'Debian: libuv1-dev'));
  }
  return { nodedir, faults };
}

module.exports = { find };
if (require.main === module) {
  const { faults } = find();
  faults.forEach((each) => process.stderr.write(`${each}\n`));
  process.exitCode = faults.length > 0 ? 1 : 0;
}
