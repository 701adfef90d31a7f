/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CIPHERS_H
#define TLSTREAM_CORE_CIPHERS_H

/* Which cipher suites a context uses: from the options into an SSL_CTX. */
#include <tlstream/context.h>

struct ssl_ctx_st;

/* Set the suites of both kinds; the versions are set already. Every name in a
 * list has to be known, and every version has to be left with a suite that the
 * security level lets through. Returns 0 or a code. */
int tlstream__ciphers_set(struct ssl_ctx_st *ctx,
                          const tlstream_context_options *options,
                          tlstream_error *error);

#endif
