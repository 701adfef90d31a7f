/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_PAIR_COUNTS_H
#define TLSTREAM_PAIR_COUNTS_H

/* A pair's connection in numbers: when each phase came, and how much moved. */
#include <tlstream/pair.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The time of what has not come. */
#define TLSTREAM_NEVER UINT64_MAX

/**
 * Return when the pair was made, on the clock of its `now_ms`, in milliseconds.
 * A client's stream is made when connecting begins.
 *
 * Since: 0.1
 */
TLSTREAM_API uint64_t tlstream_pair_made_at(const tlstream_pair *pair);

/**
 * Return when the handshake began, on the same clock, or TLSTREAM_NEVER. That
 * of a stream begins when its transport is connected, or was accepted.
 *
 * Since: 0.1
 */
TLSTREAM_API uint64_t
tlstream_pair_handshake_began_at(const tlstream_pair *pair);

/**
 * Return when a server had all of the ClientHello, on the same clock, or
 * TLSTREAM_NEVER. What comes before is the client's time.
 *
 * Since: 0.1
 */
TLSTREAM_API uint64_t tlstream_pair_hello_at(const tlstream_pair *pair);

/**
 * Return when the handshake and the verification of the peer were done, on the
 * same clock, or TLSTREAM_NEVER.
 *
 * Since: 0.1
 */
TLSTREAM_API uint64_t tlstream_pair_secure_at(const tlstream_pair *pair);

/**
 * Return how many bytes of cleartext have been read.
 *
 * Since: 0.1
 */
TLSTREAM_API uint64_t tlstream_pair_bytes_read(const tlstream_pair *pair);

/**
 * Return how many bytes of cleartext have been encrypted.
 *
 * Since: 0.1
 */
TLSTREAM_API uint64_t tlstream_pair_bytes_written(const tlstream_pair *pair);

/**
 * Return how many encrypted bytes have been fed, TLS's own messages included.
 *
 * Since: 0.1
 */
TLSTREAM_API uint64_t
tlstream_pair_encrypted_bytes_read(const tlstream_pair *pair);

/**
 * Return how many encrypted bytes have been drained or consumed.
 *
 * Since: 0.1
 */
TLSTREAM_API uint64_t
tlstream_pair_encrypted_bytes_written(const tlstream_pair *pair);

#ifdef __cplusplus
}
#endif

#endif
