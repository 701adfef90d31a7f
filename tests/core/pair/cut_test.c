/* SPDX-License-Identifier: MIT */
/* The network ends, breaks or stops at every byte of a connection, in each
 * direction, and its pieces begin and end anywhere: neither side hangs, each
 * ends once, and nothing is left behind. */
#include <stdint.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "support/test.h"
#include "support/torture.h"
#include "support/wire.h"

enum { STRIDE = 61 };

typedef enum fate { ENDS, BREAKS, IS_SILENT, FATES } fate;

static void befall(tlstream_pair *pair, fate what) {
  if (what == ENDS) tlstream_pair_feed_eof(pair);
  if (what == BREAKS) tlstream_pair_feed_error(pair, &reset_cause);
}

/* With the input used up and no close_notify in it, what must it come to? */
static int expect(const talker *side, fate what) {
  bool secure = tlstream_pair_is_secure(side->pair);
  if (error_code(side->pair) != 0) return error_code(side->pair);
  if (what == BREAKS) return TLSTREAM_ERR_SYSTEM;
  if (what == ENDS) {
    return secure ? TLSTREAM_ERR_TRUNCATED : TLSTREAM_ERR_CLOSED_IN_HANDSHAKE;
  }
  if (side->ended) return TLSTREAM_ERR_HALF_CLOSED_TIMEOUT;
  return secure ? TLSTREAM_ERR_IDLE_TIMEOUT : TLSTREAM_ERR_HANDSHAKE_TIMEOUT;
}

static void check_one_end(const talker *side) {
  const tlstream_pair *pair = side->pair;
  bool failed = tlstream_pair_error(pair) != NULL;
  CHECK(!side->wrong);
  CHECK_LE(side->emitted[TLSTREAM_EVENT_SECURE], 1);
  CHECK_INT(side->emitted[TLSTREAM_EVENT_ERROR], failed);
  if (!tlstream_pair_is_secure(pair)) CHECK_INT(side->got, 0);
  CHECK_INT(tlstream_pair_ending(pair),
            failed ? TLSTREAM_ENDING_FAILED : TLSTREAM_ENDING_CLEAN);
  if (failed) return;
  CHECK_INT(side->emitted[TLSTREAM_EVENT_END], 1);
  CHECK_INT(side->got, MESSAGE_LEN);
}

static void suffer(talker *side, fate what) {
  bool peer_ended = side->emitted[TLSTREAM_EVENT_END] > 0;
  int code = expect(side, what);
  befall(side->pair, what);
  /* A broken transport takes nothing; a half-closed one does. */
  CHECK(talk_wait(side, what != BREAKS));
  if (!peer_ended) CHECK_ERROR(error_code(side->pair), code);
  check_one_end(side);
  CHECK_INT(tlstream_pair_next_deadline(side->pair), TLSTREAM_NO_DEADLINE);
}

/* Both sides notice, each in its own way. False when the connection was over
 * before it got to that byte. */
static bool cut_at(const config *terms, tlstream_role from, size_t at,
                   fate what) {
  talk both = talk_new(terms);
  both.from[from].cut_at = at;
  talk_on(&both);
  bool reached = both.from[from].passed == at;
  suffer(&both.side[other_role(from)], what);
  suffer(&both.side[from], (what + 1) % FATES);
  talk_free(&both);
  return reached;
}

static void cut_everywhere(const config *terms, tlstream_role from) {
  bool met = true;
  size_t at = 0;
  while (met && test_failures == 0) {
    size_t blocks = torture_live(TORTURE_LIBRARY);
    IN_CASE("at byte %zu", at);
    for (int what = 0; what < FATES; what++) {
      met = cut_at(terms, from, at, (fate)what);
    }
    CHECK_INT(torture_live(TORTURE_LIBRARY), blocks);
    at++;
  }
  CHECK_GT(at, 300);
}

static void cut_plain(tlstream_version version, tlstream_role from) {
  config terms = {.version = version, .idle_ms = 60000};
  cut_everywhere(&terms, from);
}

static void cut_mutual(tlstream_version version, tlstream_role from) {
  config terms = {.version = version, .idle_ms = 60000, .mutual = true};
  cut_everywhere(&terms, from);
}

/* Contexts that are made once must not be counted as left behind. */
static void warm_up(void) {
  torture_install();
  for (int i = 0; i < 4; i++) {
    config terms = {.version = i % 2 != 0 ? TLSTREAM_TLS_1_2 : TLSTREAM_TLS_1_3,
                    .mutual = i / 2 != 0};
    peers both = peers_secure(&terms);
    peers_free(&both);
  }
}

TEST(a_cut_at_any_byte_is_survived) {
  warm_up();
  each_side(cut_plain);
}

TEST(so_it_is_with_certificates_on_both_sides) {
  warm_up();
  each_side(cut_mutual);
}

/* Pieces of STRIDE bytes, the first of them shorter: with every length of the
 * first, there is a border at every byte. */
static void split_at(const config *terms, size_t first) {
  talk both = talk_new(terms);
  both.from[0].first = both.from[1].first = first;
  both.from[0].stride = both.from[1].stride = STRIDE;
  talk_on(&both);
  for (int i = 0; i < 2; i++) {
    CHECK(tlstream_pair_is_finished(both.both.side[i]));
    CHECK_INT(tlstream_pair_ending(both.both.side[i]), TLSTREAM_ENDING_CLEAN);
    CHECK_INT(both.side[i].got, MESSAGE_LEN);
    check_one_end(&both.side[i]);
  }
  talk_free(&both);
}

static void split_everywhere(tlstream_version version, tlstream_role role) {
  config terms = {.version = version, .mutual = role == TLSTREAM_ROLE_SERVER};
  size_t blocks = torture_live(TORTURE_LIBRARY);
  for (size_t first = 1; first <= STRIDE && test_failures == 0; first++) {
    IN_CASE("first piece of %zu bytes", first);
    split_at(&terms, first);
  }
  CHECK_INT(torture_live(TORTURE_LIBRARY), blocks);
}

TEST(a_split_at_any_byte_changes_nothing) {
  warm_up();
  each_side(split_everywhere);
}
