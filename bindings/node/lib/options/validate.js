// SPDX-License-Identifier: MIT
// Node's checks of arguments, with Node's errors.
'use strict';
const {
  ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE,
} = require('../errors/node_errors');

const MAX_INT32 = 2 ** 31 - 1;
const BYTES = ['string', 'Buffer', 'TypedArray', 'DataView'];

function isNothing(value) {
  return value === undefined || value === null;
}

function string(value, name) {
  if (typeof value !== 'string') {
    throw new ERR_INVALID_ARG_TYPE(name, 'string', value);
  }
  return value;
}

function func(value, name) {
  if (typeof value !== 'function') {
    throw new ERR_INVALID_ARG_TYPE(name, 'function', value);
  }
  return value;
}

function number(value, name) {
  if (typeof value !== 'number') {
    throw new ERR_INVALID_ARG_TYPE(name, 'number', value);
  }
  return value;
}

function object(value, name) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new ERR_INVALID_ARG_TYPE(name, 'object', value);
  }
  return value;
}

function duration(value, name) {
  number(value, name);
  if (!Number.isInteger(value)) {
    throw new ERR_OUT_OF_RANGE(name, 'an integer', value);
  }
  if (value < 0 || value > MAX_INT32) {
    throw new ERR_OUT_OF_RANGE(name, `>= 0 && <= ${MAX_INT32}`, value);
  }
  return value;
}

function notEmpty(value, name) {
  if (string(value, name) === '') throw new ERR_INVALID_ARG_VALUE(name, value);
  return value;
}

// A text or bytes, as bytes; those of a view are not copied.
function bytes(value, name, encoding = 'utf8') {
  if (typeof value === 'string') return Buffer.from(value, encoding);
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  throw new ERR_INVALID_ARG_TYPE(name, BYTES, value);
}

module.exports = {
  bytes, duration, func, isNothing, notEmpty, number, object, string,
};
