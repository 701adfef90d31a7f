/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_ASK_H
#define TLSTREAM_CORE_PAIR_ASK_H

/*
 * The application's own judgement of a peer's certificate, asked for where the
 * peer would be accepted. Before the answer no data is read or written, and a
 * server gives no ticket.
 *
 * When it is asked:
 * - A client, in the handshake: OpenSSL suspends that and verifies once more
 *   after the answer (SSL_set_retry_verify()).
 * - A server in TLS 1.2, in the handshake too, which stops because OpenSSL gets
 *   no more input. Nothing of ours is encrypted yet, nor has a ticket left.
 * - A server in TLS 1.3, and both sides of a session that is resumed, when the
 *   handshake is done.
 *   A server that asks does not resume sessions of TLS 1.2, so that each client
 *   that is refused gets an alert.
 */
#include <stdbool.h>

#include "core/pair/verify.h"

struct ssl_st;
struct tlstream_pair;
struct x509_store_ctx_st;

/* Judge the peer's chain and name, and ask: for
 * SSL_CTX_set_cert_verify_callback(). */
int tlstream__ask_judge(struct x509_store_ctx_st *store,
                        tlstream__check *check);

/* The handshake is done: true if the answer is still to come, now. */
bool tlstream__ask_at_end(struct tlstream_pair *pair);

/* The alert that the peer gets in place of a ticket; 0: it gets the ticket. */
int tlstream__ask_refusal_alert(const struct tlstream_pair *pair);

/* Is the answer awaited? */
bool tlstream__ask_is_open(const struct tlstream_pair *pair);

#endif
