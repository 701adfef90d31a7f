/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_TICKET_H
#define TLSTREAM_CORE_PAIR_TICKET_H

/*
 * How long a session may be resumed without another look at the client's
 * certificates: until the first of the chain expires, or the first of the lists
 * of revoked certificates that were used. The moment travels in the ticket, and
 * from one ticket to the next that a resumption brings.
 */
#include <stdbool.h>

struct ssl_session_st;
struct ssl_st;
struct tlstream__check;
struct x509_store_ctx_st;

/* That moment for the chain in `store`, in seconds since 1970, at least 1.
 * `now` is the time of the verification. */
long long tlstream__ticket_end(struct x509_store_ctx_st *store, long long now);

/* A ticket is made: put the check's moment in. */
void tlstream__ticket_mark(struct ssl_st *ssl,
                           const struct tlstream__check *check);

/* Is the moment of this session yet to come? A ticket without one is stale; so
 * is one of TLS 1.2 if the application is asked about its client. */
bool tlstream__ticket_is_fresh(const struct ssl_session_st *session,
                               const struct tlstream__check *check);

#endif
