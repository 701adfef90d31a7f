/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_RESUMPTION_H
#define TLSTREAM_CORE_CONTEXT_RESUMPTION_H

/* How sessions with a context can be resumed: its policy, and what is shared
 * for it. */
#include <stdbool.h>

#include <tlstream/context.h>

#include "core/session/id_cache.h"

struct ssl_session_st;
struct ssl_st;

/* Zeroed: nothing. */
typedef struct tlstream__resumption {
  tlstream_ticket_keys *ticket_keys; /* a reference; never NULL once set */
  tlstream__id_cache *ids;           /* NULL: no sessions by id */
  bool owns_ids;                     /* or they are the parent's */
  unsigned lifetime_s;
  unsigned char ticket_count; /* in TLS 1.3 */
  bool no_tickets;
} tlstream__resumption;

/* Fill it in; `parent`, which may be NULL, has what the options leave to it.
 * Returns 0 or a code. */
int tlstream__resumption_set(tlstream__resumption *self,
                             const tlstream_context_options *options,
                             const tlstream__resumption *parent,
                             tlstream_error *error);

void tlstream__resumption_clear(tlstream__resumption *self);

/* Keep a server's session of TLS 1.2 under its id, and forget it. */
void tlstream__resumption_keep(const tlstream__resumption *self,
                               const struct ssl_session_st *session);
void tlstream__resumption_forget(const tlstream__resumption *self,
                                 const struct ssl_session_st *session);

/* What was kept under an id, or NULL; the caller's. */
struct ssl_session_st *
tlstream__resumption_find(const tlstream__resumption *self,
                          const unsigned char *id, size_t len);

/* Contexts share an SSL_CTX: set what is theirs alone for an SSL. */
void tlstream__resumption_attach(struct ssl_st *ssl,
                                 const tlstream__resumption *self);

#endif
