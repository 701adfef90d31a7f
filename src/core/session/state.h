/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_SESSION_STATE_H
#define TLSTREAM_CORE_SESSION_STATE_H

/* The inside of a session, for session.c, parse.c and write.c. All but `refs`
 * and `used` is set once. */
#include <stdatomic.h>
#include <stdbool.h>

#include "core/session/session.h"

struct tlstream_session {
  atomic_size_t refs;
  atomic_bool used;
  struct ssl_session_st *own;  /* owned; no SSL's */
  struct stack_st_X509 *chain; /* owned; the peer's certificate first */
  tlstream__fingerprint binding;
  long long good_until;
  long long expires;
  char *name; /* owned */
};

/* A session with nothing in it but the terms, which are copied. NULL when
 * memory is out. */
tlstream_session *tlstream__session_blank(const tlstream__session_terms *terms);

/* Give it OpenSSL's, which becomes its own also where this fails: if it cannot
 * be resumed. */
bool tlstream__session_fill(tlstream_session *session,
                            struct ssl_session_st *own);

/* How many bytes it has written out; 0 if that is over the limit. */
size_t tlstream__session_size(const tlstream_session *session);

#endif
