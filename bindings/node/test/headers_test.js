// SPDX-License-Identifier: MIT
// Where the headers of Node are looked for, and which errors there are.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { root } = require('./support/home');
const { makeFolder } = require('./support/folder');
const { runNode } = require('./support/run');

const program = path.join(root, 'bindings/node/gyp/headers.js');
const [nodeMajor] = process.versions.node.split('.');
const [sslMajor, sslMinor] = process.versions.openssl.split('.');
const [uvMajor, uvMinor] = process.versions.uv.split('.');

function numbers(prefix, major, minor) {
  return `#define ${prefix}_MAJOR ${major}\n` +
    `# define ${prefix}_MINOR ${minor}\n`;
}

const right = {
  'common.gypi': '{}',
  'node_api.h': '',
  'node_version.h': `#define NODE_MAJOR_VERSION ${nodeMajor}\n`,
  'openssl/opensslv.h': numbers('OPENSSL_VERSION', sslMajor, sslMinor),
  'uv/version.h': numbers('UV_VERSION', uvMajor, uvMinor),
};

function makeNodedir(changes) {
  const nodedir = makeFolder();
  for (const [name, text] of Object.entries({ ...right, ...changes })) {
    const file = path.join(nodedir, 'include/node', name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
  return nodedir;
}

function judge(changes) {
  return runNode(['-e', `const found = require(${JSON.stringify(program)})
    .find(); console.log(JSON.stringify(found))`],
  { env: { ...process.env, npm_config_nodedir: makeNodedir(changes) } })
    .then(({ stdout }) => JSON.parse(stdout));
}

test('the folder that is asked for is taken', async () => {
  const { nodedir, faults } = await judge({});
  assert.match(nodedir, /tlstream-test-/);
  assert.deepStrictEqual(faults, []);
});

test('another Node is passed over', async () => {
  const { nodedir = '' } =
    await judge({ 'node_version.h': '#define NODE_MAJOR_VERSION 3\n' });
  assert.doesNotMatch(nodedir, /tlstream-test-/);
});

test('a newer OpenSSL than the one inside Node is refused', async () => {
  const newer = numbers('OPENSSL_VERSION', sslMajor, Number(sslMinor) + 1);
  const { faults } = await judge({ 'openssl/opensslv.h': newer });
  assert.match(faults[0], /headers of OpenSSL are of another version/);
  assert.ok(faults[0].includes(process.versions.openssl));
});

test('a newer libuv than the one inside Node is refused', async () => {
  const newer = numbers('UV_VERSION', uvMajor, Number(uvMinor) + 1);
  const { faults } = await judge({ 'uv/version.h': newer });
  assert.match(faults[0], /headers of libuv are of another version/);
});

test("Node's OpenSSL hides its version behind the machine's kind", async () => {
  const { faults } = await judge({
    'openssl/opensslv.h': '#if 1\n# include "./opensslv_asm.h"\n#endif\n',
    'openssl/opensslv_asm.h': '# include "./archs/x/opensslv.h"\n',
    'openssl/archs/x/opensslv.h': right['openssl/opensslv.h'],
  });
  assert.deepStrictEqual(faults, []);
});
