/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_X509_PFX_H
#define TLSTREAM_CORE_X509_PFX_H

/* Keys and chains from PKCS #12 (RFC 7292) into an SSL_CTX. */
#include <tlstream/context.h>

struct ssl_ctx_st;

/* Load all that the options name. Returns 0 or a code. */
int tlstream__pfx_load(struct ssl_ctx_st *ctx,
                       const tlstream_context_options *options,
                       tlstream_error *error);

#endif
