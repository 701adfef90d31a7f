// SPDX-License-Identifier: MIT
'use strict';

// An Error with a `code`, and with further properties if given.
function codedError(code, message, properties = {}) {
  return Object.assign(new Error(message), { code, ...properties });
}

// What a program threw as an Error. Those of another realm (of node:vm, in which
// jest runs its tests) are no instances of this realm's Error.
// This does not throw, whatever the program threw.
function toError(thrown) {
  try {
    const isError = typeof thrown?.message === 'string' && 'stack' in thrown;
    return isError ? thrown : new Error(String(thrown));
  } catch {
    return new Error('what was thrown has no text');
  }
}

module.exports = { codedError, toError };
