// SPDX-License-Identifier: MIT
// Runs in Node's thread for module hooks: resolves 'tls' to facade.mjs.
let facade;
let names;

export function initialize(data) {
  ({ facade, names } = data);
}

export function resolve(specifier, context, next) {
  if (!names.includes(specifier)) return next(specifier, context);
  return { url: facade, format: 'module', shortCircuit: true };
}
