// SPDX-License-Identifier: MIT
import tls = require('./index');

declare module 'crypto' {
  /** As in 2011: `.context` is what a server's SNICallback returns. */
  function createCredentials(
    options?: import('tls').SecureContextOptions): tls.SecureContext;
}

/** The door that `require('tls')` gives from now on. */
declare const door: typeof tls;
export = door;
