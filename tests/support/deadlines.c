/* SPDX-License-Identifier: MIT */
#include "support/deadlines.h"

#include <tlstream/pair_ending.h>

#include "support/shuttle.h"
#include "support/test.h"

/* Nothing happens a millisecond before, and it does then. */
void expire(tlstream_pair *pair, uint64_t when, int code) {
  CHECK_INT(tlstream_pair_next_deadline(pair), when);
  CHECK_ERROR(tlstream_pair_tick(pair, when - 1), 0);
  CHECK_STR(take_events(pair), "");
  CHECK_INT(tlstream_pair_next_deadline(pair), when);
  CHECK_ERROR(tlstream_pair_tick(pair, when), code);
  CHECK_STR(take_events(pair), code != 0 ? "ERROR" : "");
  CHECK_ERROR(error_code(pair), code);
}

void check_done(tlstream_pair *pair, tlstream_ending ending) {
  CHECK(tlstream_pair_is_finished(pair));
  CHECK_INT(tlstream_pair_ending(pair), ending);
  CHECK_INT(tlstream_pair_next_deadline(pair), TLSTREAM_NO_DEADLINE);
  CHECK_ERROR(tlstream_pair_tick(pair, UINT64_MAX - 1), error_code(pair));
  CHECK_STR(take_events(pair), "");
}

size_t read_all(tlstream_pair *pair) {
  char got[100];
  size_t total = 0;
  ptrdiff_t len = 0;
  while ((len = tlstream_pair_read(pair, got, sizeof(got))) > 0) {
    total += (size_t)len;
  }
  take_events(pair);
  return total;
}

void set_clock(const peers *both, uint64_t now) {
  CHECK_ERROR(tlstream_pair_tick(both->side[0], now), 0);
  CHECK_ERROR(tlstream_pair_tick(both->side[1], now), 0);
}

static peers begin_with(peers both) {
  set_clock(&both, START);
  CHECK_ERROR(tlstream_pair_start(both.side[0]), 0);
  CHECK_ERROR(tlstream_pair_start(both.side[1]), 0);
  return both;
}

peers begin(const config *terms) {
  return begin_with(peers_new(terms));
}

static peers settled(peers both) {
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  CHECK_STR(take_events(both.side[0]), "SECURE");
  CHECK_STR(take_events(both.side[1]), "SECURE");
  return both;
}

/* Secure since START, and quiet. */
peers settle(const config *terms) {
  return settled(begin(terms));
}

tlstream_pair *pair_with(config terms, tlstream_role role,
                         tlstream_timeouts timeouts) {
  tlstream_context *context = config_context(&terms, role);
  tlstream_pair *pair = tlstream_pair_new(
      TLSTREAM_PAIR(.role = role, .context = context,
                    .verify_name =
                        role == TLSTREAM_ROLE_CLIENT ? SERVER_NAME : NULL,
                    .timeouts = timeouts),
      START, NULL);
  tlstream_context_unref(context);
  return pair;
}

/* The same, with time limits of its own for `role`. */
peers settle_with(tlstream_version version, tlstream_role role,
                  tlstream_timeouts timeouts) {
  config terms = {.version = version};
  peers both = peers_new(&terms);
  tlstream_pair_free(both.side[role]);
  both.side[role] = pair_with(terms, role, timeouts);
  return settled(begin_with(both));
}
