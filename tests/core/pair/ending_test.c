/* SPDX-License-Identifier: MIT */
/* How connections end: what happens, where one of the sides is when it does,
 * and with data before it. See docs/guide/closing.md. */
#include <stdint.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "core/pair/pair.h"
#include "support/hostile_peer.h"
#include "support/peers.h"
#include "support/shuttle.h"
#include "support/test.h"

/* As the first thing in the clear, before there are keys. */
static const unsigned char early_close_notify[] = {21, 3, 3, 0, 2, 1, 0};
static const unsigned char early_failure[] = {21, 3, 3, 0, 2, 2, 40};

/* Two secure pairs; ours has ended if `ended`, and its close_notify has left.
 */
static peers reach(const config *terms, tlstream_role role, bool ended) {
  peers both = peers_secure(terms);
  if (!ended) return both;
  CHECK_ERROR(tlstream_pair_end(both.side[role]), 0);
  CHECK(!tlstream_pair_wants_shutdown(both.side[role]));
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  CHECK(tlstream_pair_wants_shutdown(both.side[role]));
  CHECK_STR(take_events(both.side[other_role(role)]), "END");
  return both;
}

/* In the middle of the handshake, and it is the peer's turn. */
static tlstream_pair *begin(const config *terms, tlstream_role role) {
  size_t len = 0;
  peers both = peers_new(terms);
  tlstream_pair *client = both.side[TLSTREAM_ROLE_CLIENT];
  tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  CHECK_ERROR(tlstream_pair_start(client), 0);
  const void *hello = tlstream_pair_peek(client, &len);
  CHECK_INT(tlstream_pair_feed(server, hello, len), len);
  drain_away(client);
  drain_away(server);
  tlstream_pair_free(both.side[other_role(role)]);
  return both.side[role];
}

/* G3: all that was written, then one close_notify, and nothing behind it. */
static void end_once(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
  CHECK_ERROR(tlstream_pair_end(us), 0);
  size_t queued = tlstream_pair_pending(us);
  CHECK_ERROR(tlstream_pair_end(us), 0);
  CHECK_INT(tlstream_pair_pending(us), queued);
  shuttle(us, them, SIZE_MAX);
  CHECK_STR(take_events(them), "DATA");
  check_hears(them);
  CHECK_STR(take_events(them), "END");
  CHECK_ERROR(tlstream_pair_end(us), 0);
  CHECK_INT(tlstream_pair_pending(us), 0);
  CHECK(!tlstream_pair_is_finished(us));
  CHECK(!tlstream_pair_is_finished(them));
  peers_free(&both);
}

TEST(the_end_comes_after_all_data_and_once) {
  each_side(end_once);
}

static void end_early(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = peers_new(&terms);
  CHECK_ERROR(tlstream_pair_end(both.side[role]), 0);
  CHECK_ERROR(tlstream_pair_start(both.side[TLSTREAM_ROLE_CLIENT]), 0);
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  CHECK_STR(take_events(both.side[role]), "SECURE");
  CHECK_STR(take_events(both.side[other_role(role)]), "SECURE END");
  CHECK(tlstream_pair_wants_shutdown(both.side[role]));
  peers_free(&both);
}

TEST(an_end_in_the_handshake_goes_out_once_secure) {
  each_side(end_early);
}

static void close_notify_early(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  tlstream_pair *pair = begin(&terms, role);
  CHECK_ERROR(
      tlstream_pair_feed(pair, early_close_notify, sizeof(early_close_notify)),
      TLSTREAM_ERR_CLOSED_IN_HANDSHAKE);
  CHECK_HAS(error_text(pair), "close_notify in the middle of the handshake");
  drain_away(pair);
  check_over(pair, "ERROR", TLSTREAM_ERR_CLOSED_IN_HANDSHAKE,
             TLSTREAM_ENDING_FAILED);
  tlstream_pair_free(pair);
}

