// SPDX-License-Identifier: MIT
// A program in TypeScript that uses all three APIs compiles.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { home } = require('./support/home');
const { makeFolder } = require('./support/folder');
const { run } = require('./support/run');

const WITHOUT_NETWORK = new RegExp(['EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET',
  'ENETUNREACH', 'ENOTCACHED', 'ENOTFOUND', 'ETIMEDOUT'].join('|'));

const LIMIT = { timeout: 180000 };

// TypeScript and Node's types, or false where there is no network.
async function installCompiler(folder) {
  fs.writeFileSync(path.join(folder, 'package.json'), '{}');
  const env = { ...process.env };
  delete env.LD_PRELOAD;
  const output = await run('npm', ['install', '--no-audit', '--no-fund',
    '--prefer-offline', '--fetch-retries=0', 'typescript@5', '@types/node@20'],
  { cwd: folder, env, ...LIMIT });
  if (output.status === 0) return true;
  assert.match(output.stderr, WITHOUT_NETWORK);
  return false;
}

test('the types describe what the APIs do', LIMIT, async (t) => {
  const folder = makeFolder();
  if (!await installCompiler(folder)) {
    t.skip('TypeScript cannot be installed: there is no network');
    return;
  }
  fs.symlinkSync(home, path.join(folder, 'node_modules/tlstream'));
  fs.copyFileSync(path.join(__dirname, 'types/sample.ts'),
    path.join(folder, 'sample.ts'));
  const output = await run(process.execPath,
    ['node_modules/typescript/bin/tsc', '--noEmit', '--strict', '--module',
      'node16', '--moduleResolution', 'node16', '--preserveSymlinks',
      '--types', 'node', 'sample.ts'], { cwd: folder, ...LIMIT });
  assert.deepStrictEqual(output, { status: 0, stdout: '', stderr: '' });
});
