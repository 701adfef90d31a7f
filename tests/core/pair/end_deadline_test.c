/* SPDX-License-Identifier: MIT */
/* The deadlines of the end: bytes of ours that the peer does not take, a
 * half-closed peer, and one that does not answer our close. */
#include <stdint.h>

#include <tlstream/pair_ending.h>

#include "core/pair/pair.h"
#include "support/deadlines.h"
#include "support/hostile_peer.h"
#include "support/peers.h"
#include "support/shuttle.h"
#include "support/test.h"

static void choose_limits(tlstream_version version, tlstream_role role) {
  tlstream_timeouts limits = {
      .send_ms = 11, .half_closed_ms = 22, .shutdown_ms = 33};
  for (int i = 0; i < 3; i++) {
    peers both = settle_with(version, role, limits);
    tlstream_pair *us = both.side[role];
    CHECK_ERROR(i == 2 ? tlstream_pair_close(us) : tlstream_pair_end(us), 0);
    if (i > 0) drain_away(us);
    expire(us, START + 11 * ((uint64_t)i + 1),
           i == 0   ? TLSTREAM_ERR_SEND_TIMEOUT
           : i == 1 ? TLSTREAM_ERR_HALF_CLOSED_TIMEOUT
                    : 0);
    peers_free(&both);
  }
}

TEST(limits_of_the_end_can_be_chosen) {
  each_side(choose_limits);
}

/* Our end has left. Each byte of the peer's, read or not, buys it another
 * minute. */
static void wait_half_closed(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  uint64_t now = START + 500;
  set_clock(&both, now);
  CHECK_ERROR(tlstream_pair_end(us), 0);
  drain_away(us);
  for (int i = 0; i < 500; i++) {
    unsigned char byte = 0;
    now += HALF_CLOSED_MS - 1;
    CHECK_ERROR(tlstream_pair_tick(us, now), 0);
    if (tlstream_pair_pending(them) == 0) {
      CHECK_INT(tlstream_pair_write(them, "abc", 3), 3);
    }
    CHECK_INT(tlstream_pair_drain(them, &byte, 1), 1);
    CHECK_INT(tlstream_pair_feed(us, &byte, 1), 1);
    read_all(us);
  }
  expire(us, now + HALF_CLOSED_MS, TLSTREAM_ERR_HALF_CLOSED_TIMEOUT);
  CHECK_HAS(error_text(us), "for 60000 ms");
  check_done(us, TLSTREAM_ENDING_FAILED);
  peers_free(&both);
}

TEST(a_half_closed_peer_has_a_minute_from_its_last_byte) {
  each_side(wait_half_closed);
}

/* It counts from when all had left, if the peer sent nothing since. */
static void half_close_late(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_ERROR(tlstream_pair_end(us), 0);
  CHECK_ERROR(tlstream_pair_tick(us, START + 40000), 0);
  drain_away(us);
  expire(us, START + 40000 + HALF_CLOSED_MS, TLSTREAM_ERR_HALF_CLOSED_TIMEOUT);
  check_done(us, TLSTREAM_ENDING_FAILED);
  peers_free(&both);
}

TEST(it_does_not_count_while_ours_is_leaving) {
  each_side(half_close_late);
}

/* What the owner has not taken is not the peer's silence, and when it is taken
 * late, the peer has its minute from then. */
static void leave_unread(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_ERROR(tlstream_pair_end(us), 0);
  drain_away(us);
  peers_say(&both, role);
  CHECK_INT(tlstream_pair_next_deadline(us), TLSTREAM_NO_DEADLINE);
  CHECK_ERROR(tlstream_pair_tick(us, START + 300000), 0);
  CHECK_INT(read_all(us), 3);
  expire(us, START + 300000 + HALF_CLOSED_MS, TLSTREAM_ERR_HALF_CLOSED_TIMEOUT);
  peers_free(&both);
}

TEST(unread_input_stops_the_half_closed_deadline) {
  each_side(leave_unread);
}

/* An owner that is paused, or blocked by a pipe, does not read close_notify
 * either, and that is not the peer's fault. Sending goes on. */
static void hold_back(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
  CHECK_ERROR(tlstream_pair_end(us), 0);
  tlstream__pair_hold(us, true);
  CHECK_INT(tlstream_pair_next_deadline(us), START + SEND_MS);
  drain_away(us);
  CHECK_INT(tlstream_pair_next_deadline(us), TLSTREAM_NO_DEADLINE);
  CHECK_ERROR(tlstream_pair_tick(us, START + 300000), 0);
  tlstream__pair_hold(us, false);
  expire(us, START + 300000 + HALF_CLOSED_MS, TLSTREAM_ERR_HALF_CLOSED_TIMEOUT);
  check_done(us, TLSTREAM_ENDING_FAILED);
  peers_free(&both);
}

