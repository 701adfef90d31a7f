/* SPDX-License-Identifier: MIT */
/*
 * What the C servers of the comparison have in common: the command line `MODE
 * CERT KEY`, the line with the port, and how they fail. README.md has the
 * contract in full.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <openssl/ssl.h>

enum peer_mode { PEER_ECHO, PEER_BULK, PEER_SINK };

enum {
  PEER_BULK_CHUNK = 64 * 1024, /* what bulk hands over in one call */
  PEER_READ_CHUNK = 16 * 1024, /* a whole record, what most people read */
  PEER_BACKLOG = 1024,
};

/* The endless stream of bulk, over and over. */
extern const char peer_bulk_bytes[PEER_BULK_CHUNK];

/* Names the step that failed, and OpenSSL's reason if it has one; exits 1. */
_Noreturn void peer_fail(const char *what);

/* Checks `argc` and reads MODE; exits 2 with the usage if they are wrong. */
enum peer_mode peer_arguments(int argc, char **argv);

/* A server's SSL_CTX as a careful programmer sets it up; never NULL. */
SSL_CTX *peer_context(const char *cert, const char *key);

/* Prints `port N`, and the TLS library for the record. */
void peer_announce(int port);

/* Reads what stdin has; exits 0 at its end, which is how a server is stopped.
 */
void peer_check_stdin(void);

#endif
