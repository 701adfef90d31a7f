/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_SERVE_EPHEMERAL_CERT_H
#define TLSTREAM_TOOL_SERVE_EPHEMERAL_CERT_H

#include <tlstream/tlstream.h>

/*
 * A certificate for one run of a server, signed by a certificate authority
 * whose key is discarded at once. The certificate of the authority is in a new
 * folder while the server runs, for clients that are to trust it.
 */
typedef struct ephemeral_cert {
  tlstream_issued leaf;
  char folder[512];
  char ca_path[560]; /* "" if there is none */
} ephemeral_cert;

/* Make the authority, and a certificate for localhost and `host`, which may be
 * NULL. False on failure, after printing the reason. */
bool ephemeral_cert_make(ephemeral_cert *made, const char *host);

/* Wipe the key and remove the folder. */
void ephemeral_cert_clear(ephemeral_cert *made);

#endif
