// SPDX-License-Identifier: MIT
// Node's errors, with Node's names, codes and messages; Node does not export
// its own classes.
'use strict';
const { inspect } = require('util');

const PRIMITIVES = new Set(['string', 'function', 'number', 'object',
  'boolean', 'bigint', 'symbol']);

const TYPES_WITH_A_CAPITAL = { Function: 'function', Object: 'object' };

function describe(value) {
  if (value === null || value === undefined) return `${value}`;
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'object') {
    const { constructor } = value;
    return constructor && constructor.name
      ? `an instance of ${constructor.name}` : inspect(value, { depth: -1 });
  }
  const shown = inspect(value, { colors: false });
  const short = shown.length > 28 ? `${shown.slice(0, 25)}...` : shown;
  return `type ${typeof value} (${short})`;
}

function list(words) {
  if (words.length < 3) return words.join(' or ');
  return `${words.slice(0, -1).join(', ')}, or ${words[words.length - 1]}`;
}

function expectation(expected) {
  const all = [].concat(expected);
  const types = all.map((each) => TYPES_WITH_A_CAPITAL[each] || each)
    .filter((each) => PRIMITIVES.has(each));
  const classes = all.filter((each) =>
    /^[A-Z]/.test(each) && !TYPES_WITH_A_CAPITAL[each]);
  const others = all.filter((each) => /^[a-z]/.test(each) &&
    !PRIMITIVES.has(each));
  const parts = [];
  if (types.length > 0) {
    parts.push(`${types.length > 1 ? 'one of' : 'of'} type ${list(types)}`);
  }
  if (classes.length > 0) parts.push(`an instance of ${list(classes)}`);
  if (others.length > 0) {
    parts.push(`${others.length > 1 ? 'one of ' : ''}${list(others)}`);
  }
  return parts.join(' or ');
}

function kind(name) {
  return name.includes('.') ? 'property' : 'argument';
}

function wrongType(name, expected, actual) {
  return `The "${name}" ${kind(name)} must be ${expectation(expected)}. ` +
    `Received ${describe(actual)}`;
}

function wrongValue(name, value, reason = 'is invalid') {
  const shown = inspect(value);
  const short = shown.length > 128 ? `${shown.slice(0, 128)}...` : shown;
  return `The ${kind(name)} '${name}' ${reason}. Received ${short}`;
}

function outOfRange(name, range, received) {
  const subject = name.includes(' ') ? name
    : `The value of "${name}" is out of range.`;
  return `${subject} It must be ${range}. Received ${inspect(received)}`;
}

function missingArguments(...names) {
  const quoted = names.map((each) => [].concat(each).map((one) => `"${one}"`)
    .join(' or '));
  const all = quoted.length < 3 ? quoted.join(' and ')
    : `${quoted.slice(0, -1).join(', ')}, and ${quoted[quoted.length - 1]}`;
  return `The ${all} argument${names.length > 1 ? 's' : ''} must be specified`;
}

const messages = {
  ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED: [Error,
    () => 'Custom engines not supported by this OpenSSL'],
  ERR_INVALID_ARG_TYPE: [TypeError, wrongType],
  ERR_INVALID_ARG_VALUE: [TypeError, wrongValue],
  ERR_MISSING_ARGS: [TypeError, missingArguments],
  ERR_MULTIPLE_CALLBACK: [Error, () => 'Callback called multiple times'],
  ERR_OUT_OF_RANGE: [RangeError, outOfRange],
  ERR_SOCKET_BAD_PORT: [RangeError, (name, port) =>
    `${name} should be >= 0 and < 65536. Received ${describe(port)}.`],
  ERR_SOCKET_CLOSED_BEFORE_CONNECTION: [Error, () =>
    'Socket closed before the connection was established'],
  ERR_SOCKET_CLOSED: [Error, () => 'Socket is closed'],
  ERR_STREAM_DESTROYED: [Error, (name) =>
    `Cannot call ${name} after a stream was destroyed`],
  ERR_STREAM_WRITE_AFTER_END: [Error, () => 'write after end'],
  ERR_TLS_ALPN_CALLBACK_INVALID_RESULT: [TypeError, (value, protocols) =>
    `ALPN callback returned a value (${value}) that did not match any of the ` +
    `client's offered protocols (${protocols.join(', ')})`],
  ERR_TLS_ALPN_CALLBACK_WITH_PROTOCOLS: [TypeError, () => 'The ALPNCallback ' +
    'and ALPNProtocols TLS options are mutually exclusive'],
  ERR_TLS_CERT_ALTNAME_INVALID: [Error, (reason) =>
    `Hostname/IP does not match certificate's altnames: ${reason}`],
  ERR_TLS_HANDSHAKE_TIMEOUT: [Error, () => 'TLS handshake timeout'],
  ERR_TLS_INVALID_CONTEXT: [TypeError, (name) =>
    `${name} must be a SecureContext`],
  ERR_TLS_INVALID_PROTOCOL_METHOD: [TypeError, (message) => message],
  ERR_TLS_INVALID_PROTOCOL_VERSION: [TypeError, (version, end) =>
    `${JSON.stringify(version)} is not a valid ${end} TLS protocol version`],
  ERR_TLS_INVALID_STATE: [Error, () =>
    'TLS socket connection must be securely established'],
  ERR_TLS_PROTOCOL_VERSION_CONFLICT: [TypeError, (version, method) =>
    `TLS protocol version ${JSON.stringify(version)} conflicts with ` +
    `secureProtocol ${JSON.stringify(method)}`],
  ERR_TLS_RENEGOTIATION_DISABLED: [Error, () =>
    'TLS session renegotiation disabled for this socket'],
  ERR_TLS_REQUIRED_SERVER_NAME: [Error, () =>
    '"servername" is required parameter for Server.addContext'],
  ERR_TLS_SNI_FROM_SERVER: [Error, () =>
    'Cannot issue SNI from a TLS server-side socket'],
  ERR_TLSTREAM_UNSUPPORTED: [Error, (message) => message],
};

// Set the code of `error`; its stack begins as Node's does, with the code in
// brackets.
function setCode(error, code) {
  const { name } = error;
  error.code = code;
  Object.defineProperty(error, 'name', { value: `${name} [${code}]`,
    configurable: true, enumerable: false, writable: true });
  error.stack; // V8 formats it at the first access, with this name
  delete error.name;
  Object.defineProperty(error, 'toString', { value() {
    return `${this.name} [${code}]: ${this.message}`;
  }, configurable: true, enumerable: false, writable: true });
  return error;
}

function errorClass(code, Base, message) {
  return function NodeError(...args) {
    const error = new Base(message(...args));
    if (Error.captureStackTrace) Error.captureStackTrace(error, NodeError);
    return setCode(error, code);
  };
}

for (const [code, [Base, message]] of Object.entries(messages)) {
  module.exports[code] = errorClass(code, Base, message);
}
