/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_ALPN_H
#define TLSTREAM_CORE_ALPN_H

/* ALPN (RFC 7301): a client offers protocols, the server picks one. */
#include <tlstream/error.h>

struct ssl_st;
struct tlstream_context;

/* Have the connections of this context offer its list, or pick from it. */
int tlstream__alpn_install(struct tlstream_context *context,
                           tlstream_error *error);

/* The handshake is done: what was agreed on? `*protocol` is the context's name
 * for it, or NULL for none. Returns 0, or a code when the peer picked what was
 * not offered or nothing where that is not allowed. */
int tlstream__alpn_conclude(const struct ssl_st *ssl,
                            const struct tlstream_context *context,
                            const char **protocol, tlstream_error *error);

#endif
