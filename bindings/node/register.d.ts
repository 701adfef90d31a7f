// SPDX-License-Identifier: MIT
import tls = require('./index');

declare module 'crypto' {
  /** As in 2011: `.context` is what a server's SNICallback returns. */
  function createCredentials(
    options?: import('tls').SecureContextOptions): tls.SecureContext;
}

/** The API that `require('tls')` returns from now on. */
declare const api: typeof tls;
export = api;
