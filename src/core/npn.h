/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_NPN_H
#define TLSTREAM_CORE_NPN_H

/*
 * NPN (draft-agl-tls-nextprotoneg-04), the predecessor of ALPN: the server
 * tells what it speaks, the client picks. TLS 1.2 and below; some builds of
 * OpenSSL lack it. Kept apart so that it can be deleted in one go.
 */
#include <stddef.h>

#include <tlstream/error.h>

struct ssl_st;
struct tlstream_context;

/* Have the connections of this context tell its list, or pick by it. Returns 0
 * or a code; UNSUPPORTED where OpenSSL was built without NPN. */
int tlstream__npn_install(struct tlstream_context *context,
                          tlstream_error *error);

/* What the client picked, not ended by a NUL, or NULL; on a server it may be
 * none of ours. */
const void *tlstream__npn_picked(const struct ssl_st *ssl, size_t *len);

#endif
