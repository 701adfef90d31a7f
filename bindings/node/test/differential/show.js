// SPDX-License-Identifier: MIT
'use strict';

// Values as text for a transcript: the same text for the same behaviour,
// whatever port the kernel chose and wherever the repository lies.

const MAX_DEPTH = 6;

function showBytes(bytes) {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('latin1');
  return /^[\x20-\x7e\r\n\t]*$/.test(text) ?
    `Buffer(${JSON.stringify(text)})` : `Buffer<${buffer.toString('hex')}>`;
}

// The message is left out: Node promises codes, and texts change with OpenSSL.
// So does one family of codes: from OpenSSL 3.5 on there is a slash in them.
function showError(error) {
  const code = error.code === undefined ? '' : ` ${error.code}`;
  return `[${error.name}${code.replace('SSL/TLS_ALERT', 'SSLV3_ALERT')}]`;
}

function showObject(value, seen) {
  if (seen.includes(value)) return '<circle>';
  if (seen.length === MAX_DEPTH) return '<deep>';
  const inside = [...seen, value];
  if (Array.isArray(value))
    return `[${value.map((each) => show(each, inside)).join(', ')}]`;
  const fields = Object.entries(value).map(([key, each]) =>
    `${key}: ${isPort(key, each) ? '<port>' : show(each, inside)}`);
  const type = Object.getPrototypeOf(value)?.constructor?.name ?? 'bare';
  return `${type === 'Object' ? '' : `${type} `}{${fields.join(', ')}}`;
}

function isPort(key, value) {
  return /port$/i.test(key) && Number(value) > 1023;
}

function show(value, seen = []) {
  if (typeof value === 'string') return JSON.stringify(tidy(value));
  if (typeof value === 'function') return '<function>';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Error) return showError(value);
  if (ArrayBuffer.isView(value)) return showBytes(value);
  if (value instanceof Date) return `Date(${value.toISOString()})`;
  return showObject(value, seen);
}

// Ports in texts: "127.0.0.1:54321".
function tidy(text) {
  return text.replace(/(\d(?:\.\d{1,3}){3}|::1\]?|localhost):\d{2,5}\b/g,
    '$1:<port>');
}

// What Node prints of itself on stderr: process ids, places, its version.
function tidyStderr(text) {
  return tidy(text)
    .replace(/\(node:\d+\)/g, '(node:<pid>)')
    .replace(/\bport: \d{4,5}\b/g, 'port: <port>')
    .replace(/^\s+at .*\n/gm, '')
    .replace(/^(?:node:|\/)\S+:\d+\n.*\n\s*\^+\n\n?/gm, '')
    .replace(/^<anonymous_script>:0\n/gm, '')
    .replace(/^Node\.js v.*\n/gm, '');
}

module.exports = { show, tidy, tidyStderr };
