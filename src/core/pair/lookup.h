/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_LOOKUP_H
#define TLSTREAM_CORE_PAIR_LOOKUP_H

/*
 * A server's sessions of TLS 1.2 that its owner keeps: asked for when a client
 * gives an id, before OpenSSL acts on the ClientHello, and handed out when one
 * is made. A zeroed struct is no question.
 */
#include <stdbool.h>
#include <stddef.h>

#include <tlstream/bytes.h>

#include "core/session/id_cache.h"

struct ssl_session_st;
struct ssl_st;
struct tlstream_pair;

typedef enum tlstream__lookup_state {
  TLSTREAM__LOOKUP_NONE,
  TLSTREAM__LOOKUP_ASKED,
  TLSTREAM__LOOKUP_ANSWERED
} tlstream__lookup_state;

typedef struct tlstream__lookup {
  tlstream__lookup_state state;
  unsigned char id[TLSTREAM__ID_LEN_MAX];
  size_t id_len;
  struct ssl_session_st *found; /* owned; NULL: none */
  unsigned char *made;          /* for the owner to store; owned, a secret */
  size_t made_len;
} tlstream__lookup;

/* A ClientHello is here, and its context is known. True if the owner has to
 * answer first. */
bool tlstream__lookup_ask(struct tlstream_pair *pair, struct ssl_st *ssl);

/* The owner has answered with these bytes, whatever they are. */
void tlstream__lookup_settle(tlstream__lookup *lookup, tlstream_bytes session);

/* The answer, if it is for this id: the caller's from now on; or NULL. */
struct ssl_session_st *tlstream__lookup_take(struct tlstream_pair *pair,
                                             const unsigned char *id,
                                             size_t len);

/* A server's session of TLS 1.2 was made, with an id. */
void tlstream__lookup_note(struct tlstream_pair *pair,
                           const struct ssl_session_st *session);

/* The owner has seen what was made: wipe it. */
void tlstream__lookup_forget_made(tlstream__lookup *lookup);

void tlstream__lookup_clear(tlstream__lookup *lookup);

#endif
