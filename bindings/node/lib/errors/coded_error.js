// SPDX-License-Identifier: MIT
'use strict';

// An Error with a `code`, and with further properties if given.
function codedError(code, message, properties = {}) {
  return Object.assign(new Error(message), { code, ...properties });
}

module.exports = { codedError };