TEST(a_close_notify_in_the_handshake_is_an_error) {
  each_side(close_notify_early);
}

/* G4: the peer ends first, and we have more to send. */
static void close_notify_first(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = reach(&terms, other_role(role), true);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  CHECK(!tlstream_pair_is_finished(us));
  CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
  CHECK_ERROR(tlstream_pair_end(us), 0);
  CHECK(!tlstream_pair_is_finished(us)); /* it has not left yet */
  shuttle(us, them, SIZE_MAX);
  CHECK_STR(take_events(them), "DATA");
  check_hears(them);
  check_over(us, "", 0, TLSTREAM_ENDING_CLEAN);
  check_over(them, "END", 0, TLSTREAM_ENDING_CLEAN);
  peers_free(&both);
}

TEST(the_other_side_goes_on_and_ends_cleanly) {
  each_side(close_notify_first);
}

static void close_notify_with_data(tlstream_version version,
                                   tlstream_role role) {
  for (int ended = 0; ended < 2; ended++) {
    config terms = {.version = version};
    peers both = reach(&terms, role, ended != 0);
    tlstream_pair *us = both.side[role];
    peers_say(&both, role);
    CHECK_ERROR(tlstream_pair_end(both.side[other_role(role)]), 0);
    shuttle(both.side[0], both.side[1], SIZE_MAX);
    check_hears(us);
    tlstream_pair_feed_eof(us);
    CHECK_STR(take_events(us), "END");
    CHECK_ERROR(tlstream_pair_end(us), 0);
    drain_away(us);
    check_over(us, "", 0, TLSTREAM_ENDING_CLEAN);
    peers_free(&both);
  }
}

TEST(a_close_notify_comes_after_the_data_before_it) {
  each_side(close_notify_with_data);
}

/* G1 */
static void eof_early(tlstream_version version, tlstream_role role) {
  for (int spoken = 0; spoken < 2; spoken++) {
    config terms = {.version = version};
    tlstream_pair *pair = config_pair(&terms, role);
    CHECK_ERROR(tlstream_pair_start(pair), 0);
    drain_away(pair);
    CHECK_INT(tlstream_pair_feed(pair, "\x16\x03", (size_t)spoken), spoken);
    tlstream_pair_feed_eof(pair);
    CHECK_HAS(error_text(pair), spoken != 0 ? "in the middle of the handshake"
                                            : "before it said anything");
    CHECK_INT(tlstream_pair_error(pair)->quiet,
              spoken == 0 && role == TLSTREAM_ROLE_SERVER);
    check_over(pair, "ERROR", TLSTREAM_ERR_CLOSED_IN_HANDSHAKE,
               TLSTREAM_ENDING_FAILED);
    tlstream_pair_free(pair);
  }
}

TEST(an_eof_in_the_handshake_is_an_error) {
  each_side(eof_early);
}

/* G1 */
static void eof_open(tlstream_version version, tlstream_role role) {
  for (int data = 0; data < 2; data++) {
    config terms = {.version = version};
    peers both = reach(&terms, role, false);
    tlstream_pair *us = both.side[role];
    if (data != 0) peers_say(&both, role);
    tlstream_pair_feed_eof(us);
    if (data != 0) check_hears(us);
    check_over(us, "ERROR", TLSTREAM_ERR_TRUNCATED, TLSTREAM_ENDING_FAILED);
    CHECK_HAS(error_text(us), "close_notify");
    CHECK(tlstream_pair_truncated(us));
    peers_free(&both);
  }
}

TEST(an_eof_without_close_notify_is_truncation) {
  each_side(eof_open);
}

/* close_notify has come before the end of the transport, or a reset, and lies
 * behind data that is not read yet. */
