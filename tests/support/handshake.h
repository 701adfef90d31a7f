/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_HANDSHAKE_H
#define TESTS_SUPPORT_HANDSHAKE_H

/*
 * Handshakes with more options than connect_pairs() has: a client that asks for
 * a host, a server that chooses a context, OpenSSL on the other side.
 */
#include "support/connect.h"
#include "support/hostile_peer.h"
#include "support/peers.h"

/* Pairs at time 0. A client verifies SERVER_NAME, and asks for `servername`
 * unless that is NULL; a server that chooses stops at the ClientHello. */
tlstream_pair *client_with(tlstream_context *context, const char *servername);
tlstream_pair *server_with(tlstream_context *context, bool chooses);

/* "h2,foo" as an option; NULL is none. `room` takes the wire form, which is one
 * byte longer than the text. */
tlstream_protocols protocol_list(const char *names, unsigned char *room);

/* Start the client and carry bytes until neither side has any left. The pairs
 * are the result's. */
peers shake(tlstream_pair *client, tlstream_pair *server);

/* Is this the certificate that the client was shown? */
bool was_shown(const tlstream_pair *client, const made_cert *leaf);

/* The same as shake() for OpenSSL and its pair. Returns 0 when OpenSSL is
 * through, the fatal alert that it got, or -1. In TLS 1.3 a server's refusal
 * comes after the client's handshake, and is an alert here too. */
int hostile_peer_handshake(hostile_peer *self);

/* What OpenSSL can resume after that handshake, NULL if it failed; the
 * caller's. Has the pair send a byte, with which the ticket of TLS 1.3
 * leaves. */
SSL_SESSION *hostile_peer_session(hostile_peer *self);

#endif
