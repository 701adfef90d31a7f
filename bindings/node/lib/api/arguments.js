// SPDX-License-Identifier: MIT
// The arguments of connect() and createServer(), in every form: today's, and
// those of 2011, which were distinguished by their types.
'use strict';
const {
  ERR_INVALID_ARG_TYPE, ERR_MISSING_ARGS, ERR_SOCKET_BAD_PORT,
} = require('../errors/engine_errors');
const check = require('../options/validate');

function isObject(value) {
  return value !== null && typeof value === 'object';
}

// Whether a value is a port; another string is the path of a socket.
function isPort(value) {
  return typeof value === 'number' ||
    (typeof value === 'string' && value !== '' && Number(value) >= 0);
}

function positional(args) {
  const [first, second] = args;
  if (isObject(first)) return { options: { ...first }, used: 1 };
  if (!isPort(first) && typeof first === 'string') {
    return { options: { path: first }, used: 1 };
  }
  const hasHost = args.length > 1 && typeof second === 'string';
  return {
    options: hasHost ? { port: first, host: second } : { port: first },
    used: hasHost ? 2 : 1,
  };
}

// As in Node, the second or third argument may be an object with more options,
// which take precedence; of the rest only a function at the end counts.
function furtherOptions(args, used) {
  return [args[1], args[2]].slice(used - 1).find(isObject) || {};
}

function checkPort(port) {
  if (typeof port !== 'number' && typeof port !== 'string') {
    throw new ERR_INVALID_ARG_TYPE('options.port', ['number', 'string'], port);
  }
  const isEmpty = typeof port === 'string' && port.trim() === '';
  const number = Number(port);
  if (isEmpty || !Number.isInteger(number) || number < 0 || number > 65535) {
    throw new ERR_SOCKET_BAD_PORT('Port', port);
  }
}

// What to connect to: an open stream, a path, or a port.
function checkTarget(options) {
  if (options.socket) return;
  if (options.path) {
    check.string(options.path, 'options.path');
    return;
  }
  if (options.port === undefined) {
    throw new ERR_MISSING_ARGS(['options', 'port', 'path']);
  }
  checkPort(options.port);
  if (options.host) check.string(options.host, 'options.host');
}

function checkNames({ servername, checkServerIdentity, minDHSize }) {
  if (servername) check.string(servername, 'options.servername');
  check.optional(check.number, minDHSize, 'options.minDHSize');
  check.optional(check.func, checkServerIdentity,
    'options.checkServerIdentity');
}

function checked(options) {
  checkTarget(options);
  checkNames(options);
  check.optional(check.number, options.timeout, 'options.timeout');
  return options;
}

/**
 * {options, callback} of tls.connect(port[, host][, options][, callback]),
 * (path[, options][, callback]) and (options[, callback]).
 */
function connectArguments(args) {
  if (args.length === 0 || args[0] === undefined) {
    throw new ERR_MISSING_ARGS(['options', 'port', 'path']);
  }
  const last = args[args.length - 1];
  const { options, used } = positional(args);
  return {
    options: checked({ ...options, ...furtherOptions(args, used) }),
    callback: typeof last === 'function' ? last : undefined,
  };
}

/**
 * {options, callback} of connect(port, [host], [options], [callback]) as in
 * 2011: the port comes first, the others in any order. Today's forms are
 * accepted too: options alone, or the path of a socket.
 */
function classicConnectArguments(args) {
  const [first, ...rest] = args;
  if (isObject(first) || (typeof first === 'string' && !isPort(first))) {
    return connectArguments(args);
  }
  const find = (type) => rest.find((each) => each !== null &&
    typeof each === type);
  const host = find('string');
  const options = { ...find('object'), port: first };
  if (host !== undefined) options.host = host;
  return { options: checked(options), callback: find('function') };
}

/**
 * {options, listener} of createServer([options][, listener]).
 */
function serverArguments(args) {
  const [first, second] = args;
  if (typeof first === 'function') return { options: {}, listener: first };
  check.optional(check.object, first, 'options');
  check.optional(check.func, second, 'listener');
  return { options: first || {}, listener: second || undefined };
}

module.exports = {
  classicConnectArguments, connectArguments, serverArguments,
};
