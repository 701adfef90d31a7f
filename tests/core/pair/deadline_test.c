/* SPDX-License-Identifier: MIT */
/* Deadlines, with a clock that the test moves: nobody waits without a bound,
 * and next_deadline tells the truth about it. */
#include <stdint.h>

#include <tlstream/pair_ending.h>

#include "core/pair/pair.h"
#include "support/peers.h"
#include "support/shuttle.h"
#include "support/test.h"

enum { START = 1000000, HANDSHAKE_MS = 10000, SHUTDOWN_MS = 3000 };

/* Nothing happens a millisecond before, and it does then. */
static void expire(tlstream_pair *pair, uint64_t when, int code) {
  CHECK_INT(tlstream_pair_next_deadline(pair), when);
  CHECK_ERROR(tlstream_pair_tick(pair, when - 1), 0);
  CHECK_STR(take_events(pair), "");
  CHECK_INT(tlstream_pair_next_deadline(pair), when);
  CHECK_ERROR(tlstream_pair_tick(pair, when), code);
  CHECK_STR(take_events(pair), code != 0 ? "ERROR" : "");
  CHECK_ERROR(error_code(pair), code);
}

static void check_done(tlstream_pair *pair, tlstream_ending ending) {
  CHECK(tlstream_pair_is_finished(pair));
  CHECK_INT(tlstream_pair_ending(pair), ending);
  CHECK_INT(tlstream_pair_next_deadline(pair), TLSTREAM_NO_DEADLINE);
  CHECK_ERROR(tlstream_pair_tick(pair, UINT64_MAX - 1), error_code(pair));
  CHECK_STR(take_events(pair), "");
}

static size_t read_all(tlstream_pair *pair) {
  char got[100];
  size_t total = 0;
  ptrdiff_t len = 0;
  while ((len = tlstream_pair_read(pair, got, sizeof(got))) > 0) {
    total += (size_t)len;
  }
  take_events(pair);
  return total;
}

static void set_clock(const peers *both, uint64_t now) {
  CHECK_ERROR(tlstream_pair_tick(both->side[0], now), 0);
  CHECK_ERROR(tlstream_pair_tick(both->side[1], now), 0);
}

static peers begin(const config *terms) {
  peers both = peers_new(terms);
  set_clock(&both, START);
  CHECK_ERROR(tlstream_pair_start(both.side[0]), 0);
  CHECK_ERROR(tlstream_pair_start(both.side[1]), 0);
  return both;
}

/* Secure since START, and quiet. */
static peers settle(const config *terms) {
  peers both = begin(terms);
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  CHECK_STR(take_events(both.side[0]), "SECURE");
  CHECK_STR(take_events(both.side[1]), "SECURE");
  return both;
}

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
              START + HANDSHAKE_MS + SHUTDOWN_MS);
    CHECK_ERROR(tlstream_pair_tick(pair, START + HANDSHAKE_MS + SHUTDOWN_MS),
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
  tlstream_context *context = config_context(&terms, TLSTREAM_ROLE_SERVER);
  tlstream_pair *pair = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER, .context = context,
                    .timeouts.handshake_ms = 77, .timeouts.shutdown_ms = 5),
      START, NULL);
  CHECK_ERROR(tlstream_pair_start(pair), 0);
  CHECK_INT(tlstream_pair_feed(pair, "\x16\x03\x01", 3), 3);
  expire(pair, START + 77, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  tlstream_pair_free(pair);
  pair = tlstream_pair_new(TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER,
                                         .context = context,
                                         .timeouts.shutdown_ms = 5),
                           START, NULL);
  CHECK_ERROR(tlstream_pair_feed(pair, "\x16\x03\x03\x00\x04\x07\0\0\0", 9),
              TLSTREAM_ERR_PROTOCOL);
  CHECK_GT(tlstream_pair_pending(pair), 0);
  CHECK_INT(tlstream_pair_next_deadline(pair), START + 5);
  tlstream_pair_free(pair);
  tlstream_context_unref(context);
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

/* Our end has left; each byte of the peer's buys it three seconds more. */
static void wait_for_goodbye(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  uint64_t now = START + 500;
  set_clock(&both, now);
  CHECK_ERROR(tlstream_pair_end(us), 0);
  CHECK_INT(tlstream_pair_next_deadline(us), now + SHUTDOWN_MS);
  drain_away(us);
  for (int i = 0; i < 500; i++) {
    unsigned char byte = 0;
    now += SHUTDOWN_MS - 1;
    CHECK_ERROR(tlstream_pair_tick(us, now), 0);
    if (tlstream_pair_pending(them) == 0) {
      CHECK_INT(tlstream_pair_write(them, "abc", 3), 3);
    }
    CHECK_INT(tlstream_pair_drain(them, &byte, 1), 1);
    CHECK_INT(tlstream_pair_feed(us, &byte, 1), 1);
  }
  CHECK_GT(read_all(us), 0);
  expire(us, now + SHUTDOWN_MS, 0);
  check_done(us, TLSTREAM_ENDING_TRUNCATED);
  peers_free(&both);
}

TEST(the_peers_goodbye_is_awaited_from_the_last_progress) {
  each_side(wait_for_goodbye);
}

