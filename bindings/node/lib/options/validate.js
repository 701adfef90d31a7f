// SPDX-License-Identifier: MIT
// Checks of arguments that throw Node's errors. Each returns the value.
'use strict';
const {
  ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE,
} = require('../errors/node_errors');

const MAX_INT32 = 2 ** 31 - 1;
const VIEWS = ['Buffer', 'TypedArray', 'DataView'];

function isNothing(value) {
  return value === undefined || value === null;
}

// Check a value unless it is undefined or null.
function optional(check, value, name) {
  if (!isNothing(value)) check(value, name);
  return value;
}

function typeCheck(type) {
  return (value, name) => {
    if (typeof value === type) return value;
    throw new ERR_INVALID_ARG_TYPE(name, type, value);
  };
}

const func = typeCheck('function');
const number = typeCheck('number');
const string = typeCheck('string');

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

// A view's bytes as a Buffer, without a copy.
function viewBytes(value, name, types = VIEWS) {
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  throw new ERR_INVALID_ARG_TYPE(name, types, value);
}

// A string or a view as a Buffer.
function bytes(value, name, encoding = 'utf8') {
  if (typeof value === 'string') return Buffer.from(value, encoding);
  return viewBytes(value, name, ['string', ...VIEWS]);
}

module.exports = {
  VIEWS, bytes, duration, func, isNothing, notEmpty, number, object, optional,
  string, viewBytes,
};
