// SPDX-License-Identifier: MIT
// What `npm pack` makes installs and runs where nothing else of ours is.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { root } = require('./support/home');
const { LOCALHOST, makeCertificates } = require('./support/folder');
const { run } = require('./support/run');

const BUILDING = { timeout: 600000 };
const maker = makeCertificates();
maker.signed('server', 'ca', '/CN=localhost', LOCALHOST);

// npm is quiet, finds what it needs at home, and runs on the Node of the test.
const env = { ...process.env, npm_config_update_notifier: 'false',
  npm_config_cache: maker.file('npm-cache'), npm_config_audit: 'false',
  npm_config_fund: 'false',
  PATH: `${path.dirname(process.execPath)}:${process.env.PATH}` };
env.CFLAGS = '-O1'; // less of a wait
delete env.LD_PRELOAD; // a sanitizer's runtime, which nothing of this needs

// What is packed, as it is in the repository: packing puts files in it.
function stage() {
  const copy = maker.file('repository');
  const isOwn = (from) =>
    !/bindings\/node\/(build|library|node_modules)$/.test(from);
  for (const name of ['LICENSE', 'include', 'src', 'bindings/node']) {
    fs.cpSync(path.join(root, name), path.join(copy, name),
      { recursive: true, filter: isOwn });
  }
  return path.join(copy, 'bindings/node');
}

async function npm(cwd, ...args) {
  const output = await run('npm', args, { cwd, env, ...BUILDING });
  assert.strictEqual(output.status, 0, output.stderr + output.stdout);
  return output.stdout;
}

const folder = stage();
let archive;

test('the package has all that it is built from, and no more', async () => {
  const before = fs.readdirSync(folder);
  const [{ filename, files }] =
    JSON.parse(await npm(folder, 'pack', '--json', '--silent'));
  archive = path.join(folder, filename);
  const packed = new Set(files.map((each) => each.path));
  const listed = fs.readFileSync(path.join(root, 'src/sources.txt'), 'utf8')
    .split('\n').filter((line) => line.endsWith('.c'));
  for (const name of ['LICENSE', 'README.md', 'binding.gyp', 'index.js',
    'classic.js', 'register.js', 'index.d.ts', 'gyp/install.js',
    'lib/socket/socket.js', 'src/module.c',
    'library/include/tlstream/version.h.in',
    'library/src/sources.txt', 'library/src/core/openssl/ossl.h',
    ...listed.map((line) => `library/src/${line}`)]) {
    assert.ok(packed.has(name), name);
  }
  for (const name of packed) assert.doesNotMatch(name, /test|build\//, name);
  assert.deepStrictEqual(fs.readdirSync(folder).sort(),
    [...before, filename].sort());
});

const ECHO = `
const fs = require('fs');
const tls = require('tlstream');
const server = tls.createServer({ key: fs.readFileSync('../server.key'),
  cert: fs.readFileSync('../server.pem') }, (socket) => socket.pipe(socket));
server.listen(0, '127.0.0.1', () => {
  const client = tls.connect({ port: server.address().port,
    host: 'localhost', ca: fs.readFileSync('../ca.pem') });
  client.setEncoding('utf8').on('data', (text) => process.stdout.write(text));
  client.on('close', () => server.close());
  client.end('echo');
});
`;

test('it installs and runs in an empty folder', BUILDING, async () => {
  const place = maker.file('place');
  fs.mkdirSync(place);
  await npm(place, 'init', '--yes');
  await npm(place, 'install', '--offline', archive);
  fs.writeFileSync(path.join(place, 'echo.js'), ECHO);
  const output = await run(process.execPath, ['echo.js'], { cwd: place, env });
  assert.deepStrictEqual(output, { status: 0, stdout: 'echo', stderr: '' });
});

test('the version is that of the library', () => {
  const { version } = JSON.parse(
    fs.readFileSync(path.join(root, 'bindings/node/package.json'), 'utf8'));
  const meson = fs.readFileSync(path.join(root, 'meson.build'), 'utf8');
  assert.ok(meson.includes(`  version: '${version}',\n`));
});

// A PATH with these commands and no others.
function only(...commands) {
  const bin = fs.mkdtempSync(maker.file('bin-'));
  for (const each of commands) {
    const found = process.env.PATH.split(':').map((one) =>
      path.join(one, each)).find((one) => fs.existsSync(one));
    if (found) fs.symlinkSync(found, path.join(bin, each));
  }
  return bin;
}

async function install(variables) {
  return run(process.execPath, ['gyp/install.js'],
    { cwd: folder, env: { ...env, ...variables } });
}

test('what is missing is called by its name', async () => {
  const bare = await install({ PATH: only('npm'), CC: '' });
  assert.strictEqual(bare.status, 1);
  for (const name of [/C compiler is missing \(Debian: build-essential\)/,
    /make is missing/, /Python 3 is missing/, /was not built, see above/]) {
    assert.match(bare.stderr, name);
  }
  const odd = await install({ CC: 'no-such-compiler' });
  assert.match(odd.stderr, /C compiler is missing/);
});
