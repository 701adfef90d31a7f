/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_NPN_H
#define TLSTREAM_CORE_PAIR_NPN_H

/*
 * NPN (draft-agl-tls-nextprotoneg-04), the predecessor of ALPN: the server
 * tells what it speaks, the client picks. TLS 1.2 and below; some builds of
 * OpenSSL lack it. Kept apart so that it can be deleted in one go.
 */
#include <stddef.h>

#include <tlstream/error.h>

struct ssl_ctx_st;
struct ssl_st;
struct tlstream_context;

/* If `context` has a list, have all connections of the SSL_CTX tell that of
 * their pair's context, or pick by it: each of these contexts must have one.
 * Returns 0 or a code; UNSUPPORTED where OpenSSL was built without NPN. */
int tlstream__npn_install(struct ssl_ctx_st *ctx,
                          const struct tlstream_context *context,
                          tlstream_error *error);

/* What the client picked, not ended by a NUL, or NULL; on a server it may be
 * none of ours. */
const void *tlstream__npn_picked(const struct ssl_st *ssl, size_t *len);

#endif
