/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_VISIT_H
#define TESTS_SUPPORT_VISIT_H

/*
 * A client that comes to a server with a session, and what becomes of it. The
 * session that it takes home is the next one's offer.
 */
#include <tlstream/pair_info.h>
#include <tlstream/session.h>

#include "support/handshake.h"

typedef struct visit {
  tlstream_context *client; /* borrowed, as all that comes in */
  tlstream_context *server;
  const char *name;       /* to verify; NULL: SERVER_NAME */
  const char *servername; /* as of tlstream_pair_options */
  int port;
  tlstream_session *offered; /* NULL: none */

  bool secure; /* both sides */
  bool resumed;
  bool authorized;
  tlstream_authorization_source source;
  int error;      /* the client's */
  int reason;     /* why it is not authorized; or 0 */
  size_t reasons; /* how many there are */
  size_t chain_len;
  size_t given;           /* how many sessions came */
  tlstream_session *kept; /* the latest of them; owned */
} visit;

/* Both sides close cleanly in the end. */
visit visit_run(visit self);

/* The same again with what the last one kept, which is released. */
visit visit_again(visit last);

/* A visit that is whole and not resumed; the session is the caller's. */
tlstream_session *visit_session(tlstream_context *client,
                                tlstream_context *server);

/* Contexts of a server with test_leaf() and of a client that trusts test_ca(),
 * for one version. */
tlstream_context *visit_server(tlstream_version version);
tlstream_context *visit_client(void);

#endif
