/* SPDX-License-Identifier: MIT */
/* After an error of ours: the alert gets its time to leave, and the peer a
 * moment to take it. */
#include <stdint.h>

#include <tlstream/pair_ending.h>

#include "core/pair/pair.h"
#include "support/deadlines.h"
#include "support/peers.h"
#include "support/shuttle.h"
#include "support/test.h"

static void alert_waits(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_ERROR(tlstream_pair_tick(us, START + 9000), 0);
  CHECK_ERROR(tlstream_pair_feed(us, forged_record, sizeof(forged_record)),
              TLSTREAM_ERR_BAD_RECORD);
  CHECK_STR(take_events(us), "ERROR");
  CHECK(!tlstream_pair_is_finished(us));
  CHECK(!tlstream_pair_wants_shutdown(us));
  for (unsigned now = 0; now < ALERT_MS; now += 500) {
    CHECK_ERROR(tlstream_pair_tick(us, START + 9000 + now),
                TLSTREAM_ERR_BAD_RECORD);
    CHECK(tlstream_pair_wants_input(us));
    CHECK_ERROR(tlstream_pair_feed(us, "more", 4), TLSTREAM_ERR_BAD_RECORD);
    tlstream_pair_consume(us, 1);
    CHECK_INT(tlstream_pair_next_deadline(us), START + 9000 + ALERT_MS);
  }
  CHECK_GT(tlstream_pair_pending(us), 0);
  CHECK_ERROR(tlstream_pair_tick(us, START + 9000 + ALERT_MS),
              TLSTREAM_ERR_BAD_RECORD);
  CHECK_INT(tlstream_pair_pending(us), 0);
  check_done(us, TLSTREAM_ENDING_FAILED);
  peers_free(&both);
}

TEST(an_alert_has_three_seconds_to_leave) {
  each_side(alert_waits);
}

/* A socket that is closed with unread input resets, and the reset overtakes
 * the alert. */
static void alert_lingers(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_ERROR(tlstream_pair_feed(us, forged_record, sizeof(forged_record)),
              TLSTREAM_ERR_BAD_RECORD);
  CHECK_STR(take_events(us), "ERROR");
  CHECK_ERROR(tlstream_pair_tick(us, START + 800), TLSTREAM_ERR_BAD_RECORD);
  drain_away(us);
  CHECK(tlstream_pair_wants_shutdown(us));
  CHECK_ERROR(tlstream_pair_tick(us, START + 800 + LINGER_MS - 1),
              TLSTREAM_ERR_BAD_RECORD);
  CHECK(tlstream_pair_wants_input(us));
  CHECK_ERROR(tlstream_pair_feed(us, "more", 4), TLSTREAM_ERR_BAD_RECORD);
  CHECK_STR(take_events(us), "");
  CHECK(!tlstream_pair_is_finished(us));
  CHECK_INT(tlstream_pair_next_deadline(us), START + 800 + LINGER_MS);
  CHECK_ERROR(tlstream_pair_tick(us, START + 800 + LINGER_MS),
              TLSTREAM_ERR_BAD_RECORD);
  CHECK(!tlstream_pair_wants_input(us));
  CHECK(!tlstream_pair_wants_shutdown(us));
  check_done(us, TLSTREAM_ENDING_FAILED);
  peers_free(&both);
}

TEST(the_peer_has_a_second_to_take_the_alert) {
  each_side(alert_lingers);
}

/* The peer's end, or the end of the transport, in that second or before. */
static void stop_lingering(tlstream_version version, tlstream_role role) {
  for (int i = 0; i < 6; i++) {
    config terms = {.version = version};
    peers both = settle(&terms);
    tlstream_pair *us = both.side[role];
    CHECK_ERROR(tlstream_pair_feed(us, forged_record, sizeof(forged_record)),
                TLSTREAM_ERR_BAD_RECORD);
    CHECK_STR(take_events(us), "ERROR");
    if (i / 3 != 0) drain_away(us);
    if (i % 3 == 0) tlstream_pair_feed_eof(us);
    if (i % 3 == 1) tlstream_pair_feed_error(us, &reset_cause);
    if (i % 3 == 2) tlstream__pair_write_broken(us, &reset_cause, false);
    /* A half-closed peer still takes the alert. */
    CHECK_INT(drain_away(us) > 0, i == 0);
    check_done(us, TLSTREAM_ENDING_FAILED);
    CHECK_ERROR(error_code(us), TLSTREAM_ERR_BAD_RECORD);
    peers_free(&both);
  }
}

TEST(the_end_of_the_transport_ends_that_second) {
  each_side(stop_lingering);
}

/* After an alert from the peer there is no reason to wait. */
static void received_an_alert(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = settle(&terms);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  CHECK_LT(tlstream_pair_feed(them, forged_record, sizeof(forged_record)), 0);
  shuttle(us, them, SIZE_MAX);
  CHECK_STR(take_events(us), "ERROR");
  CHECK_ERROR(error_code(us), TLSTREAM_ERR_ALERT);
  CHECK(!tlstream_pair_wants_shutdown(us));
  check_done(us, TLSTREAM_ENDING_FAILED);
  peers_free(&both);
}

TEST(a_peer_that_got_an_alert_does_not_linger) {
  each_side(received_an_alert);
}