static void eof_behind_close_notify(tlstream_version version,
                                    tlstream_role role) {
  for (int broken = 0; broken < 2; broken++) {
    config terms = {.version = version};
    peers both = peers_secure(&terms);
    tlstream_pair *us = both.side[role];
    peers_say(&both, role);
    CHECK_ERROR(tlstream_pair_end(both.side[other_role(role)]), 0);
    shuttle(both.side[0], both.side[1], SIZE_MAX);
    if (broken != 0) tlstream_pair_feed_error(us, &reset_cause);
    if (broken == 0) tlstream_pair_feed_eof(us);
    CHECK(!tlstream_pair_truncated(us));
    check_hears(us);
    CHECK_STR(take_events(us), "END");
    CHECK(!tlstream_pair_truncated(us));
    peers_free(&both);
  }
}

TEST(close_notify_behind_unread_data_is_no_truncation) {
  each_side(eof_behind_close_notify);
}

/* Between two records: each has its length in the last of five bytes. */
static bool ends_record(const unsigned char *wire, size_t len) {
  size_t at = 0;
  while (at + 5 <= len)
    at += 5 + (size_t)wire[at + 3] * 256 + wire[at + 4];
  return at == len;
}

/* Two messages, and the transport ends after `len` bytes of them. */
static bool eof_after(const config *terms, tlstream_role role, size_t len) {
  peers both = peers_secure(terms);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  char got[8];
  size_t all = 0;
  CHECK_INT(tlstream_pair_write(them, "abc", 3), 3);
  CHECK_INT(tlstream_pair_write(them, "def", 3), 3);
  const void *wire = tlstream_pair_peek(them, &all);
  IN_CASE("after %zu of %zu bytes", len, all);
  bool reached = len <= all;
  if (reached) {
    if (len > 0) {
      CHECK_INT(tlstream_pair_feed(us, wire, len), (ptrdiff_t)len);
    }
    CHECK_INT(tlstream_pair_read(us, got, sizeof(got)) % 3, 0);
    tlstream_pair_feed_eof(us);
    CHECK_ERROR(error_code(us), TLSTREAM_ERR_TRUNCATED);
    CHECK_INT(tlstream_pair_truncated_in_record(us), !ends_record(wire, len));
  }
  peers_free(&both);
  return reached;
}

static void eof_at_each_byte(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  size_t len = 0;
  while (eof_after(&terms, role, len) && test_failures == 0)
    len++;
  CHECK_GT(len, 50);
}

TEST(an_eof_in_a_record_is_known_as_such) {
  each_side(eof_at_each_byte);
}

/* An answer that may be incomplete is never passed off as an end. */
static void eof_ended(tlstream_version version, tlstream_role role) {
  for (int data = 0; data < 2; data++) {
    config terms = {.version = version};
    peers both = reach(&terms, role, true);
    tlstream_pair *us = both.side[role];
    if (data != 0) peers_say(&both, role);
    tlstream_pair_feed_eof(us);
    if (data != 0) check_hears(us);
    check_over(us, "ERROR", TLSTREAM_ERR_TRUNCATED, TLSTREAM_ENDING_FAILED);
    CHECK_HAS(error_text(us), "may be incomplete");
    CHECK(tlstream_pair_truncated(us));
    peers_free(&both);
  }
}

TEST(an_eof_after_our_end_is_truncation) {
  each_side(eof_ended);
}

/* A half-closed peer still takes what we have to send, so it is sent before the
 * error is reported. */
static void eof_while_sending(tlstream_version version, tlstream_role role) {
  for (int data = 0; data < 2; data++) {
    config terms = {.version = version};
    peers both = reach(&terms, role, false);
    tlstream_pair *us = both.side[role];
    if (data != 0) peers_say(&both, role);
    CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
    CHECK_ERROR(tlstream_pair_end(us), 0);
    tlstream_pair_feed_eof(us);
    if (data != 0) check_hears(us);
    CHECK(!tlstream_pair_is_finished(us));
    CHECK(tlstream_pair_error(us) == NULL);
    CHECK_INT(tlstream_pair_next_deadline(us), 60000);
    shuttle(both.side[0], both.side[1], SIZE_MAX);
    CHECK_STR(take_events(both.side[other_role(role)]), "DATA");
    check_hears(both.side[other_role(role)]);
    CHECK_STR(take_events(both.side[other_role(role)]), "END");
    check_over(us, "ERROR", TLSTREAM_ERR_TRUNCATED, TLSTREAM_ENDING_FAILED);
    peers_free(&both);
  }
}

