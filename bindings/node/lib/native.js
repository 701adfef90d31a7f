// SPDX-License-Identifier: MIT
'use strict';

const path = require('path');
const { codedError } = require('./errors/coded_error');

const FILE = '../build/Release/tlstream.node';
const FOLDER = path.join(__dirname, '..');

const reasons = {
  __proto__: null,
  MODULE_NOT_FOUND: 'it has not been built, because no install script was run',
  ERR_DLOPEN_FAILED: 'it was built for another Node or another machine',
};

function load() {
  try {
    return require(FILE);
  } catch (error) {
    const reason = reasons[error.code];
    if (!reason) throw error;
    throw codedError(error.code, `tlstream's addon cannot be loaded: ${reason}.` +
      ` Run \`node gyp/install.js\` in ${FOLDER}, or \`npm rebuild tlstream\` ` +
      `where npm runs scripts. (${error.message.split('\n')[0]})`,
    { cause: error });
  }
}

module.exports = load();
