/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_PAIR_ENDING_H
#define TLSTREAM_PAIR_ENDING_H

/* How a pair ends: by its owner, by its peer, by its transport. */
#include <tlstream/pair.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * How a connection ended. No ending that is known to have lost bytes, ours or
 * the peer's, is called clean.
 */
typedef enum tlstream_ending {
  TLSTREAM_ENDING_CLEAN,     /* both close_notify, and all of ours left */
  TLSTREAM_ENDING_TRUNCATED, /* the peer sent no close_notify; ours left */
  TLSTREAM_ENDING_FAILED,    /* there was an error */
  TLSTREAM_ENDING_DESTROYED  /* tlstream_destroy() */
} tlstream_ending;

/**
 * End the sending direction: close_notify goes out behind what was written.
 * This is a half-close: reading goes on, and what the peer still sends is read.
 * Once drained, the transport is to be half-closed
 * (tlstream_pair_wants_shutdown()).
 *
 * During the handshake close_notify waits for its end.
 *
 * Returns 0, also when called again, or the pair's error.
 *
 * Since: 0.1
 */
TLSTREAM_API int tlstream_pair_end(tlstream_pair *pair);

/**
 * Close the connection: as tlstream_pair_end(), and what the peer still sends
 * is discarded, read or not, until its close_notify or for
 * `timeouts.shutdown_ms`. Go on feeding: a transport that is closed with unread
 * input resets the connection, and the reset overtakes what we sent. No more
 * TLSTREAM_EVENT_DATA or TLSTREAM_EVENT_END comes.
 *
 * Returns 0, also when called again, or the pair's error.
 *
 * Since: 0.1
 */
TLSTREAM_API int tlstream_pair_close(tlstream_pair *pair);

/**
 * The peer has closed its side of the transport.
 *
 * Without the peer's close_notify this is the error TRUNCATED, or
 * CLOSED_IN_HANDSHAKE, after the data before it has been read and, after
 * tlstream_pair_end(), all of ours has left. After tlstream_pair_close() it is
 * the ending TRUNCATED, without an error, if all of ours leaves.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_pair_feed_eof(tlstream_pair *pair);

/**
 * The transport broke: `cause` is kept as the pair's error and comes out after
 * the data that arrived before it.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_pair_feed_error(tlstream_pair *pair,
                                           const tlstream_error *cause);

/**
 * Set `timeouts.idle_ms` anew; 0: none. It counts from the last byte either
 * way, but from this call at the earliest.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_pair_set_idle_timeout(tlstream_pair *pair,
                                                 unsigned idle_ms);

/**
 * Return why the pair failed, or NULL. Borrowed.
 *
 * Since: 0.1
 */
TLSTREAM_API const tlstream_error *
tlstream_pair_error(const tlstream_pair *pair);

/**
 * Return whether our close_notify, or the alert of a failure, has been drained,
 * so that the transport's sending side is to be shut down.
 *
 * Since: 0.1
 */
TLSTREAM_API bool tlstream_pair_wants_shutdown(const tlstream_pair *pair);

/**
 * Return whether the connection is over in both directions and all output has
 * been drained, so that the transport is to be closed. After a failure with an
 * alert of ours the peer gets a moment to take the alert: its end, or a second.
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
