// SPDX-License-Identifier: MIT
// Application protocols (ALPN, NPN), versions and cipher suites: from the forms
// that Node accepts to the one that the engine accepts.
'use strict';
const defaults = require('./defaults');
const {
  ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE,
  ERR_TLS_INVALID_PROTOCOL_METHOD, ERR_TLS_INVALID_PROTOCOL_VERSION,
  ERR_TLS_PROTOCOL_VERSION_CONFLICT, ERR_TLSTREAM_UNSUPPORTED,
} = require('../errors/engine_errors');
const check = require('./validate');

const LONGEST_NAME = 255;
const SECURITY_LEVEL = 2; // the engine's

let hasWarned = false;

function nameBytes(value, index, option) {
  const bytes = check.bytes(value, `${option}[${index}]`);
  if (bytes.length > LONGEST_NAME) {
    throw new ERR_OUT_OF_RANGE(`The byte length of the protocol at index ` +
      `${index} exceeds the maximum length.`, '<= 255', bytes.length);
  }
  return bytes;
}

function checkWire(wire, option) {
  for (let at = 0; at < wire.length; at += 1 + wire[at]) {
    if (wire[at] === 0) {
      throw new ERR_INVALID_ARG_VALUE(option, wire,
        'must not contain zero-length protocol');
    }
    if (at + 1 + wire[at] > wire.length) {
      throw new ERR_INVALID_ARG_VALUE(option, wire,
        'contains truncated protocol');
    }
  }
  return wire;
}

/**
 * A list of protocols (an array of strings or of bytes, or the wire form) as a
 * new Buffer in wire form; undefined if it is empty.
 */
function toWire(value, option = 'ALPNProtocols') {
  if (check.isNothing(value) || value === false) return undefined;
  let wire;
  if (Array.isArray(value)) {
    const names = value.map((each, i) => nameBytes(each, i, option));
    wire = Buffer.concat(names.flatMap((each) =>
      [Buffer.from([each.length]), each]));
  } else {
    const given = check.viewBytes(value, option, ['Array', ...check.VIEWS]);
    wire = Buffer.from(given);
  }
  return wire.length > 0 ? checkWire(wire, option) : undefined;
}

/**
 * The names in a list in wire form, as strings.
 */
function fromWire(wire) {
  const names = [];
  for (let at = 0; at < wire.length; at += 1 + wire[at]) {
    names.push(wire.toString('latin1', at + 1, at + 1 + wire[at]));
  }
  return names;
}

// Versions before TLS 1.2 are not supported. As a lower bound they are
// accepted, because TLS 1.2 satisfies it; as an upper bound nothing would.
const LOWEST = { TLSv1: 12, 'TLSv1.1': 12, 'TLSv1.2': 12, 'TLSv1.3': 13 };
const HIGHEST = { 'TLSv1.2': 12, 'TLSv1.3': 13 };

function bound(table, given, fallback, end) {
  const version = check.isNothing(given) ? fallback : given;
  if (!Object.hasOwn(table, version)) {
    throw new ERR_TLS_INVALID_PROTOCOL_VERSION(version, end);
  }
  return table[version];
}

function methodVersions(method) {
  const kind = method.replace(/_(server_|client_)?method$/, '');
  if (kind === method) {
    throw new ERR_TLS_INVALID_PROTOCOL_METHOD(`Unknown method: ${method}`);
  }
  if (kind === 'TLS') return { minVersion: 12, maxVersion: 13 };
  // OpenSSL's old name for "any version", which in Node excludes TLS 1.3.
  if (kind === 'SSLv23') return { minVersion: 12, maxVersion: 12 };
  if (kind === 'TLSv1_2') return { minVersion: 12, maxVersion: 12 };
  const isOld = /^(SSLv2|SSLv3|TLSv1|TLSv1_1)$/.test(kind);
  throw new ERR_TLS_INVALID_PROTOCOL_METHOD(isOld
    ? `${kind} methods disabled` : `Unknown method: ${method}`);
}

/**
 * The versions that options allow: {minVersion, maxVersion}, each 12 or 13,
 * which are the engine's numbers.
 */
function versions({ minVersion, maxVersion, secureProtocol }) {
  if (typeof secureProtocol === 'string' && secureProtocol !== '') {
    for (const version of [minVersion, maxVersion]) {
      if (check.isNothing(version)) continue;
      throw new ERR_TLS_PROTOCOL_VERSION_CONFLICT(version, secureProtocol);
    }
    return methodVersions(secureProtocol);
  }
  return {
    minVersion: bound(LOWEST, minVersion, defaults.DEFAULT_MIN_VERSION,
      'minimum'),
    maxVersion: bound(HIGHEST, maxVersion, defaults.DEFAULT_MAX_VERSION,
      'maximum'),
  };
}

// "@SECLEVEL=0" in a list asks OpenSSL for less than the engine's level, which
// stays: weak keys and signatures are refused. More than it cannot be had here.
function withoutLevel(list) {
  return list.replace(/:?@SECLEVEL=(\d)/g, (word, level) => {
    if (level > SECURITY_LEVEL) {
      throw new ERR_TLSTREAM_UNSUPPORTED(`options.ciphers: ${word}: the ` +
        `security level is ${SECURITY_LEVEL} here`);
    }
    if (level < SECURITY_LEVEL && !hasWarned) {
      hasWarned = true;
      process.emitWarning(`options.ciphers: ${word} has no effect: the ` +
        `security level is ${SECURITY_LEVEL} here`,
      { code: 'TLSTREAM_SECURITY_LEVEL' });
    }
    return '';
  });
}

/**
 * Node's cipher list, which contains suites of TLS 1.3 and of TLS 1.2, as the
 * engine's {ciphers, ciphersuites}; undefined selects the engine's default.
 */
function splitCiphers(list, option = 'options.ciphers') {
  const names = withoutLevel(list).split(':').filter((each) => each !== '');
  const isNew = (each) => /^!?TLS_/.test(each);
  if (names.length === 0) throw new ERR_INVALID_ARG_VALUE(option, list);
  const join = (some) => (some.length > 0 ? some.join(':') : undefined);
  return {
    ciphers: join(names.filter((each) => !isNew(each))),
    ciphersuites: join(names.filter(isNew)),
  };
}

/**
 * tls.convertALPNProtocols(), which http2 and others call: sets
 * `out.ALPNProtocols` to the list in wire form.
 */
function convertALPNProtocols(protocols, out) {
  if (Array.isArray(protocols) || ArrayBuffer.isView(protocols)) {
    out.ALPNProtocols = toWire(protocols) || Buffer.alloc(0);
  }
}

module.exports = {
  convertALPNProtocols, fromWire, splitCiphers, toWire, versions,
};
