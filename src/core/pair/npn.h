/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_NPN_H
#define TLSTREAM_CORE_PAIR_NPN_H

/*
 * NPN (draft-agl-tls-nextprotoneg-04), the predecessor of ALPN: the server
 * advertises what it speaks, the client picks. TLS 1.2 and below; some builds
 * of OpenSSL lack it. Here and in core/context/callbacks.c, apart from the rest
 * so that it can be deleted in one go.
 */
#include <stddef.h>

struct ssl_st;
struct tlstream_pair;

/* A client's pick from the list of the pair's context, as
 * SSL_CTX_set_next_proto_select_cb() wants it. */
int tlstream__npn_pick(struct tlstream_pair *pair, unsigned char **out,
                       unsigned char *out_len, const unsigned char *advertised,
                       unsigned len);

/* What the client picked, not ended by a NUL, or NULL; on a server it may be
 * none of ours. */
const void *tlstream__npn_picked(const struct ssl_st *ssl, size_t *len);

#endif
