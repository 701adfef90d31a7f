/* SPDX-License-Identifier: MIT */
/* The transport breaks: a reset, or a write that fails. What arrived before is
 * read first, and nothing that was lost is ever taken for sent. */
#include <stdint.h>

#include <tlstream/pair_ending.h>

#include "core/pair/pair.h"
#include "support/peers.h"
#include "support/shuttle.h"
#include "support/test.h"

/* How long a pair reads on after a write has failed. */
enum { READ_ON_MS = 1000 };

static void check_reset(tlstream_pair *pair) {
  check_over(pair, "ERROR", TLSTREAM_ERR_SYSTEM, TLSTREAM_ENDING_FAILED);
  CHECK_STR(tlstream_pair_error(pair)->name, "ECONNRESET");
  CHECK_STR(error_text(pair), reset_cause.message);
}

static void end_and_carry(peers *both, tlstream_role role) {
  CHECK_ERROR(tlstream_pair_end(both->side[role]), 0);
  shuttle(both->side[0], both->side[1], SIZE_MAX);
}

static void reset_early(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  tlstream_pair *pair = config_pair(&terms, role);
  CHECK_ERROR(tlstream_pair_start(pair), 0);
  tlstream_pair_feed_error(pair, &reset_cause);
  check_reset(pair);
  CHECK_INT(tlstream_pair_error(pair)->quiet, role == TLSTREAM_ROLE_SERVER);
  tlstream_pair_free(pair);
}

TEST(a_reset_in_the_handshake_is_the_error) {
  each_side(reset_early);
}

static void reset_later(tlstream_version version, tlstream_role role) {
  for (int i = 0; i < 4; i++) {
    config terms = {.version = version};
    peers both = peers_secure(&terms);
    tlstream_pair *us = both.side[role];
    if (i % 2 != 0) end_and_carry(&both, role);
    if (i / 2 != 0) peers_say(&both, role);
    tlstream_pair_feed_error(us, &reset_cause);
    CHECK(!tlstream_pair_wants_input(us));
    if (i / 2 != 0) check_hears(us);
    check_reset(us);
    peers_free(&both);
  }
}

TEST(a_reset_comes_after_the_data_before_it) {
  each_side(reset_later);
}

/* Both have sent close_notify, and only ours had not left yet: nothing is
 * lost. */
static void reset_after_all(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  end_and_carry(&both, other_role(role));
  CHECK_ERROR(tlstream_pair_end(us), 0);
  CHECK(!tlstream_pair_is_finished(us));
  tlstream_pair_feed_error(us, &reset_cause);
  CHECK_STR(take_events(us), "END");
  CHECK(tlstream_pair_is_finished(us));
  CHECK_INT(tlstream_pair_ending(us), TLSTREAM_ENDING_CLEAN);
  CHECK_INT(tlstream_pair_pending(us), 0);
  peers_free(&both);
}

TEST(a_reset_after_both_close_notify_is_no_error) {
  each_side(reset_after_all);
}

/* The peer's close_notify has come; ours had not been made, or not all before
 * it had left. */
static void reset_in_between(tlstream_version version, tlstream_role role) {
  for (int ended = 0; ended < 2; ended++) {
    config terms = {.version = version};
    peers both = peers_secure(&terms);
    tlstream_pair *us = both.side[role];
    end_and_carry(&both, other_role(role));
    CHECK_STR(take_events(us), "END");
    if (ended != 0) {
      CHECK_INT(tlstream_pair_write(us, "lost", 4), 4);
      CHECK_ERROR(tlstream_pair_end(us), 0);
    }
    tlstream_pair_feed_error(us, &reset_cause);
    check_reset(us);
    peers_free(&both);
  }
}

TEST(a_reset_that_loses_our_data_is_an_error) {
  each_side(reset_in_between);
}

typedef enum relief {
  BY_EOF,
  BY_RESET,
  BY_CLOCK,
  BY_CLOSE_NOTIFY,
  RELIEFS
} relief;

