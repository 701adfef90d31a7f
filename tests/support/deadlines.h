/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_DEADLINES_H
#define TESTS_SUPPORT_DEADLINES_H

/* Pairs with a clock that the test moves, and their deadlines. */
#include <stdint.h>

#include "support/peers.h"

/* The time when they begin, and how long each deadline is if nothing else is
 * asked for. */
enum {
  START = 1000000,
  HANDSHAKE_MS = 10000,
  SEND_MS = 60000,
  HALF_CLOSED_MS = 60000,
  SHUTDOWN_MS = 3000,
  ALERT_MS = 3000,
  LINGER_MS = 1000
};

/* The next deadline is at `when`. Nothing happens a millisecond before, and it
 * does then: an error, or none if `code` is 0. */
void expire(tlstream_pair *pair, uint64_t when, int code);

/* It is finished, and no time changes that. */
void check_done(tlstream_pair *pair, tlstream_ending ending);

/* Read all there is; returns how much it was. */
size_t read_all(tlstream_pair *pair);

void set_clock(const peers *both, uint64_t now);

/* Both started at START. */
peers begin(const config *terms);

/* Secure since START, and quiet. */
peers settle(const config *terms);

/* A pair with time limits of its own; and the same as one of two. */
tlstream_pair *pair_with(config terms, tlstream_role role,
                         tlstream_timeouts timeouts);
peers settle_with(tlstream_version version, tlstream_role role,
                  tlstream_timeouts timeouts);

#endif
