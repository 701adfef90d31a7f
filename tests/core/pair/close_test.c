/* SPDX-License-Identifier: MIT */
/* tlstream_pair_close(): as an end, and what the peer still sends is discarded
 * until its close_notify, its end without one, or a short deadline. */
#include <stdint.h>

#include <tlstream/pair_info.h>

#include "core/pair/pair.h"
#include "support/hostile_peer.h"
#include "support/peers.h"
#include "support/shuttle.h"
#include "support/test.h"

enum { SHUTDOWN_MS = 3000, SEND_MS = 60000, HANDSHAKE_MS = 10000 };

/* Closed, and all of ours has left. */
static peers close_one(const config *terms, tlstream_role role) {
  peers both = peers_secure(terms);
  tlstream_pair *us = both.side[role];
  CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
  CHECK_ERROR(tlstream_pair_close(us), 0);
  CHECK(!tlstream_pair_wants_shutdown(us));
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  CHECK(tlstream_pair_wants_shutdown(us));
  CHECK(tlstream_pair_wants_input(us));
  CHECK(!tlstream_pair_is_finished(us));
  return both;
}

static void close_cleanly(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = close_one(&terms, role);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  CHECK_STR(take_events(them), "DATA");
  check_hears(them);
  CHECK_STR(take_events(them), "END");
  CHECK_ERROR(tlstream_pair_close(us), 0);
  CHECK_INT(tlstream_pair_pending(us), 0);
  CHECK_ERROR(tlstream_pair_end(them), 0);
  shuttle(us, them, SIZE_MAX);
  check_over(us, "", 0, TLSTREAM_ENDING_CLEAN);
  check_over(them, "", 0, TLSTREAM_ENDING_CLEAN);
  CHECK(!tlstream_pair_truncated(us));
  CHECK_ERROR(tlstream_pair_write(us, "abc", 3), TLSTREAM_ERR_WRITE_AFTER_END);
  peers_free(&both);
}

TEST(the_peers_close_notify_makes_it_clean_without_an_event) {
  each_side(close_cleanly);
}

/* Data that lay unread, data of which half was read, and data that comes. */
static void discard(tlstream_version version, tlstream_role role) {
  for (int read = 0; read < 2; read++) {
    char got[8];
    config terms = {.version = version};
    peers both = peers_secure(&terms);
    tlstream_pair *us = both.side[role];
    tlstream_pair *them = both.side[other_role(role)];
    peers_say(&both, role);
    if (read != 0) CHECK_INT(tlstream_pair_read(us, got, 1), 1);
    CHECK_ERROR(tlstream_pair_close(us), 0);
    CHECK_INT(tlstream_pair_read(us, got, sizeof(got)), 0);
    CHECK(tlstream_pair_wants_input(us));
    for (int i = 0; i < 100; i++) {
      static char much[4000];
      CHECK_INT(tlstream_pair_write(them, much, sizeof(much)), sizeof(much));
      shuttle(us, them, SIZE_MAX);
      CHECK_INT(tlstream_pair_read(us, got, sizeof(got)), 0);
    }
    CHECK_STR(take_events(us), "");
    CHECK_ERROR(tlstream_pair_end(them), 0);
    shuttle(us, them, SIZE_MAX);
    check_over(us, "", 0, TLSTREAM_ENDING_CLEAN);
    peers_free(&both);
  }
}

TEST(what_the_peer_sends_is_discarded) {
  each_side(discard);
}

/* What was found before the close, and not yet reported. */
static void forget_events(tlstream_version version, tlstream_role role) {
  for (int ends = 0; ends < 2; ends++) {
    config terms = {.version = version};
    peers both = peers_secure(&terms);
    tlstream_pair *us = both.side[role];
    tlstream_pair *them = both.side[other_role(role)];
    if (ends == 0) CHECK_INT(tlstream_pair_write(them, "abc", 3), 3);
    if (ends != 0) CHECK_ERROR(tlstream_pair_end(them), 0);
    shuttle(us, them, SIZE_MAX);
    CHECK_ERROR(tlstream_pair_close(us), 0);
    CHECK_STR(take_events(us), "");
    peers_free(&both);
  }
}

