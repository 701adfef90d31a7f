/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_TRUST_H
#define TLSTREAM_CORE_CONTEXT_TRUST_H

/* Trust: the system's roots, files and PEM texts into an SSL_CTX. */
#include <tlstream/context.h>

#include "base/file.h"
#include "core/context/roots.h"

struct ssl_ctx_st;
struct ssl_st;
struct tlstream_context;

/* Load what the options name. Returns 0 or a code; `*roots`, which is the
 * caller's, stays NULL where the system's are not trusted. */
int tlstream__trust_load(struct ssl_ctx_st *ctx,
                         const tlstream_context_options *options,
                         tlstream__pipes *pipes, tlstream__roots **roots,
                         tlstream_error *error);

/* True if the options leave trust to the default. */
bool tlstream__trust_is_default(const tlstream_context_options *options);

/* A server that asks for certificates needs options for which are valid: with
 * the default, any certificate of a public authority would be. Returns 0 or
 * EMPTY_TRUST. */
int tlstream__trust_check_clients(const struct tlstream_context *context,
                                  tlstream_error *error);

/* Have an SSL that will verify its peer do so with all that the context
 * trusts. The system's roots are read here, for the first one that needs them.
 * False when memory is out. */
bool tlstream__trust_attach(struct ssl_st *ssl,
                            struct tlstream_context *context);

/* Release what the context holds for this. */
void tlstream__trust_clear(struct tlstream_context *context);

#endif
