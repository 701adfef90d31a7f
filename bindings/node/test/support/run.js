// SPDX-License-Identifier: MIT
// Runs a program and returns its output.
'use strict';
const { spawn } = require('child_process');

const DEADLINE = 60000;

// {status, stdout, stderr}, once it has ended.
function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { timeout: DEADLINE,
      stdio: ['pipe', 'pipe', 'pipe'], ...options });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8');
      child[name].on('data', (text) => { output[name] += text; });
    }
    child.on('error', reject);
    child.on('close', (status, signal) =>
      resolve({ status: status ?? signal, ...output }));
    child.stdin.on('error', () => {}); // it may not read its input
    child.stdin.end(options.input);
  });
}

function runNode(args, options) {
  return run(process.execPath, args, options);
}

module.exports = { run, runNode };
