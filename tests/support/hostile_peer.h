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
  HOSTILE_CCS = 20,
  HOSTILE_ALERT = 21,
  HOSTILE_HANDSHAKE = 22,
  HOSTILE_DATA = 23,
  HOSTILE_PLAIN_MAX = 18 * 1024
};

typedef struct hostile_peer {
  SSL *ssl;
  SSL_CTX *ctx;
  BIO *in;
  BIO *out;
  tlstream_pair *pair; /* borrowed: its other side */
  unsigned char secret[32];
  unsigned char key[16];
  unsigned char iv[12];
  uint64_t sequence;
  bool modern; /* TLS 1.3 */
} hostile_peer;

/* A peer in `role`, with the test's CA and leaf; nothing has been sent yet. */
void hostile_peer_open(hostile_peer *self, tlstream_role role,
                       tlstream_version version, tlstream_pair *pair);

/* The handshake, to its end. From then on either use `ssl` for writing, or
 * forge records: the two count for themselves. */
void hostile_peer_finish_handshake(hostile_peer *self);

void hostile_peer_close(hostile_peer *self);

/* Both at once for a new pair of ours, which is returned, and the end of it. */
tlstream_pair *hostile_peer_connect(hostile_peer *self,
                                    tlstream_version version,
                                    tlstream_role ours);
void hostile_peer_disconnect(hostile_peer *self);

/* Hand on the output of `ssl`, all of it that the pair takes; false if the pair
 * did not take all. What it takes none of stays. */
bool hostile_peer_push(hostile_peer *self);

/* Hand `ssl` the pair's output. */
void hostile_peer_pull(hostile_peer *self);

/* Make one record; returns its length. `out` has room for `len` and 64 more. */
size_t hostile_peer_record(hostile_peer *self, unsigned char *out, int type,
                           const void *bytes, size_t len);

/* The same with `padding` zeros (TLS 1.3 only). */
size_t hostile_peer_padded(hostile_peer *self, unsigned char *out, int type,
                           const void *bytes, size_t len, size_t padding);

/* Make one and feed it; returns what feed did. */
ptrdiff_t hostile_peer_send(hostile_peer *self, int type, const void *bytes,
                            size_t len);

/* The keys that come after a KeyUpdate of ours. */
void hostile_peer_next_keys(hostile_peer *self);

#endif
