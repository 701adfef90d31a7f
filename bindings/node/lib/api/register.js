// SPDX-License-Identifier: MIT
// Puts a door in the place of Node's tls, for all that is required or imported
// from now on. Node's own modules keep Node's own.
'use strict';
const crypto = require('crypto');
const Module = require('module');
const { pathToFileURL } = require('url');
const path = require('path');
const tls = require('../node_tls');

const carried = Symbol.for('tlstream.node.tls');
const installed = Symbol.for('tlstream.registered');
const names = new Set(['tls', 'node:tls']);
const facade = pathToFileURL(path.join(__dirname, 'facade.mjs')).href;

function replaceRequire(door) {
  const load = Module._load;
  Module._load = function (request, ...rest) {
    return names.has(request) ? door : load.call(this, request, ...rest);
  };
}

function replaceBuiltin(door) {
  const { getBuiltinModule } = process;
  if (typeof getBuiltinModule !== 'function') return;
  process.getBuiltinModule = function (id) {
    return names.has(id) ? door : getBuiltinModule.call(this, id);
  };
}

// Where hooks can run in the thread itself they cost nothing; before that,
// Node runs them in a thread of theirs.
function replaceImport() {
  if (Module.registerHooks) {
    Module.registerHooks({ resolve(specifier, context, next) {
      const isImport = context.conditions.includes('import');
      return isImport && names.has(specifier)
        ? { url: facade, format: 'module', shortCircuit: true }
        : next(specifier, context);
    } });
  } else if (Module.register) {
    Module.register('./hooks.mjs', pathToFileURL(__filename),
      { data: { facade, names: [...names] } });
  }
}

function install(door) {
  if (process[installed]) return process[installed];
  Object.defineProperty(door, carried, { value: tls });
  Object.defineProperty(process, installed, { value: door });
  replaceRequire(door);
  replaceBuiltin(door);
  replaceImport();
  if (!crypto.createCredentials) {
    crypto.createCredentials = door.createCredentials;
  }
  return door;
}

module.exports = { install };
