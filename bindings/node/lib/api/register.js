// SPDX-License-Identifier: MIT
// Replaces Node's tls by one of our APIs in what is required or imported from
// now on. Node's own modules keep Node's tls.
'use strict';
const crypto = require('crypto');
const Module = require('module');
const { pathToFileURL } = require('url');
const path = require('path');
const tls = require('../node_tls');
const { kRegistered } = require('../options/registered');

const nodeTls = Symbol.for('tlstream.node.tls');
const names = new Set(['tls', 'node:tls']);
const facade = pathToFileURL(path.join(__dirname, 'facade.mjs')).href;

function replaceRequire(api) {
  const load = Module._load;
  Module._load = function (request, ...rest) {
    return names.has(request) ? api : load.call(this, request, ...rest);
  };
}

function replaceBuiltin(api) {
  const { getBuiltinModule } = process;
  if (typeof getBuiltinModule !== 'function') return;
  process.getBuiltinModule = function (id) {
    return names.has(id) ? api : getBuiltinModule.call(this, id);
  };
}

// Newer versions of Node run the hook in the same thread; older ones run hooks
// in a thread of their own.
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

function install(api) {
  if (process[kRegistered]) return process[kRegistered];
  Object.defineProperty(api, nodeTls, { value: tls });
  Object.defineProperty(process, kRegistered, { value: api });
  replaceRequire(api);
  replaceBuiltin(api);
  replaceImport();
  if (!crypto.createCredentials) {
    crypto.createCredentials = api.createCredentials;
  }
  return api;
}

module.exports = { install };
