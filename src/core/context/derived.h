/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_DERIVED_H
#define TLSTREAM_CORE_CONTEXT_DERIVED_H

/* Contexts that share the credentials and the trust of another, their parent,
 * and differ from it in policy alone. */
#include <tlstream/context.h>

struct ssl_ctx_st;

/* With a parent, the options may give policy only. 0, or INVALID_ARGUMENT,
 * which names the option that is not policy. */
int tlstream__derived_check(const tlstream_context_options *options,
                            tlstream_error *error);

/* Give an SSL_CTX that is new the credentials and the trust of another. */
int tlstream__derived_copy(struct ssl_ctx_st *to, struct ssl_ctx_st *from,
                           tlstream_error *error);

#endif
