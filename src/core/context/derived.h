/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_DERIVED_H
#define TLSTREAM_CORE_CONTEXT_DERIVED_H

/* Contexts that differ from another, their base, in policy alone. */
#include <tlstream/context.h>

struct ssl_ctx_st;

/* With a base, is there anything beside it that is the base's to say? 0, or
 * INVALID_ARGUMENT, which names it. */
int tlstream__base_check(const tlstream_context_options *options,
                         tlstream_error *error);

/* Give an SSL_CTX that is new the credentials and the trust of another. */
int tlstream__base_copy(struct ssl_ctx_st *to, struct ssl_ctx_st *from,
                        tlstream_error *error);

#endif
