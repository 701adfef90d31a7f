/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_ALPN_H
#define TLSTREAM_CORE_PAIR_ALPN_H

/* ALPN (RFC 7301): a client offers protocols, the server picks one. */
#include <stdbool.h>

#include <tlstream/error.h>

struct ssl_ctx_st;
struct ssl_st;
struct tlstream_context;

/* Have servers of this SSL_CTX pick from the list of the pair's context. */
void tlstream__alpn_install(struct ssl_ctx_st *ctx);

/* Have a client offer its context's. False when memory is out. */
bool tlstream__alpn_attach(struct ssl_st *ssl,
                           const struct tlstream_context *context);

/* The handshake is done: what was agreed on? `*protocol` is the context's name
 * for it, or NULL for none. Returns 0, or a code when the peer picked what was
 * not offered or nothing where that is not allowed. */
int tlstream__alpn_conclude(const struct ssl_st *ssl,
                            const struct tlstream_context *context,
                            const char **protocol, tlstream_error *error);

#endif