/* A peer that takes nothing of what we had to say, or nearly all. */
static void wait_to_be_heard(tlstream_version version, tlstream_role role) {
  for (int heard = 0; heard < 2; heard++) {
    config terms = {.version = version};
    peers both = settle(&terms);
    tlstream_pair *us = both.side[role];
    CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
    size_t len = tlstream_pair_pending(us);
    CHECK_ERROR(tlstream_pair_end(us), 0);
    CHECK_ERROR(tlstream_pair_tick(us, START + 2000), 0);
    tlstream_pair_consume(us, heard != 0 ? len : len - 1);
    CHECK_GT(tlstream_pair_pending(us), 0);
    expire(us, START + 2000 + SHUTDOWN_MS,
           heard != 0 ? 0 : TLSTREAM_ERR_SHUTDOWN_TIMEOUT);
    CHECK_INT(tlstream_pair_pending(us), 0);
    /* A goodbye that the peer does not take is no loss. */
    check_done(us,
               heard != 0 ? TLSTREAM_ENDING_TRUNCATED : TLSTREAM_ENDING_FAILED);
    peers_free(&both);
  }
}

TEST(data_that_the_peer_does_not_take_is_an_error) {
  each_side(wait_to_be_heard);
}

static void alert_waits(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_ERROR(tlstream_pair_tick(us, START + 9000), 0);
  CHECK_ERROR(tlstream_pair_feed(us, forged_record, sizeof(forged_record)),
              TLSTREAM_ERR_BAD_RECORD);
  CHECK_STR(take_events(us), "ERROR");
  CHECK(!tlstream_pair_is_finished(us));
  CHECK_INT(tlstream_pair_next_deadline(us), START + 9000 + SHUTDOWN_MS);
  CHECK_ERROR(tlstream_pair_tick(us, START + 9000 + SHUTDOWN_MS),
              TLSTREAM_ERR_BAD_RECORD);
  CHECK_INT(tlstream_pair_pending(us), 0);
  check_done(us, TLSTREAM_ENDING_FAILED);
  peers_free(&both);
}

TEST(an_alert_has_three_seconds_to_leave) {
  each_side(alert_waits);
}

/* The owner will end when its own queue is empty; bytes inside the transport
 * are neither gone nor forgotten. */
static void close_with_an_owner(tlstream_version version, tlstream_role role,
                                bool arrives) {
  config terms = {.version = version};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  tlstream__pair_closing(us);
  CHECK_INT(tlstream_pair_next_deadline(us), START + SHUTDOWN_MS);
  CHECK_ERROR(tlstream_pair_tick(us, START + 1000), 0);
  CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
  CHECK_ERROR(tlstream_pair_end(us), 0);
  tlstream__pair_in_flight(us, true);
  drain_away(us);
  if (arrives) {
    CHECK_ERROR(tlstream_pair_tick(us, START + 3000), 0);
    tlstream__pair_in_flight(us, false);
    expire(us, START + 3000 + SHUTDOWN_MS, 0);
    check_done(us, TLSTREAM_ENDING_TRUNCATED);
  } else {
    expire(us, START + 1000 + SHUTDOWN_MS, TLSTREAM_ERR_SHUTDOWN_TIMEOUT);
    check_done(us, TLSTREAM_ENDING_FAILED);
  }
  peers_free(&both);
}

static void close_slowly(tlstream_version version, tlstream_role role) {
  close_with_an_owner(version, role, true);
  close_with_an_owner(version, role, false);
}

TEST(what_is_in_flight_is_watched) {
  each_side(close_slowly);
}

/* An owner that takes nothing at the moment does not hear the goodbye either,
 * and the peer is not to blame for that. */
static void hold_back(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
  CHECK_ERROR(tlstream_pair_end(us), 0);
  tlstream__pair_hold(us, true);
  CHECK_INT(tlstream_pair_next_deadline(us), START + SHUTDOWN_MS);
  drain_away(us);
  CHECK_INT(tlstream_pair_next_deadline(us), TLSTREAM_NO_DEADLINE);
  CHECK_ERROR(tlstream_pair_tick(us, START + 60000), 0);
  tlstream__pair_hold(us, false);
  expire(us, START + 60000 + SHUTDOWN_MS, 0);
  check_done(us, TLSTREAM_ENDING_TRUNCATED);
  peers_free(&both);
}

TEST(a_peer_that_is_not_heard_is_not_late) {
  each_side(hold_back);
}

/* G4: then the peer may talk for as long as it likes. */
static void stay_half_open(tlstream_version version, tlstream_role role) {
  config terms = {.version = version, .half_open = true};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_ERROR(tlstream_pair_end(us), 0);
  CHECK_INT(tlstream_pair_next_deadline(us), START + SHUTDOWN_MS);
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  CHECK_INT(tlstream_pair_next_deadline(us), TLSTREAM_NO_DEADLINE);
  set_clock(&both, START + 100 * SHUTDOWN_MS);
  CHECK_INT(tlstream_pair_write(both.side[other_role(role)], "abc", 3), 3);
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  CHECK_STR(take_events(us), "DATA");
  peers_free(&both);
}

TEST(a_half_open_peer_may_take_its_time) {
  each_side(stay_half_open);
}

/* But our own bytes have to get away. */
static void stuck_half_open(tlstream_version version, tlstream_role role) {
  config terms = {.version = version, .half_open = true};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
  CHECK_INT(tlstream_pair_next_deadline(us), TLSTREAM_NO_DEADLINE);
  CHECK_ERROR(tlstream_pair_end(us), 0);
  expire(us, START + SHUTDOWN_MS, TLSTREAM_ERR_SHUTDOWN_TIMEOUT);
  peers_free(&both);
}

TEST(a_half_open_peer_must_still_take_what_we_said) {
  each_side(stuck_half_open);
}

static void idle(tlstream_version version, tlstream_role role) {
  config terms = {.version = version, .idle_ms = 700, .half_open = true};
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

/* G9: a machine that slept, and a clock that was set back. */
static void jump(tlstream_version version, tlstream_role role) {
  config terms = {.version = version, .idle_ms = 60000};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_ERROR(tlstream_pair_end(us), 0);
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
