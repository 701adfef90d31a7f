/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_CONNECT_H
#define TESTS_SUPPORT_CONNECT_H

/*
 * A client and a server of any two contexts, brought together in memory. Where
 * the contexts do not matter, see peers.h.
 */
#include <tlstream/context.h>
#include <tlstream/pair.h>

#include "support/make_cert.h"

typedef struct connection {
  tlstream_pair *client;
  tlstream_pair *server;
} connection;

/* The handshake has run as far as it can. `name` is what the client checks for;
 * it may be NULL. Borrows the contexts. */
connection connect_pairs(tlstream_context *client, tlstream_context *server,
                         const char *name);

void disconnect_pairs(connection *both);

/* A context, which must not fail to be made. */
tlstream_context *context_of(const tlstream_context_options *options);

/* None can be made of these options; the error has this code, these words in
 * its message, and OpenSSL's queue is left empty. */
void check_no_context(const tlstream_context_options *options, int code,
                      const char *words);

/* One that presents `own` and trusts `ca`; each may be NULL. */
tlstream_context *context_with(const made_cert *own, const made_cert *ca);

#endif
