/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_SESSION_SESSION_H
#define TLSTREAM_CORE_SESSION_SESSION_H

/* What pairs ask of sessions. */
#include <tlstream/session.h>

#include "core/session/fingerprint.h"

struct ssl_session_st;
struct stack_st_X509;

/* Bytes of a session, written out. A server chooses how large its tickets are.
 */
enum { TLSTREAM__SESSION_MAX = 64 * 1024 };

/* What a connection knows beside OpenSSL's session. All borrowed. */
typedef struct tlstream__session_terms {
  const tlstream__fingerprint *binding; /* what it may be resumed with */
  const char *name;                     /* that was verified, or "" */
  struct stack_st_X509 *chain; /* the peer's certificate first; may be NULL */
  long long good_until; /* of the verdict, in seconds since 1970; 0: always */
} tlstream__session_terms;

/* Make a session of a copy of OpenSSL's, which OpenSSL is to spoil when its
 * connection ends. NULL if it cannot be resumed, is larger than the limit, or
 * memory is out. */
tlstream_session *tlstream__session_new(const struct ssl_session_st *from,
                                        const tlstream__session_terms *terms);

/* May it be offered where `binding` holds? `now` is the time, and `judged` the
 * time by which certificates are judged, in seconds since 1970. */
bool tlstream__session_fits(const tlstream_session *session,
                            const tlstream__fingerprint *binding, long long now,
                            long long judged);

/* Take it for a connection. False if it was for one only, and had that. */
bool tlstream__session_claim(tlstream_session *session);

/* A copy for an SSL of its own; NULL when memory is out. */
struct ssl_session_st *tlstream__session_copy(const tlstream_session *session);

/* Is it that of this ticket or id? */
bool tlstream__session_is(const tlstream_session *session,
                          const struct ssl_session_st *other);

/* What it was made with; borrowed. */
tlstream__session_terms
tlstream__session_terms_of(const tlstream_session *session);

#endif
