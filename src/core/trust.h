/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_TRUST_H
#define TLSTREAM_CORE_TRUST_H

/* Whom to trust: the system's roots, files and PEM texts into an SSL_CTX. */
#include <tlstream/context.h>

struct ssl_ctx_st;

/* Returns 0 or a code. `*system_roots` says whether they are among them. */
int tlstream__trust_load(struct ssl_ctx_st *ctx,
                         const tlstream_context_options *options,
                         bool *system_roots, tlstream_error *error);

#endif