/* What ends the wait for data that the peer may have sent before. */
static void relieve(peers *both, tlstream_role role, relief how) {
  tlstream_pair *us = both->side[role];
  if (how == BY_EOF) tlstream_pair_feed_eof(us);
  if (how == BY_RESET) tlstream_pair_feed_error(us, &reset_cause);
  if (how == BY_CLOSE_NOTIFY) end_and_carry(both, other_role(role));
  if (how != BY_CLOCK) return;
  CHECK_ERROR(tlstream_pair_tick(us, READ_ON_MS - 1), 0);
  CHECK_INT(tlstream_pair_next_deadline(us), READ_ON_MS);
  (void)!tlstream_pair_tick(us, READ_ON_MS);
}

static void fail_to_write(tlstream_version version, tlstream_role role) {
  for (int i = 0; i < 2 * RELIEFS; i++) {
    relief how = (relief)(i / 2);
    config terms = {.version = version};
    peers both = peers_secure(&terms);
    tlstream_pair *us = both.side[role];
    CHECK_INT(tlstream_pair_write(us, "lost", 4), 4);
    if (i % 2 != 0) CHECK_ERROR(tlstream_pair_end(us), 0);
    tlstream__pair_write_broken(us, &reset_cause, false);
    CHECK_INT(tlstream_pair_pending(us), 0);
    CHECK(tlstream_pair_wants_input(us));
    CHECK(!tlstream_pair_wants_shutdown(us));
    CHECK(!tlstream_pair_is_finished(us));
    CHECK_STR(take_events(us), "");
    peers_say(&both, role);
    check_hears(us);
    relieve(&both, role, how);
    if (how == BY_CLOSE_NOTIFY) {
      CHECK_INT(tlstream_pair_next_event(us), TLSTREAM_EVENT_END);
    }
    check_reset(us);
    peers_free(&both);
  }
}

TEST(a_write_that_fails_is_reported_when_all_is_read) {
  each_side(fail_to_write);
}

/* tlstream_pair_close() does not change that data was lost. */
static void end_after_failure(tlstream_version version, tlstream_role role) {
  for (int i = 0; i < RELIEFS; i++) {
    config terms = {.version = version};
    peers both = peers_secure(&terms);
    tlstream_pair *us = both.side[role];
    CHECK_INT(tlstream_pair_write(us, "lost", 4), 4);
    tlstream__pair_write_broken(us, &reset_cause, false);
    CHECK_ERROR(tlstream_pair_end(us), 0);
    CHECK_INT(tlstream_pair_pending(us), 0);
    CHECK(!tlstream_pair_wants_shutdown(us));
    relieve(&both, role, (relief)i);
    if (i == BY_CLOSE_NOTIFY) {
      CHECK_INT(tlstream_pair_next_event(us), TLSTREAM_EVENT_END);
    }
    check_reset(us);
    peers_free(&both);
  }
}

TEST(an_end_after_a_failed_write_is_never_clean) {
  each_side(end_after_failure);
}

/* Only our close_notify was in the write that failed. */
static void lose_close_notify(tlstream_version version, tlstream_role role) {
  for (int polite = 0; polite < 2; polite++) {
    config terms = {.version = version};
    peers both = peers_secure(&terms);
    tlstream_pair *us = both.side[role];
    CHECK_ERROR(tlstream_pair_end(us), 0);
    tlstream__pair_write_broken(us, &reset_cause, false);
    if (polite != 0) end_and_carry(&both, other_role(role));
    tlstream_pair_feed_eof(us);
    if (polite == 0) {
      check_reset(us);
    } else {
      CHECK_STR(take_events(us), "END");
      CHECK(tlstream_pair_is_finished(us));
      CHECK_INT(tlstream_pair_ending(us), TLSTREAM_ENDING_CLEAN);
    }
    peers_free(&both);
  }
}

TEST(a_lost_close_notify_is_no_error_after_the_peers) {
  each_side(lose_close_notify);
}

/* What is read goes into a pipe, whose target may be slow. */
static void read_on_for_a_pipe(tlstream_version version, tlstream_role role) {
  enum { SEND_MS = 60000 };
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_INT(tlstream_pair_write(us, "lost", 4), 4);
  tlstream__pair_write_broken(us, &reset_cause, true);
  CHECK_INT(tlstream_pair_next_deadline(us), SEND_MS);
  CHECK_ERROR(tlstream_pair_tick(us, SEND_MS - 1), 0);
  peers_say(&both, role);
  check_hears(us);
  CHECK_INT(tlstream_pair_next_deadline(us), SEND_MS);
  CHECK_ERROR(tlstream_pair_tick(us, SEND_MS), TLSTREAM_ERR_SYSTEM);
  check_reset(us);
  peers_free(&both);
}

