/* SPDX-License-Identifier: MIT */
/* Bytes after the peer's close_notify: kept for an owner that goes back to
 * plain text, and otherwise ignored (E7). */
#include <stdlib.h>

#include <tlstream/pair_ending.h>

#include "support/peers.h"
#include "support/shuttle.h"
#include "support/test.h"

enum { ROOM = 64 * 1024 };

/* One side keeps what trails, the other has ended; `ending` receives
 * that, and `len` how much. */
typedef struct scene {
  peers both;
  tlstream_pair *keeper;
  char ending[512];
  size_t len;
} scene;

static tlstream_pair *keeping_pair(const config *terms, tlstream_role role,
                                   bool keep) {
  tlstream_context *context = config_context(terms, role);
  tlstream_pair *pair = tlstream_pair_new(
      TLSTREAM_PAIR(.role = role, .context = context,
                    .verify_name =
                        role == TLSTREAM_ROLE_CLIENT ? SERVER_NAME : NULL,
                    .keep_trailing = keep),
      0, NULL);
  tlstream_context_unref(context);
  return pair;
}

static void begin(scene *at, tlstream_version version, tlstream_role role,
                  bool keep) {
  config terms = {.version = version};
  tlstream_role other = other_role(role);
  at->keeper = at->both.side[role] = keeping_pair(&terms, role, keep);
  at->both.side[other] = config_pair(&terms, other);
  tlstream_pair_start(at->both.side[TLSTREAM_ROLE_CLIENT]);
  shuttle(at->both.side[0], at->both.side[1], 4096);
  take_events(at->keeper);
  CHECK_ERROR(tlstream_pair_end(at->both.side[other]), 0);
  at->len =
      tlstream_pair_drain(at->both.side[other], at->ending, sizeof(at->ending));
}

static void each_byte_is_kept_once(tlstream_version version,
                                   tlstream_role role) {
  static const char text[] = "250 in the clear\r\n";
  size_t all = 1;
  for (size_t split = 0; split <= all; split++) {
    scene at;
    char got[64] = "";
    begin(&at, version, role, true);
    memcpy(at.ending + at.len, text, sizeof(text));
    all = at.len + strlen(text);
    CHECK_INT(tlstream_pair_take_trailing(at.keeper, got, 1), 0);
    CHECK_INT(tlstream_pair_feed(at.keeper, at.ending, split), split);
    CHECK_INT(tlstream_pair_feed(at.keeper, at.ending + split, all - split),
              all - split);
    CHECK_STR(take_events(at.keeper), "END");
    CHECK(!tlstream_pair_wants_input(at.keeper));
    CHECK_INT(tlstream_pair_take_trailing(at.keeper, got, 4), 4);
    CHECK_INT(tlstream_pair_take_trailing(at.keeper, got + 4, 60),
              strlen(text) - 4);
    CHECK_INT(tlstream_pair_take_trailing(at.keeper, got, 64), 0);
    CHECK_STR(got, text);
    peers_free(&at.both);
  }
}

TEST(what_trails_is_kept_in_order) {
  each_side(each_byte_is_kept_once);
}

TEST(only_so_much_is_kept) {
  scene at;
  char *lot = calloc(1, 2 * ROOM);
  if (lot == NULL) abort();
  begin(&at, TLSTREAM_TLS_1_3, TLSTREAM_ROLE_CLIENT, true);
  CHECK_INT(tlstream_pair_feed(at.keeper, at.ending, at.len), at.len);
  CHECK_INT(tlstream_pair_feed(at.keeper, lot, 2 * ROOM), ROOM);
  CHECK_INT(tlstream_pair_feed(at.keeper, lot, 1), 0);
  CHECK_INT(tlstream_pair_take_trailing(at.keeper, lot, 100), 100);
  CHECK_INT(tlstream_pair_feed(at.keeper, lot, 2 * ROOM), 100);
  CHECK(tlstream_pair_error(at.keeper) == NULL);
  peers_free(&at.both);
  free(lot);
}

/* It can be taken after both sides have ended, too. */
TEST(our_own_end_leaves_it_alone) {
  scene at;
  char got[8] = "";
  begin(&at, TLSTREAM_TLS_1_2, TLSTREAM_ROLE_SERVER, true);
  memcpy(at.ending + at.len, "more", 4);
  CHECK_INT(tlstream_pair_feed(at.keeper, at.ending, at.len + 4), at.len + 4);
  CHECK_ERROR(tlstream_pair_end(at.keeper), 0);
  CHECK_GT(drain_away(at.keeper), 0);
  CHECK(tlstream_pair_is_finished(at.keeper));
  CHECK_INT(tlstream_pair_ending(at.keeper), TLSTREAM_ENDING_CLEAN);
  tlstream_pair_feed_eof(at.keeper);
  CHECK_INT(tlstream_pair_take_trailing(at.keeper, got, sizeof(got)), 4);
  CHECK_STR(got, "more");
  peers_free(&at.both);
}

/* Plain text that trails does not give us more time to send. */
TEST(it_is_no_progress) {
  scene at;
  begin(&at, TLSTREAM_TLS_1_3, TLSTREAM_ROLE_CLIENT, true);
  CHECK_INT(tlstream_pair_feed(at.keeper, at.ending, at.len), at.len);
  CHECK(!tlstream_pair_wants_input(at.keeper)); /* even before there is any */
  CHECK_ERROR(tlstream_pair_end(at.keeper), 0);
  CHECK_INT(tlstream_pair_next_deadline(at.keeper), 60000);
  tlstream_pair_tick(at.keeper, 2000);
  CHECK_INT(tlstream_pair_feed(at.keeper, "x", 1), 1);
  CHECK_INT(tlstream_pair_next_deadline(at.keeper), 60000);
  peers_free(&at.both);
}

TEST(without_asking_for_it_there_is_none) {
  scene at;
  char got[8];
  begin(&at, TLSTREAM_TLS_1_3, TLSTREAM_ROLE_CLIENT, false);
  memcpy(at.ending + at.len, "more", 4);
  CHECK_INT(tlstream_pair_feed(at.keeper, at.ending, at.len + 4), at.len + 4);
  CHECK_INT(tlstream_pair_feed(at.keeper, "more", 4), 4);
  CHECK_INT(tlstream_pair_take_trailing(at.keeper, got, sizeof(got)), 0);
  CHECK_STR(take_events(at.keeper), "END");
  peers_free(&at.both);
}
