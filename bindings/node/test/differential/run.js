// SPDX-License-Identifier: MIT
'use strict';

// The differential suite: every program of the folders beside this file runs
// on node:tls and on tlstream, and both must leave the same transcript, exit
// code and stderr included. How a program is written: see program.js.
//
//   node run.js [OPTIONS] [PROGRAM...]
//
//   --node PATH       the node to run them with (default: this one)
//   --module PATH     our module (default: bindings/node)
//   --only TEXT       the programs whose path contains it
//   --every NUMBER    the first of so many in each folder, the next, and so on
//   --theirs          on node:tls alone, and print the transcripts
//   --steady COUNT    on node:tls alone, so many times: always the same?
//
// Prints TAP; the exit status is 0 if nothing differs.

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { make } = require('./certificates');
const { tidyStderr } = require('./show');

const AT_ONCE = 2;
const DEADLINE = 30000; // programs give up by themselves long before
const OWN = /^(?:NODE_|SSL_CERT_|OPENSSL_|TLSTREAM_)/;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'string', default: process.execPath },
    module: { type: 'string', default: path.join(__dirname, '../..') },
    only: { type: 'string', default: '' },
    every: { type: 'string', default: '1' },
    theirs: { type: 'boolean', default: false },
    steady: { type: 'string' },
  },
});

function allPrograms() {
  return fs.readdirSync(__dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => fs.readdirSync(path.join(__dirname, name))
      .filter((file) => file.endsWith('.js')).sort()
      .filter((_, at) => at % Number(options.every) === 0)
      .map((file) => path.join(name, file)))
    .sort();
}

function chosenPrograms() {
  const named = positionals.map((each) =>
    path.relative(__dirname, path.resolve(each)));
  return (named.length ? named : allPrograms())
    .filter((each) => each.includes(options.only));
}

// "// environment: A=b", "// arguments: --c" and "// with: register" at the
// head of a program.
function directives(file, word, folder) {
  const text = fs.readFileSync(file, 'utf8').replaceAll('{certs}', folder);
  return [...text.matchAll(new RegExp(`^// ${word}: (.*)$`, 'gm'))]
    .map((found) => found[1]);
}

function environment(file, folder, module) {
  const kept = Object.entries(process.env).filter(([name]) => !OWN.test(name));
  const own = directives(file, 'environment', folder)
    .map((each) => each.split(/=(.*)/s));
  return { ...Object.fromEntries(kept), TLSTREAM_CERTS: folder,
    TLSTREAM_MODULE: module, ...Object.fromEntries(own) };
}

// Ours as `node --require tlstream/register` has it.
function registration(file, folder, module) {
  return module === 'node:tls' ? [] : directives(file, 'with', folder)
    .flatMap((each) => ['--require', path.join(module, `${each}.js`)]);
}

// Into files: a pipe could lose the end of what a crash leaves.
function execute(program, module, folder) {
  const file = path.join(__dirname, program);
  const at = fs.mkdtempSync(path.join(folder, 'run-'));
  const [out, err] = ['out', 'err'].map((name) => path.join(at, name));
  const stdio = ['ignore', fs.openSync(out, 'w'), fs.openSync(err, 'w')];
  const child = spawn(options.node,
    [...registration(file, folder, module),
      ...directives(file, 'arguments', folder), file],
    { stdio, cwd: at, env: environment(file, folder, module) });
  stdio.slice(1).forEach((each) => fs.closeSync(each));
  const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE);
  return new Promise((done) => child.once('close', (code, signal) => {
    clearTimeout(timer);
    done(transcript(fs.readFileSync(out, 'utf8'), fs.readFileSync(err, 'utf8'),
      code, signal));
  }));
}

// Lines are "actor<tab>text"; each actor's lines stay in their order.
function transcript(out, err, code, signal) {
  const actors = {};
  for (const each of out.split('\n').filter(Boolean)) {
    const [actor, ...text] = each.split('\t');
    (actors[actor] ??= []).push(text.join('\t'));
  }
  const { FAIL = [], SKIP, EXIT = ['0'], ...rest } = actors;
  if (signal) FAIL.push(`ended by ${signal}`);
  else if (String(code) !== EXIT[0]) FAIL.push(`exit code ${code}`);
  const lines = Object.keys(rest).sort()
    .flatMap((actor) => rest[actor].map((text) => `${actor}: ${text}`));
  for (const each of tidyStderr(err).split('\n').filter(Boolean))
    lines.push(`stderr: ${each}`);
  lines.push(`exit: ${code}`);
  if (!SKIP && lines.length === 1) FAIL.push('it says nothing');
  return { lines, faults: FAIL, skip: SKIP?.[0] };
}

// The first place where they part is what one wants to see.
function differences(theirs, ours) {
  const length = Math.max(theirs.length, ours.length);
  const at = [...Array(length).keys()].find((i) => theirs[i] !== ours[i]);
  if (at === undefined) return [];
  return [`line ${at + 1} differs:`,
    ...theirs.slice(at, at + 8).map((each) => `  node:tls  ${each}`),
    ...ours.slice(at, at + 8).map((each) => `  tlstream  ${each}`)];
}

function judge(name, theirs, others) {
  const notes = theirs.faults.map((each) => `node:tls: ${each}`);
  for (const other of others) {
    notes.push(...other.faults.map((each) => `other side: ${each}`));
    notes.push(...differences(theirs.lines, other.lines));
  }
  return { name, notes, skip: theirs.skip, lines: theirs.lines };
}

async function compare(name, folder) {
  const theirs = await execute(name, 'node:tls', folder);
  const others = [];
  const count = options.steady ? Number(options.steady) - 1
    : Number(!options.theirs);
  for (let i = 0; i < count && !theirs.skip; i++) {
    others.push(await execute(name,
      options.steady ? 'node:tls' : path.resolve(options.module), folder));
  }
  return judge(name, theirs, others);
}

function report({ name, notes, skip, lines }, number) {
  const word = notes.length ? 'not ok' : 'ok';
  console.log(`${word} ${number} - ${name}${skip ? ` # SKIP ${skip}` : ''}`);
  const more = options.theirs ? [...lines, ...notes] : notes;
  more.forEach((each) => console.log(`# ${each}`));
}

async function main(folder) {
  const certs = make(folder);
  fs.writeFileSync(path.join(folder, 'certs.json'), JSON.stringify(certs));
  const programs = chosenPrograms();
  const queue = programs[Symbol.iterator]();
  let done = 0;
  let failed = 0;
  async function work() {
    for (const name of queue) {
      const result = await compare(name, folder);
      report(result, ++done);
      failed += Number(result.notes.length > 0);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  console.log(`1..${programs.length}`);
  process.exitCode = failed || !programs.length ? 1 : 0;
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tlstream-differential-'));
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => process.exit(1));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
main(folder);
