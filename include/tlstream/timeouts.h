/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TIMEOUTS_H
#define TLSTREAM_TIMEOUTS_H

/**
 * How long a connection waits, in milliseconds. Zero is the default of each,
 * and no wait is without a limit unless the default says so.
 */
typedef struct tlstream_timeouts {
  unsigned connect_ms;   /* name look-up, race of addresses; 0: 10,000 */
  unsigned handshake_ms; /* from the transport being ready; 0: 10,000 */
  unsigned shutdown_ms;  /* from the last progress; 0: 3,000 */
  unsigned idle_ms;      /* from the last byte either way; 0: none */
} tlstream_timeouts;

#endif
