/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_RESUME_H
#define TLSTREAM_CORE_PAIR_RESUME_H

/*
 * A client's sessions: the one that it offers, which fits what must be proved
 * or is set aside, and those that the server gives. All of these do nothing on
 * a server.
 */
#include <tlstream/pair.h>

struct ssl_session_st;
struct stack_st_X509;

/* The first message is about to be made: have it offer the session that was
 * given, or one of the context's cache. */
void tlstream__resume_offer(tlstream_pair *pair);

/* The handshake is done: was it resumed? Comes before the verdict. */
void tlstream__resume_conclude(tlstream_pair *pair);

/* The connection is secure: keep the session that TLS 1.2 has by now. */
void tlstream__resume_collect(tlstream_pair *pair);

/* OpenSSL has a new session: keep it, if it is a ticket of TLS 1.3. */
void tlstream__resume_note(tlstream_pair *pair, struct ssl_session_st *given);

/* The pair failed. What was offered may be the reason: it is not to fail the
 * next one, too. */
void tlstream__resume_failed(tlstream_pair *pair);

/* The peer's chain, verified as far as it was; in a resumed connection that of
 * the session. NULL if there is none. Borrowed. */
struct stack_st_X509 *tlstream__resume_chain(const tlstream_pair *pair);

/* Release what the pair has of sessions. */
void tlstream__resume_clear(tlstream_pair *pair);

#endif
