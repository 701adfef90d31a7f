/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_SERVE_EPHEMERAL_CERT_H
#define TLSTREAM_TOOL_SERVE_EPHEMERAL_CERT_H

#include <tlstream/tlstream.h>

/*
 * A certificate authority for one run of a server: it signs one certificate and
 * its key is forgotten. Its certificate lies in a fresh folder for as long as
 * the server runs, so that clients can be told to trust it.
 */
typedef struct ephemeral_cert {
  tlstream_issued leaf;
  char folder[512];
  char ca_path[560]; /* "" if there is none */
} ephemeral_cert;

/* Make the authority, and a certificate for this machine and `host`, which may
 * be NULL. False when that failed, and then the reason has been said. */
bool ephemeral_cert_make(ephemeral_cert *made, const char *host);

/* Wipe the key and remove the folder. */
void ephemeral_cert_clear(ephemeral_cert *made);

#endif
