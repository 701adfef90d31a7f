/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CREDENTIALS_H
#define TLSTREAM_CORE_CREDENTIALS_H

/* Keys, chains and trust: from files and PEM texts into an SSL_CTX. */
#include <tlstream/context.h>

struct ssl_ctx_st;

/* Load our certificate, its chain and its key, if the options name any; both
 * or neither. Returns 0 or a code. */
int tlstream__credentials_load(struct ssl_ctx_st *ctx,
                               const tlstream_context_options *options,
                               tlstream_error *error);

/* Load whom to trust. Returns 0 or a code. */
int tlstream__trust_load(struct ssl_ctx_st *ctx,
                         const tlstream_context_options *options,
                         tlstream_error *error);

#endif