TEST(truncation_is_reported_when_ours_has_left) {
  each_side(eof_while_sending);
}

/* Bytes that the transport keeps. */
static void eof_in_flight(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = reach(&terms, role, false);
  tlstream_pair *us = both.side[role];
  CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
  CHECK_ERROR(tlstream_pair_end(us), 0);
  tlstream__pair_in_flight(us, true);
  drain_away(us);
  tlstream_pair_feed_eof(us);
  CHECK(tlstream_pair_error(us) == NULL);
  tlstream__pair_in_flight(us, false);
  check_over(us, "ERROR", TLSTREAM_ERR_TRUNCATED, TLSTREAM_ENDING_FAILED);
  peers_free(&both);
}

TEST(truncation_waits_for_what_is_in_flight) {
  each_side(eof_in_flight);
}

static void eof_allowed(tlstream_version version, tlstream_role role) {
  for (int ended = 0; ended < 2; ended++) {
    config terms = {.version = version, .may_truncate = true};
    peers both = reach(&terms, role, ended != 0);
    tlstream_pair *us = both.side[role];
    peers_say(&both, role);
    tlstream_pair_feed_eof(us);
    check_hears(us);
    CHECK_STR(take_events(us), "END");
    CHECK(tlstream_pair_truncated(us));
    CHECK_ERROR(tlstream_pair_end(us), 0);
    drain_away(us);
    check_over(us, "", 0, TLSTREAM_ENDING_TRUNCATED);
    peers_free(&both);
  }
}

TEST(an_eof_is_an_end_where_that_is_allowed) {
  each_side(eof_allowed);
}

/* Nothing can leave before the peer reads, and it never will. */
static void over_while_full(tlstream_version version, tlstream_role role) {
  static char much[256 * 1024];
  for (int broken = 0; broken < 2; broken++) {
    config terms = {.version = version};
    peers both = reach(&terms, role, false);
    tlstream_pair *us = both.side[role];
    peers_say(&both, role);
    CHECK_GT(tlstream_pair_write(us, much, sizeof(much)), 0);
    if (broken != 0) {
      tlstream_pair_feed_error(us, &reset_cause);
    } else {
      tlstream_pair_feed_eof(us);
    }
    check_hears(us);
    CHECK_INT(tlstream_pair_read(us, much, 1),
              broken != 0 ? TLSTREAM_ERR_SYSTEM : TLSTREAM_ERR_TRUNCATED);
    CHECK_STR(take_events(us), "ERROR");
    /* A half-closed peer may still take it; a broken transport does not. */
    CHECK_INT(tlstream_pair_is_finished(us), broken != 0);
    CHECK_INT(drain_away(us) > 0, broken == 0);
    CHECK(tlstream_pair_is_finished(us));
    peers_free(&both);
  }
}

TEST(the_end_of_input_is_seen_while_output_waits) {
  each_side(over_while_full);
}

static void fail_early(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  tlstream_pair *pair = begin(&terms, role);
  CHECK_ERROR(tlstream_pair_feed(pair, early_failure, sizeof(early_failure)),
              TLSTREAM_ERR_ALERT);
  CHECK_INT(tlstream_pair_error(pair)->alert, 40);
  CHECK_INT(tlstream_pair_error(pair)->alert_side, TLSTREAM_ALERT_THEIRS);
  check_over(pair, "ERROR", TLSTREAM_ERR_ALERT, TLSTREAM_ENDING_FAILED);
  tlstream_pair_free(pair);
}

