// SPDX-License-Identifier: MIT
// Runs tests on Node 26, which has another OpenSSL inside (3.5) than the Node
// that the addon was compiled for: on_node_26.js FILE..., or on_node_26.js
// --run PROGRAM ARGUMENTS.
//
// That Node is TLSTREAM_NODE26, or what scripts/node26 has installed into the
// build folder.
'use strict';
const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const { TLSTREAM_BUILD = 'build', TLSTREAM_NODE26 } = process.env;
const modules = path.join(TLSTREAM_BUILD, 'node26/node_modules');

function find() {
  if (TLSTREAM_NODE26) return TLSTREAM_NODE26;
  const { platform, arch } = process;
  const file = path.join(modules, `node-${platform}-${arch}/bin/node`);
  return fs.existsSync(file) ? file : null;
}

const node = find();
if (node) {
  const [mode, ...rest] = process.argv.slice(2);
  const args = mode === '--run' ? rest :
    ['--test', '--test-reporter=tap', mode, ...rest];
  process.exitCode = spawnSync(node, args, { stdio: 'inherit' }).status;
} else {
  console.log(`1..0 # SKIP no Node 26: scripts/node26 ${TLSTREAM_BUILD}`);
}
