/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_HOSTILE_PEER_H
#define TESTS_SUPPORT_HOSTILE_PEER_H

/*
 * A peer for one pair that does what no pair of ours would: OpenSSL itself for
 * an honest handshake, and after it records of any type and content, encrypted
 * as they should be.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include <tlstream/pair.h>

enum {
  EVIL_CCS = 20,
  EVIL_ALERT = 21,
  EVIL_HANDSHAKE = 22,
  EVIL_DATA = 23,
  EVIL_PLAIN_MAX = 18 * 1024
};

typedef struct evil {
  SSL *ssl;
  SSL_CTX *ctx;
  BIO *in;
  BIO *out;
  tlstream_pair *pair; /* borrowed: whom it talks to */
  unsigned char secret[32];
  unsigned char key[16];
  unsigned char iv[12];
  uint64_t sequence;
  bool modern; /* TLS 1.3 */
} evil;

/* A peer in `role`, with the test's CA and leaf; nothing has been said yet. */
void evil_open(evil *self, tlstream_role role, tlstream_version version,
               tlstream_pair *pair);

/* The handshake, to its end. From then on either use `ssl` for writing, or
 * forge records: the two count for themselves. */
void evil_meet(evil *self);

void evil_close(evil *self);

/* Both at once for a new pair of ours, which is returned, and the end of it. */
tlstream_pair *evil_face(evil *self, tlstream_version version,
                         tlstream_role ours);
void evil_part(evil *self);

/* Hand on what `ssl` has to say, all of it that the pair takes; false if the
 * pair did not take all. What it takes none of stays. */
bool evil_push(evil *self);

/* Hand `ssl` what the pair has to say. */
void evil_pull(evil *self);

/* Make one record; returns its length. `out` has room for `len` and 64 more. */
size_t evil_record(evil *self, unsigned char *out, int type, const void *bytes,
                   size_t len);

/* The same with `padding` zeros (TLS 1.3 only). */
size_t evil_padded(evil *self, unsigned char *out, int type, const void *bytes,
                   size_t len, size_t padding);

/* Make one and feed it; returns what feed did. */
ptrdiff_t evil_send(evil *self, int type, const void *bytes, size_t len);

/* The keys that come after a KeyUpdate of ours. */
void evil_next_keys(evil *self);

#endif
