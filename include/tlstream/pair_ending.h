/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_PAIR_ENDING_H
#define TLSTREAM_PAIR_ENDING_H

/* How a pair ends: by its owner, by its peer, by its transport. */
#include <tlstream/pair.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * How a connection ended.
 */
typedef enum tlstream_ending {
  TLSTREAM_ENDING_CLEAN,     /* both sides said goodbye */
  TLSTREAM_ENDING_TRUNCATED, /* we were done; the peer never said goodbye */
  TLSTREAM_ENDING_FAILED,    /* there was an error */
  TLSTREAM_ENDING_DESTROYED  /* tlstream_destroy() */
} tlstream_ending;

/**
 * Say that nothing more will be written: close_notify goes out, after the
 * handshake if that still lasts. Reading goes on. Once drained, the transport
 * is to be half-closed (tlstream_pair_wants_shutdown()).
 *
 * Returns 0, also when called again, or the pair's error.
 *
 * Since: 0.1
 */
TLSTREAM_API int tlstream_pair_end(tlstream_pair *pair);

/**
 * Tell the pair that the peer has closed its side of the transport.
 *
 * Without the peer's close_notify this is the error TRUNCATED, or
 * CLOSED_IN_HANDSHAKE, after the data before it has been read; when our own
 * side had ended already it is an ending without an error, and without
 * TLSTREAM_EVENT_END.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_pair_feed_eof(tlstream_pair *pair);

/**
 * Tell the pair that the transport broke: `cause` is kept as the pair's error
 * and comes out after the data that arrived before it.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_pair_feed_error(tlstream_pair *pair,
                                           const tlstream_error *cause);

/**
 * Return why the pair failed, or NULL. Borrowed.
 *
 * Since: 0.1
 */
TLSTREAM_API const tlstream_error *
tlstream_pair_error(const tlstream_pair *pair);

/**
 * Tell whether our close_notify has been drained, so that the transport's
 * sending side is to be shut down.
 *
 * Since: 0.1
 */
TLSTREAM_API bool tlstream_pair_wants_shutdown(const tlstream_pair *pair);

/**
 * Tell whether the connection is over in both directions and all output has
 * been drained, so that the transport is to be closed.
 *
 * Since: 0.1
 */
TLSTREAM_API bool tlstream_pair_is_finished(const tlstream_pair *pair);

/**
 * Return how the connection ended; of use once tlstream_pair_is_finished().
 *
 * Since: 0.1
 */
TLSTREAM_API tlstream_ending tlstream_pair_ending(const tlstream_pair *pair);

#ifdef __cplusplus
}
#endif

#endif
