/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_ALPN_H
#define TLSTREAM_CORE_PAIR_ALPN_H

/* ALPN (RFC 7301): a client offers protocols, the server picks one. */
#include <stdbool.h>

#include <tlstream/error.h>

struct ssl_st;
struct tlstream_context;

/* A server's pick from the list of the pair's context, as
 * SSL_CTX_set_alpn_select_cb() wants it. */
int tlstream__alpn_pick(const struct tlstream_context *context,
                        const unsigned char **out, unsigned char *out_len,
                        const unsigned char *offered, unsigned len);

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
