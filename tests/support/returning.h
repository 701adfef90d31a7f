/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_RETURNING_H
#define TESTS_SUPPORT_RETURNING_H

/*
 * A client that comes again with the session of the time before: OpenSSL, which
 * offers it to any server.
 */
#include <stdbool.h>

#include "support/handshake.h"

typedef struct visit {
  tlstream_context *server;
  tlstream_version version;
  SSL_SESSION *offered;   /* borrowed; NULL: none */
  bool refuses_tickets;   /* it says nothing of tickets */
  bool shows_certificate; /* the test's leaf, if it is asked for one */

  bool secure;
  bool resumed;      /* as the client sees it */
  bool authorized;   /* as the server does */
  int error;         /* the server's */
  size_t tickets;    /* that it got, in TLS 1.3 */
  SSL_SESSION *kept; /* owned */
} visit;

/* Both sides at time 0; the connection is over when this returns. */
visit come(visit self);

/* The same client with what it kept, which is released. */
visit come_again(visit last);

/* A context that a server can use, with more options. */
tlstream_context *server_context(tlstream_context_options more);

#endif