TEST(a_pipe_reads_on_for_longer) {
  each_side(read_on_for_a_pipe);
}

/* What had left the pair was still inside the transport. */
static void lose_in_flight(tlstream_version version, tlstream_role role,
                           bool arrives) {
  for (int data = 0; data < 2; data++) {
    config terms = {.version = version};
    peers both = peers_secure(&terms);
    tlstream_pair *us = both.side[role];
    if (data != 0) CHECK_INT(tlstream_pair_write(us, "lost", 4), 4);
    CHECK_ERROR(tlstream_pair_end(us), 0);
    tlstream__pair_in_flight(us, true);
    drain_away(us);
    CHECK(!tlstream_pair_wants_shutdown(us));
    CHECK_ERROR(tlstream_pair_end(both.side[other_role(role)]), 0);
    shuttle(both.side[0], both.side[1], SIZE_MAX);
    CHECK_STR(take_events(us), "END");
    CHECK(!tlstream_pair_is_finished(us));
    if (arrives) tlstream__pair_in_flight(us, false);
    if (!arrives) tlstream__pair_write_broken(us, &reset_cause, false);
    CHECK_STR(take_events(us), data != 0 && !arrives ? "ERROR" : "");
    CHECK(tlstream_pair_is_finished(us));
    peers_free(&both);
  }
}

static void keep_in_flight(tlstream_version version, tlstream_role role) {
  lose_in_flight(version, role, true);
  lose_in_flight(version, role, false);
}

TEST(what_is_in_flight_has_not_left) {
  each_side(keep_in_flight);
}

/* The peer refuses us and hangs up while we are still writing. */
static void refuse_and_leave(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  CHECK_LT(tlstream_pair_feed(them, forged_record, sizeof(forged_record)), 0);
  CHECK_INT(tlstream_pair_write(us, "more", 4), 4);
  tlstream__pair_write_broken(us, &reset_cause, false);
  shuttle(us, them, SIZE_MAX);
  tlstream_pair_feed_eof(us);
  check_over(us, "ERROR", TLSTREAM_ERR_ALERT, TLSTREAM_ENDING_FAILED);
  CHECK_INT(tlstream_pair_error(us)->alert, 20);
  peers_free(&both);
}

TEST(the_reason_is_what_the_peer_sent_before) {
  each_side(refuse_and_leave);
}

static void fail_to_write_early(tlstream_version version, tlstream_role role) {
  for (int by_clock = 0; by_clock < 2; by_clock++) {
    config terms = {.version = version};
    tlstream_pair *pair = config_pair(&terms, role);
    CHECK_ERROR(tlstream_pair_start(pair), 0);
    tlstream__pair_write_broken(pair, &reset_cause, false);
    CHECK(tlstream_pair_error(pair) == NULL);
    CHECK_INT(tlstream_pair_next_deadline(pair), READ_ON_MS);
    if (by_clock != 0) {
      CHECK_ERROR(tlstream_pair_tick(pair, READ_ON_MS), TLSTREAM_ERR_SYSTEM);
    } else {
      tlstream_pair_feed_eof(pair);
    }
    check_reset(pair);
    tlstream_pair_free(pair);
  }
}

TEST(a_write_that_fails_in_the_handshake_is_the_error) {
  each_side(fail_to_write_early);
}

/* The first cause is kept, whatever else goes wrong. */
static void break_twice(tlstream_version version, tlstream_role role) {
  const tlstream_error pipe = {
      .code = TLSTREAM_ERR_SYSTEM, .name = "EPIPE", .message = "no reader"};
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  tlstream__pair_write_broken(us, &reset_cause, false);
  tlstream__pair_write_broken(us, &pipe, false);
  tlstream_pair_feed_error(us, &pipe);
  check_reset(us);
  peers_free(&both);
}

TEST(the_first_cause_stays) {
  each_side(break_twice);
}
