/* SPDX-License-Identifier: MIT */
/* Deadlines, with a clock that the test moves: each waits for one thing,
 * expires exactly at its time, and next_deadline returns that time. Here the
 * handshake, idleness, and the clock itself. */
#include <stdint.h>

#include <tlstream/pair_ending.h>

#include "core/pair/pair.h"
#include "support/deadlines.h"
#include "support/peers.h"
#include "support/shuttle.h"
#include "support/test.h"

static void wait_for_handshake(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  tlstream_pair *pair = config_pair(&terms, role);
  CHECK_INT(tlstream_pair_next_deadline(pair), TLSTREAM_NO_DEADLINE);
  CHECK_ERROR(tlstream_pair_tick(pair, START), 0);
  CHECK_ERROR(tlstream_pair_start(pair), 0);
  expire(pair, START + HANDSHAKE_MS, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK_HAS(error_text(pair), "after 10000 ms");
  CHECK_HAS(error_text(pair), "said nothing at all");
  /* A client's first message may still leave, but not for ever. */
  if (role == TLSTREAM_ROLE_CLIENT) {
    CHECK(!tlstream_pair_is_finished(pair));
    CHECK_INT(tlstream_pair_next_deadline(pair),
              START + HANDSHAKE_MS + ALERT_MS);
    CHECK_ERROR(tlstream_pair_tick(pair, START + HANDSHAKE_MS + ALERT_MS),
                TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  }
  check_done(pair, TLSTREAM_ENDING_FAILED);
  tlstream_pair_free(pair);
}

TEST(a_handshake_has_ten_seconds) {
  each_side(wait_for_handshake);
}

/* To want to end does not shorten it. */
static void end_in_handshake(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = begin(&terms);
  CHECK_ERROR(tlstream_pair_end(both.side[role]), 0);
  expire(both.side[role], START + HANDSHAKE_MS, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  peers_free(&both);
}

TEST(an_end_in_the_handshake_leaves_it_its_time) {
  each_side(end_in_handshake);
}

/* The first feed starts a pair that was not started. */
TEST(a_server_counts_from_the_first_byte_if_not_started) {
  config terms = {0};
  tlstream_pair *pair = config_pair(&terms, TLSTREAM_ROLE_SERVER);
  CHECK_ERROR(tlstream_pair_tick(pair, START), 0);
  CHECK_INT(tlstream_pair_feed(pair, "\x16", 1), 1);
  expire(pair, START + HANDSHAKE_MS, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK(strstr(error_text(pair), "nothing at all") == NULL);
  tlstream_pair_free(pair);
}

TEST(time_limits_can_be_chosen) {
  config terms = {0};
  tlstream_pair *pair = pair_with(terms, TLSTREAM_ROLE_SERVER,
                                  (tlstream_timeouts){.handshake_ms = 77});
  CHECK_ERROR(tlstream_pair_start(pair), 0);
  CHECK_INT(tlstream_pair_feed(pair, "\x16\x03\x01", 3), 3);
  expire(pair, START + 77, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  tlstream_pair_free(pair);
}

/* The peer's bytes come one by one, `step` ms apart; ours are there at once. */
static void dribble(tlstream_version version, tlstream_role role,
                    uint64_t step) {
  config terms = {.version = version};
  peers both = begin(&terms);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  for (uint64_t now = step; now < HANDSHAKE_MS; now += step) {
    size_t len = 0;
    unsigned char byte = 0;
    const void *bytes = tlstream_pair_peek(us, &len);
    CHECK_INT(tlstream_pair_feed(them, bytes, len), len);
    tlstream_pair_consume(us, len);
    CHECK_ERROR(tlstream_pair_tick(us, START + now), 0);
    CHECK_INT(tlstream_pair_drain(them, &byte, 1), 1);
    CHECK_INT(tlstream_pair_feed(us, &byte, 1), 1);
  }
  CHECK_INT(tlstream_pair_next_deadline(us), START + HANDSHAKE_MS);
  CHECK_ERROR(tlstream_pair_tick(us, START + HANDSHAKE_MS),
              TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  peers_free(&both);
}

static void dribble_at_any_speed(tlstream_version version, tlstream_role role) {
  dribble(version, role, 5000);
  dribble(version, role, 100);
}

TEST(bytes_do_not_prolong_the_handshake) {
  each_side(dribble_at_any_speed);
}

static void have_none(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_INT(tlstream_pair_next_deadline(us), TLSTREAM_NO_DEADLINE);
  CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
  CHECK_INT(tlstream_pair_next_deadline(us), TLSTREAM_NO_DEADLINE);
  set_clock(&both, UINT64_MAX / 2);
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  CHECK_STR(take_events(both.side[other_role(role)]), "DATA");
  peers_free(&both);
}

TEST(an_open_connection_has_no_deadline) {
  each_side(have_none);
}

static void idle(tlstream_version version, tlstream_role role) {
  config terms = {.version = version, .idle_ms = 700};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  CHECK_INT(tlstream_pair_next_deadline(us), START + 700);
  /* Their byte, then ours, then time that is not moved by asking. */
  set_clock(&both, START + 600);
  CHECK_INT(tlstream_pair_write(them, "abc", 3), 3);
  shuttle(us, them, SIZE_MAX);
  CHECK_INT(tlstream_pair_next_deadline(us), START + 1300);
  set_clock(&both, START + 1200);
  CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
  shuttle(us, them, SIZE_MAX);
  CHECK_INT(tlstream_pair_next_deadline(us), START + 1900);
  CHECK_ERROR(tlstream_pair_tick(us, START + 1800), 0);
  CHECK_INT(tlstream_pair_write(us, "", 0), 0);
  take_events(us);
  expire(us, START + 1900, TLSTREAM_ERR_IDLE_TIMEOUT);
  CHECK_HAS(error_text(us), "for 700 ms");
  check_done(us, TLSTREAM_ENDING_FAILED);
  peers_free(&both);
}

TEST(idleness_counts_from_the_last_byte_either_way) {
  each_side(idle);
}

/* And from the moment when the limit was set, if that is later. */
static void change_the_limit(tlstream_version version, tlstream_role role) {
  enum { HOUR = 3600 * 1000 };
  config terms = {.version = version};
  peers both = settle(&terms);
  tlstream_pair *pair = both.side[role];
  CHECK_INT(tlstream_pair_next_deadline(pair), TLSTREAM_NO_DEADLINE);
  set_clock(&both, START + HOUR);
  tlstream_pair_set_idle_timeout(pair, 500);
  CHECK_INT(tlstream_pair_next_deadline(pair), START + HOUR + 500);
  tlstream_pair_set_idle_timeout(pair, 0);
  CHECK_INT(tlstream_pair_next_deadline(pair), TLSTREAM_NO_DEADLINE);
  tlstream_pair_set_idle_timeout(pair, TLSTREAM_NO_TIMEOUT);
  CHECK_INT(tlstream_pair_next_deadline(pair), TLSTREAM_NO_DEADLINE);
  tlstream_pair_set_idle_timeout(pair, 700);
  expire(pair, START + HOUR + 700, TLSTREAM_ERR_IDLE_TIMEOUT);
  peers_free(&both);
}

TEST(the_limit_of_idleness_can_change) {
  each_side(change_the_limit);
}

/* What has arrived is read before a deadline is judged: the time alone judges
 * nothing. */
static void set_time(tlstream_version version, tlstream_role role) {
  config terms = {.version = version, .idle_ms = 700};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  tlstream__pair_set_time(us, START + 5000);
  CHECK(tlstream_pair_error(us) == NULL);
  peers_say(&both, role);
  CHECK_ERROR(tlstream_pair_tick(us, START + 5000), 0);
  check_hears(us);
  expire(us, START + 5700, TLSTREAM_ERR_IDLE_TIMEOUT);
  peers_free(&both);
}

TEST(the_time_is_set_before_verification) {
  each_side(set_time);
}

/* The process stood still: that was not the peer's time. */
static void stand_still(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  tlstream_pair *pair = config_pair(&terms, role);
  CHECK_ERROR(tlstream_pair_tick(pair, START), 0);
  CHECK_ERROR(tlstream_pair_start(pair), 0);
  tlstream__pair_stalled(pair, 5000);
  expire(pair, START + HANDSHAKE_MS + 5000, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  tlstream_pair_free(pair);
  pair = pair_with(terms, role,
                   (tlstream_timeouts){.handshake_ms = TLSTREAM_NO_TIMEOUT});
  CHECK_ERROR(tlstream_pair_start(pair), 0);
  tlstream__pair_stalled(pair, 5000);
  CHECK_INT(tlstream_pair_next_deadline(pair), TLSTREAM_NO_DEADLINE);
  tlstream_pair_free(pair);
}

TEST(a_process_that_stood_still_gives_the_time_back) {
  each_side(stand_still);
}

/* A machine that slept, and a clock that was set back. */
static void jump(tlstream_version version, tlstream_role role) {
  config terms = {.version = version, .idle_ms = 60000};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_ERROR(tlstream_pair_close(us), 0);
  CHECK_ERROR(tlstream_pair_tick(us, 0), 0);
  drain_away(us);
  CHECK_INT(tlstream_pair_next_deadline(us), START + SHUTDOWN_MS);
  /* Past both deadlines: the earlier one is what happened. */
  CHECK_ERROR(tlstream_pair_tick(us, UINT64_MAX - 1), 0);
  check_done(us, TLSTREAM_ENDING_TRUNCATED);
  CHECK_ERROR(tlstream_pair_tick(us, START), 0);
  peers_free(&both);
}

TEST(a_clock_that_jumps_ends_it_once) {
  each_side(jump);
}
