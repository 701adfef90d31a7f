// SPDX-License-Identifier: MIT
// The examples of README.md do what it describes.
'use strict';
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');
const test = require('node:test');
const { home, root } = require('./support/home');
const { makeCertificates } = require('./support/folder');
const { runNode } = require('./support/run');

const NAMES = 'subjectAltName=DNS:localhost,DNS:*.example.test';

const maker = makeCertificates();
maker.signed('server', 'ca', '/CN=localhost', NAMES);
fs.copyFileSync(maker.file('server.key'), maker.file('server-key.pem'));
fs.copyFileSync(maker.file('server.pem'), maker.file('server-cert.pem'));
fs.mkdirSync(maker.file('node_modules'));
fs.symlinkSync(home, maker.file('node_modules/tlstream'));

// {title: program}
function examples() {
  const text = fs.readFileSync(path.join(root, 'bindings/node/README.md'),
    'utf8');
  const sections = text.split(/^## /m).slice(1).map((section) =>
    [section.split('\n')[0], /^```js\n([^]*?)^```$/m.exec(section)]);
  return Object.fromEntries(sections.filter(([, found]) => found)
    .map(([title, [, program]]) => [title, program]));
}

const programs = examples();
const anyPort = ['--require', path.join(__dirname, 'support/any_port.js')];

function write(title) {
  const name = `${title.replace(/\W+/g, '-')}.js`;
  maker.write(name, programs[title]);
  return name;
}

async function outputOf(title, variables) {
  const output = await runNode([...anyPort, write(title)],
    { cwd: maker.folder, env: { ...process.env, ...variables } });
  assert.strictEqual(output.stderr, '');
  assert.strictEqual(output.status, 0);
  return output.stdout;
}

test('there are five examples', () => {
  assert.strictEqual(Object.keys(programs).length, 5);
});

test('the echo server and its client', async () => {
  const server = spawn(process.execPath, [...anyPort, write('An echo server')],
    { cwd: maker.folder, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const lines = readline.createInterface(server.stdout);
    const [line] = await new Promise((resolve) =>
      lines.once('line', (...values) => resolve(values)));
    const ANY_PORT = line.replace('port ', '');
    assert.strictEqual(await outputOf('A client for it', { ANY_PORT }),
      'true TLSv1.3\nwelcome!\nciao\n');
  } finally {
    server.kill();
  }
});

test('STARTTLS', async () => {
  assert.strictEqual(await outputOf('STARTTLS'),
    'go ahead\nnow it is encrypted\n');
});

test('names and protocols', async () => {
  assert.strictEqual(await outputOf('One server, several names and protocols'),
    'www.example.test speaks spdy/2\n');
});

test('errors', async () => {
  const lines = (await outputOf('Errors')).trim().split('\n').sort();
  assert.match(lines[0],
    /^client: UNABLE_TO_VERIFY_LEAF_SIGNATURE ours unknown_ca$/);
  assert.match(lines[1],
    /^server: ERR_SSL_TLSV1_ALERT_UNKNOWN_CA theirs unknown_ca$/);
  assert.match(lines[2], /trust the authority that issued it with `ca`/);
});
