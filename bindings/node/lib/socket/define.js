// SPDX-License-Identifier: MIT
'use strict';

// Add methods to a constructor's prototype as a class does: not enumerable, and
// a program can replace them.
function defineMethods({ prototype }, methods) {
  for (const name of Reflect.ownKeys(methods)) {
    Object.defineProperty(prototype, name,
      { value: methods[name], writable: true, configurable: true });
  }
}

module.exports = { defineMethods };
