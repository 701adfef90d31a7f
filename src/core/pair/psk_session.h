/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_PSK_SESSION_H
#define TLSTREAM_CORE_PAIR_PSK_SESSION_H

/*
 * A pre-shared key as OpenSSL wants it in TLS 1.3: as a session that is
 * resumed. Such a session carries a mark, and so do the tickets that are made
 * of it: it is no resumption, and it is not resumed.
 */
#include <stdbool.h>

#include <tlstream/psk.h>

struct ssl_session_st;
struct ssl_st;

/* The handshake is done: was it made with a PSK, in this handshake? */
bool tlstream__psk_was_used(const struct ssl_st *ssl);

/* Mark a session of TLS 1.2, before a ticket is made of it. Without memory for
 * that it has no mark at all, which is as good: see core/pair/ticket.h. */
void tlstream__psk_mark(struct ssl_session_st *session);

/* Of a key for a connection with this session id context. NULL when memory is
 * out. */
struct ssl_session_st *tlstream__psk_session(struct ssl_st *ssl,
                                             tlstream_bytes key,
                                             tlstream_psk_hash hash,
                                             tlstream_bytes id_context);

/* Put the suites of TLS 1.3 with this hash before the others: with one of the
 * others the PSK could not be used. False when memory is out. */
bool tlstream__psk_prefer(struct ssl_st *ssl, tlstream_psk_hash hash);

#endif
