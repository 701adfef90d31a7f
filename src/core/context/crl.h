/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_CRL_H
#define TLSTREAM_CORE_CONTEXT_CRL_H

/* Lists of revoked certificates (RFC 5280, section 5) into an SSL_CTX. */
#include <tlstream/context.h>

struct ssl_ctx_st;

/* Load all that the options name; if there are any, all of a chain is checked
 * against them. Returns 0 or a code. */
int tlstream__crls_load(struct ssl_ctx_st *ctx,
                        const tlstream_context_options *options,
                        tlstream_error *error);

#endif