TEST(no_data_or_end_is_reported_after_it) {
  each_side(forget_events);
}

/* The close_notify lies behind data that was not read. */
static void close_behind_data(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  peers_say(&both, role);
  CHECK_ERROR(tlstream_pair_end(both.side[other_role(role)]), 0);
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  CHECK_ERROR(tlstream_pair_close(us), 0);
  CHECK(!tlstream_pair_is_finished(us)); /* ours has not left */
  drain_away(us);
  check_over(us, "", 0, TLSTREAM_ENDING_CLEAN);
  peers_free(&both);
}

TEST(a_close_notify_behind_unread_data_is_found) {
  each_side(close_behind_data);
}

typedef enum loss { BY_EOF, BY_RESET, LOSSES } loss;

static void lose(tlstream_pair *pair, loss how) {
  if (how == BY_EOF) tlstream_pair_feed_eof(pair);
  if (how == BY_RESET) tlstream_pair_feed_error(pair, &reset_cause);
}

static void lose_peer(tlstream_version version, tlstream_role role) {
  for (int how = 0; how < LOSSES; how++) {
    config terms = {.version = version};
    peers both = close_one(&terms, role);
    tlstream_pair *us = both.side[role];
    lose(us, (loss)how);
    check_over(us, "", 0, TLSTREAM_ENDING_TRUNCATED);
    CHECK(tlstream_pair_truncated(us));
    peers_free(&both);
  }
}

TEST(an_end_of_the_transport_is_no_error_if_ours_has_left) {
  each_side(lose_peer);
}

/* It is our data that counts: close_notify alone is no loss. */
static void lose_close_notify(tlstream_version version, tlstream_role role) {
  for (int how = 0; how < LOSSES + 1; how++) {
    config terms = {.version = version};
    peers both = peers_secure(&terms);
    tlstream_pair *us = both.side[role];
    CHECK_ERROR(tlstream_pair_close(us), 0);
    lose(us, (loss)how);
    if (how == LOSSES) tlstream__pair_write_broken(us, &reset_cause, false);
    check_over(us, "", 0, TLSTREAM_ENDING_TRUNCATED);
    CHECK_INT(tlstream_pair_pending(us), 0);
    peers_free(&both);
  }
}

TEST(a_close_notify_that_is_lost_is_no_error) {
  each_side(lose_close_notify);
}

static void lose_data(tlstream_version version, tlstream_role role) {
  for (int write = 0; write < 2; write++) {
    config terms = {.version = version};
    peers both = peers_secure(&terms);
    tlstream_pair *us = both.side[role];
    CHECK_INT(tlstream_pair_write(us, "lost", 4), 4);
    CHECK_ERROR(tlstream_pair_close(us), 0);
    if (write != 0) tlstream__pair_write_broken(us, &reset_cause, false);
    if (write == 0) tlstream_pair_feed_error(us, &reset_cause);
    check_over(us, "ERROR", TLSTREAM_ERR_SYSTEM, TLSTREAM_ENDING_FAILED);
    CHECK_STR(tlstream_pair_error(us)->name, "ECONNRESET");
    peers_free(&both);
  }
}

TEST(a_reset_that_loses_our_data_is_the_error) {
  each_side(lose_data);
}