TEST(a_peer_that_is_not_heard_is_not_late) {
  each_side(hold_back);
}

/* TLSTREAM_NO_TIMEOUT, as Node waits. */
static void wait_for_ever(tlstream_version version, tlstream_role role) {
  peers both =
      settle_with(version, role,
                  (tlstream_timeouts){.half_closed_ms = TLSTREAM_NO_TIMEOUT,
                                      .send_ms = TLSTREAM_NO_TIMEOUT});
  tlstream_pair *us = both.side[role];
  CHECK_ERROR(tlstream_pair_end(us), 0);
  CHECK_INT(tlstream_pair_next_deadline(us), TLSTREAM_NO_DEADLINE);
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  CHECK_INT(tlstream_pair_next_deadline(us), TLSTREAM_NO_DEADLINE);
  set_clock(&both, UINT64_MAX / 2);
  peers_say(&both, role);
  check_hears(us);
  peers_free(&both);
}

TEST(without_a_limit_the_peer_may_take_its_time) {
  each_side(wait_for_ever);
}

/* Our close has left; nothing that the peer sends prolongs it. */
static void wait_after_close(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  CHECK_ERROR(tlstream_pair_tick(us, START + 500), 0);
  CHECK_ERROR(tlstream_pair_close(us), 0);
  CHECK_INT(tlstream_pair_next_deadline(us), START + 500 + SEND_MS);
  CHECK_ERROR(tlstream_pair_tick(us, START + 700), 0);
  tlstream__pair_hold(us, true); /* nor does it matter whether we listen */
  drain_away(us);
  for (unsigned now = 0; now < SHUTDOWN_MS; now += 500) {
    CHECK_ERROR(tlstream_pair_tick(us, START + 700 + now), 0);
    CHECK_INT(tlstream_pair_write(them, "abc", 3), 3);
    shuttle(us, them, SIZE_MAX);
  }
  expire(us, START + 700 + SHUTDOWN_MS, 0);
  check_done(us, TLSTREAM_ENDING_TRUNCATED);
  peers_free(&both);
}

TEST(after_a_close_the_peer_has_three_seconds) {
  each_side(wait_after_close);
}

/* They count from when the peer has acknowledged all, where that is known. */
static void close_unsent(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
  CHECK_ERROR(tlstream_pair_close(us), 0);
  tlstream__pair_set_waiting(us, 0, 100);
  drain_away(us);
  CHECK_INT(tlstream_pair_next_deadline(us), START + SEND_MS);
  CHECK_ERROR(tlstream_pair_tick(us, START + 5000), 0);
  tlstream__pair_set_waiting(us, 0, 100);
  CHECK_INT(tlstream_pair_next_deadline(us), START + SEND_MS);
  tlstream__pair_set_waiting(us, 0, 40);
  CHECK_INT(tlstream_pair_next_deadline(us), START + 5000 + SEND_MS);
  CHECK_ERROR(tlstream_pair_tick(us, START + 9000), 0);
  tlstream__pair_set_waiting(us, 0, 0);
  expire(us, START + 9000 + SHUTDOWN_MS, 0);
  check_done(us, TLSTREAM_ENDING_TRUNCATED);
  peers_free(&both);
}

TEST(they_count_from_when_all_has_arrived) {
  each_side(close_unsent);
}

static void check_lost(tlstream_pair *pair, uint64_t when, size_t lost) {
  char text[40];
  expire(pair, when, TLSTREAM_ERR_SEND_TIMEOUT);
  snprintf(text, sizeof(text), ": %zu bytes are lost", lost);
  CHECK_HAS(error_text(pair), text);
  CHECK_INT(tlstream_pair_pending(pair), 0);
  check_done(pair, TLSTREAM_ENDING_FAILED);
}

/* A peer that takes nothing of what we had to send, or all but a byte, after an
 * end or a close, whatever it sends itself. */
static void wait_to_be_heard(tlstream_version version, tlstream_role role) {
  for (int i = 0; i < 4; i++) {
    config terms = {.version = version};
    peers both = settle(&terms);
    tlstream_pair *us = both.side[role];
    tlstream_pair *them = both.side[other_role(role)];
    CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
    CHECK_ERROR(i / 2 != 0 ? tlstream_pair_close(us) : tlstream_pair_end(us),
                0);
    size_t len = tlstream_pair_pending(us);
    CHECK_ERROR(tlstream_pair_tick(us, START + 2000), 0);
    if (i % 2 != 0) tlstream_pair_consume(us, len - 1);
    CHECK_ERROR(tlstream_pair_tick(us, START + 4000), 0);
    CHECK_INT(tlstream_pair_write(them, "abc", 3), 3);
    char sent[100];
    size_t sent_len = tlstream_pair_drain(them, sent, sizeof(sent));
    CHECK_INT(tlstream_pair_feed(us, sent, sent_len), sent_len);
    read_all(us);
    check_lost(us, START + SEND_MS + (i % 2 != 0 ? 2000 : 0),
               i % 2 != 0 ? 1 : len);
    peers_free(&both);
  }
}