TEST(a_fatal_alert_in_the_handshake_is_an_error) {
  each_side(fail_early);
}

/* The alert in a record of its own behind the data. */
static void fail_late(tlstream_version version, tlstream_role role) {
  static const unsigned char internal_error[] = {2, 80};
  for (int ended = 0; ended < 2; ended++) {
    hostile_peer other;
    tlstream_pair *us = hostile_peer_connect(&other, version, role);
    if (ended != 0) CHECK_ERROR(tlstream_pair_end(us), 0);
    CHECK_GT(hostile_peer_send(&other, HOSTILE_DATA, "abc", 3), 0);
    CHECK_STR(take_events(us), "DATA");
    CHECK_GT(hostile_peer_send(&other, HOSTILE_ALERT, internal_error, 2), 0);
    check_hears(us);
    drain_away(us);
    check_over(us, "ERROR", TLSTREAM_ERR_ALERT, TLSTREAM_ENDING_FAILED);
    CHECK_HAS(error_text(us), "peer: alert internal_error (80)");
    hostile_peer_disconnect(&other);
  }
}

TEST(a_fatal_alert_comes_after_the_data_before_it) {
  each_side(fail_late);
}

/* What comes behind close_notify is taken and means nothing, be it of the same
 * segment or a later one. */
static void chatter(tlstream_version version, tlstream_role role) {
  static const unsigned char close_notify[] = {1, 0};
  unsigned char segment[200];
  char got[8];
  hostile_peer other;
  tlstream_pair *us = hostile_peer_connect(&other, version, role);
  size_t len =
      hostile_peer_record(&other, segment, HOSTILE_ALERT, close_notify, 2);
  len += hostile_peer_record(&other, segment + len, HOSTILE_DATA, "more", 4);
  CHECK_INT(tlstream_pair_feed(us, segment, len), len);
  CHECK_STR(take_events(us), "END");
  CHECK_GT(hostile_peer_send(&other, HOSTILE_DATA, "more", 4), 0);
  CHECK_INT(tlstream_pair_feed(us, "not TLS at all", 14), 14);
  CHECK_INT(tlstream_pair_read(us, got, sizeof(got)), 0);
  CHECK_STR(take_events(us), "");
  CHECK_ERROR(tlstream_pair_end(us), 0);
  drain_away(us);
  check_over(us, "", 0, TLSTREAM_ENDING_CLEAN);
  hostile_peer_disconnect(&other);
}

TEST(what_comes_after_close_notify_is_ignored) {
  each_side(chatter);
}

/* Which side sent last: data of the peer's that was read, or ours that has
 * left. */
static void speak_in_turn(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  CHECK(!tlstream_pair_received_last(us));
  peers_say(&both, role);
  CHECK(!tlstream_pair_received_last(us));
  check_hears(us);
  CHECK(tlstream_pair_received_last(us));
  CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
  CHECK(tlstream_pair_received_last(us));
  drain_away(us);
  CHECK(!tlstream_pair_received_last(us));
  CHECK(!tlstream_pair_truncated(us));
  peers_free(&both);
}

TEST(the_last_side_to_send_is_known) {
  each_side(speak_in_turn);
}

/* close_notify is not data. */
static void end_after_answer(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  peers_say(&both, role);
  check_hears(us);
  CHECK_ERROR(tlstream_pair_end(us), 0);
  drain_away(us);
  CHECK(tlstream_pair_received_last(us));
  CHECK_ERROR(tlstream_pair_end(both.side[other_role(role)]), 0);
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  check_over(us, "END", 0, TLSTREAM_ENDING_CLEAN);
  CHECK(!tlstream_pair_truncated(us));
  peers_free(&both);
}

TEST(the_end_does_not_change_the_last_side_to_send) {
  each_side(end_after_answer);
}