/* A half-closed peer still takes what we have to send. */
static void eof_while_sending(tlstream_version version, tlstream_role role) {
  for (int lost = 0; lost < 2; lost++) {
    config terms = {.version = version};
    peers both = peers_secure(&terms);
    tlstream_pair *us = both.side[role];
    CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
    CHECK_ERROR(tlstream_pair_close(us), 0);
    tlstream_pair_feed_eof(us);
    CHECK(!tlstream_pair_is_finished(us));
    CHECK_INT(tlstream_pair_next_deadline(us), SEND_MS);
    if (lost != 0) {
      tlstream_pair_feed_error(us, &reset_cause);
      check_over(us, "ERROR", TLSTREAM_ERR_SYSTEM, TLSTREAM_ENDING_FAILED);
    } else {
      shuttle(both.side[0], both.side[1], SIZE_MAX);
      CHECK_STR(take_events(both.side[other_role(role)]), "DATA");
      check_over(us, "", 0, TLSTREAM_ENDING_TRUNCATED);
    }
    peers_free(&both);
  }
}

TEST(after_an_eof_ours_still_leaves) {
  each_side(eof_while_sending);
}

/* The alert, but not the data before it. */
static void fatal_alert(tlstream_version version, tlstream_role role) {
  static const unsigned char internal_error[] = {2, 80};
  hostile_peer other;
  tlstream_pair *us = hostile_peer_connect(&other, version, role);
  CHECK_GT(hostile_peer_send(&other, HOSTILE_DATA, "abc", 3), 0);
  CHECK_STR(take_events(us), "DATA");
  CHECK_ERROR(tlstream_pair_close(us), 0);
  CHECK_LT(hostile_peer_send(&other, HOSTILE_ALERT, internal_error, 2), 0);
  drain_away(us);
  check_over(us, "ERROR", TLSTREAM_ERR_ALERT, TLSTREAM_ENDING_FAILED);
  hostile_peer_disconnect(&other);
}

TEST(a_fatal_alert_is_the_error) {
  each_side(fatal_alert);
}

static void own_error(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = close_one(&terms, role);
  tlstream_pair *us = both.side[role];
  CHECK_ERROR(tlstream_pair_feed(us, forged_record, sizeof(forged_record)),
              TLSTREAM_ERR_BAD_RECORD);
  CHECK_ERROR(tlstream_pair_close(us), TLSTREAM_ERR_BAD_RECORD);
  drain_away(us);
  tlstream_pair_feed_eof(us);
  check_over(us, "ERROR", TLSTREAM_ERR_BAD_RECORD, TLSTREAM_ENDING_FAILED);
  peers_free(&both);
}

TEST(a_protocol_error_is_the_error) {
  each_side(own_error);
}

/* The handshake keeps its own time, and its own errors. */
static void close_early(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = peers_new(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_ERROR(tlstream_pair_start(us), 0);
  CHECK_ERROR(tlstream_pair_close(us), 0);
  size_t len = 0;
  char flight[4096];
  len = tlstream_pair_drain(us, flight, sizeof(flight));
  CHECK_INT(tlstream_pair_next_deadline(us), HANDSHAKE_MS);
  CHECK_ERROR(tlstream_pair_tick(us, HANDSHAKE_MS - 1), 0);
  CHECK(!tlstream_pair_is_finished(us));
  CHECK_INT(tlstream_pair_feed(both.side[other_role(role)], flight, len), len);
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  CHECK_STR(take_events(us), "SECURE");
  CHECK_STR(take_events(both.side[other_role(role)]), "SECURE END");
  CHECK_INT(tlstream_pair_next_deadline(us), HANDSHAKE_MS - 1 + SHUTDOWN_MS);
  peers_free(&both);
}

TEST(a_close_in_the_handshake_waits_for_its_end) {
  each_side(close_early);
}

static void eof_early(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  tlstream_pair *pair = config_pair(&terms, role);
  CHECK_ERROR(tlstream_pair_start(pair), 0);
  CHECK_ERROR(tlstream_pair_close(pair), 0);
  drain_away(pair);
  tlstream_pair_feed_eof(pair);
  check_over(pair, "ERROR", TLSTREAM_ERR_CLOSED_IN_HANDSHAKE,
             TLSTREAM_ENDING_FAILED);
  tlstream_pair_free(pair);
}

TEST(an_eof_in_the_handshake_is_an_error_after_a_close_too) {
  each_side(eof_early);
}