TEST(what_the_peer_does_not_take_for_a_minute_is_an_error) {
  each_side(wait_to_be_heard);
}

/* What waits in the owner's queue, and beyond the pair, is lost as well. */
static void lose_everywhere(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  tlstream__pair_closing(us);
  CHECK_INT(tlstream_pair_next_deadline(us), TLSTREAM_NO_DEADLINE);
  CHECK_ERROR(tlstream_pair_tick(us, START + 1000), 0);
  tlstream__pair_set_waiting(us, 5000, 0);
  CHECK_INT(tlstream_pair_next_deadline(us), START + 1000 + SEND_MS);
  CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
  size_t len = tlstream_pair_pending(us);
  CHECK_ERROR(tlstream_pair_tick(us, START + 2000), 0);
  tlstream__pair_set_waiting(us, 4000, 300);
  check_lost(us, START + 1000 + SEND_MS, len + 4000 + 300);
  peers_free(&both);
}

TEST(bytes_in_every_queue_are_counted) {
  each_side(lose_everywhere);
}

/* Bytes inside the transport have not left, and are still counted. */
static void watch_flight(tlstream_version version, tlstream_role role) {
  for (int arrives = 0; arrives < 2; arrives++) {
    config terms = {.version = version};
    peers both = settle(&terms);
    tlstream_pair *us = both.side[role];
    CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
    CHECK_ERROR(tlstream_pair_end(us), 0);
    CHECK_ERROR(tlstream_pair_tick(us, START + 1000), 0);
    tlstream__pair_in_flight(us, true);
    drain_away(us);
    if (arrives != 0) {
      CHECK_ERROR(tlstream_pair_tick(us, START + 3000), 0);
      tlstream__pair_in_flight(us, false);
      expire(us, START + 3000 + HALF_CLOSED_MS,
             TLSTREAM_ERR_HALF_CLOSED_TIMEOUT);
    } else {
      expire(us, START + 1000 + SEND_MS, TLSTREAM_ERR_SEND_TIMEOUT);
    }
    check_done(us, TLSTREAM_ENDING_FAILED);
    peers_free(&both);
  }
}

TEST(what_is_in_flight_is_watched) {
  each_side(watch_flight);
}

/* On an open connection only if that is asked for, and only while bytes wait.
 */
static void write_slowly(tlstream_version version, tlstream_role role) {
  peers both = settle_with(version, role, (tlstream_timeouts){.write_ms = 400});
  tlstream_pair *us = both.side[role];
  CHECK_INT(tlstream_pair_next_deadline(us), TLSTREAM_NO_DEADLINE);
  set_clock(&both, START + 5000);
  CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
  CHECK_INT(tlstream_pair_next_deadline(us), START + 5400);
  CHECK_ERROR(tlstream_pair_tick(us, START + 5200), 0);
  CHECK_INT(tlstream_pair_write(us, "def", 3), 3); /* no progress */
  CHECK_INT(tlstream_pair_next_deadline(us), START + 5400);
  tlstream_pair_consume(us, 1);
  check_lost(us, START + 5600, tlstream_pair_pending(us));
  peers_free(&both);
}

TEST(an_open_connection_may_have_a_write_deadline) {
  each_side(write_slowly);
}

/* An answer of the engine's own begins to wait when it is made, however long
 * ago the last byte left. */
TEST(an_answer_has_its_time_from_when_it_is_made) {
  static const unsigned char hello_request[] = {0, 0, 0, 0};
  hostile_peer other;
  tlstream_pair *us =
      pair_with((config){.version = TLSTREAM_TLS_1_2}, TLSTREAM_ROLE_CLIENT,
                (tlstream_timeouts){.write_ms = 400});
  hostile_peer_open(&other, TLSTREAM_ROLE_SERVER, TLSTREAM_TLS_1_2, us);
  hostile_peer_finish_handshake(&other);
  drain_away(us);
  CHECK_ERROR(tlstream_pair_tick(us, START + 90000), 0);
  CHECK_GT(hostile_peer_send(&other, HOSTILE_HANDSHAKE, hello_request, 4), 0);
  CHECK_GT(tlstream_pair_pending(us), 0);
  CHECK_INT(tlstream_pair_next_deadline(us), START + 90400);
  hostile_peer_disconnect(&other);
}
