/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TIMEOUTS_H
#define TLSTREAM_TIMEOUTS_H

/* A wait without a limit. */
#define TLSTREAM_NO_TIMEOUT 0xffffffffu

/**
 * How long a connection waits, in milliseconds. Zero is the default of each,
 * TLSTREAM_NO_TIMEOUT takes a limit away. A deadline is judged after what has
 * already arrived was read, so that a process that was stopped does not take
 * its own silence for the peer's.
 */
typedef struct tlstream_timeouts {
  /* Name look-up and the race of the addresses; 0: 10,000. CONNECT_TIMEOUT. */
  unsigned connect_ms;
  /* From the transport being ready; bytes do not prolong it; 0: 10,000.
   * HANDSHAKE_TIMEOUT. */
  unsigned handshake_ms;
  /* After tlstream_end() or tlstream_close(), while bytes of ours wait: from
   * the last one that the transport took, or that the peer acknowledged where
   * that is known; 0: 60,000. SEND_TIMEOUT, and the transport is reset. */
  unsigned send_ms;
  /* The same on a connection that is not ended; 0: none. SEND_TIMEOUT. */
  unsigned write_ms;
  /* After tlstream_end(), when all has left: from the last byte received,
   * without the time in which the stream is paused or waits for a pipe;
   * 0: 60,000. HALF_CLOSED_TIMEOUT. */
  unsigned half_closed_ms;
  /* After tlstream_close(), until the peer's close_notify: from the moment
   * when all has left; nothing prolongs it; 0: 3,000. The ending is then
   * TRUNCATED, without an error. */
  unsigned shutdown_ms;
  /* From the last byte either way; 0: none. IDLE_TIMEOUT. */
  unsigned idle_ms;
} tlstream_timeouts;

#endif
