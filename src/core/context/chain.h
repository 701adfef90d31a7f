/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_CHAIN_H
#define TLSTREAM_CORE_CONTEXT_CHAIN_H

/* The chains of our own certificates. */
#include <tlstream/error.h>

struct ssl_ctx_st;

/* Credentials and trust are loaded: where the chain of a certificate lacks an
 * issuer that is among the trusted ones, add that to it, except for roots.
 * Nothing more is trusted for it. Returns 0 or a code. */
int tlstream__chain_complete(struct ssl_ctx_st *ctx, tlstream_error *error);

#endif
