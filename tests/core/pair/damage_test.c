/* SPDX-License-Identifier: MIT */
/* One bit is changed on the way, at every byte of a connection: neither side
 * ever reads what was not sent, or takes a forged part for the whole. */
#include <stdint.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "support/test.h"
#include "support/wire.h"

/* What is wrong in every case. */
static void check_side(const talker *side) {
  const tlstream_pair *pair = side->pair;
  CHECK(!side->wrong);
  CHECK(side->got == 0 || side->got == MESSAGE_LEN);
  CHECK_LE(side->emitted[TLSTREAM_EVENT_SECURE], 1);
  CHECK_LE(side->emitted[TLSTREAM_EVENT_END], 1);
  CHECK_INT(side->emitted[TLSTREAM_EVENT_ERROR],
            tlstream_pair_error(pair) != NULL);
  if (side->emitted[TLSTREAM_EVENT_END] > 0) CHECK_INT(side->got, MESSAGE_LEN);
  if (!tlstream_pair_is_secure(pair)) CHECK(!tlstream_pair_authorized(pair));
}

/* The handshake came through unharmed, so all that follows is protected. */
static void check_protected(const talker *listener) {
  CHECK(tlstream_pair_is_secure(listener->pair));
  CHECK_INT(listener->emitted[TLSTREAM_EVENT_END], 0);
  CHECK_NE(error_code(listener->pair), 0);
}

static size_t handshake(talk *both) {
  size_t moved = 0;
  size_t total = 0;
  do {
    moved = wire_carry(&both->from[0], both->both.side[0], both->both.side[1]);
    moved += wire_carry(&both->from[1], both->both.side[1], both->both.side[0]);
    total += moved;
  } while (moved > 0);
  return total;
}

/* False when the connection was over before it got to that byte. */
static bool flip_at(tlstream_version version, tlstream_role from, size_t at) {
  IN_CASE("byte %zu", at);
  config terms = {.version = version, .mutual = from == TLSTREAM_ROLE_CLIENT};
  talk both = talk_new(&terms);
  wire *over = &both.from[from];
  over->flip_at = at;
  over->flip = (unsigned char)(1 << at % 8);
  handshake(&both);
  bool protected = at >= over->passed;
  talk_on(&both);
  bool reached = over->passed > at;
  for (int i = 0; i < 2; i++) {
    tlstream_pair_feed_eof(both.both.side[i]);
    CHECK(talk_wait(&both.side[i], true));
    check_side(&both.side[i]);
  }
  if (protected && reached) check_protected(&both.side[other_role(from)]);
  talk_free(&both);
  return reached;
}

static void flip_everywhere(tlstream_version version, tlstream_role from) {
  size_t at = 0;
  while (flip_at(version, from, at) && test_failures == 0)
    at++;
  CHECK_GT(at, 600); /* it had certificates in it */
}

TEST(no_changed_bit_makes_data) {
  each_side(flip_everywhere);
}

/* Whole records this time, with the headers that they should have. */
static size_t capture(tlstream_pair *pair, unsigned char *out, size_t cap,
                      const char *text) {
  CHECK_INT(tlstream_pair_write(pair, text, strlen(text)), strlen(text));
  return tlstream_pair_drain(pair, out, cap);
}

static void expect_bad_record(tlstream_pair *pair, const unsigned char *record,
                              size_t len) {
  char got[8];
  CHECK_ERROR(tlstream_pair_feed(pair, record, len), TLSTREAM_ERR_BAD_RECORD);
  CHECK_STR(take_events(pair), "ERROR");
  CHECK_ERROR(tlstream_pair_read(pair, got, sizeof(got)),
              TLSTREAM_ERR_BAD_RECORD);
}

static void replay(tlstream_version version, tlstream_role role) {
  unsigned char record[1000];
  char got[8];
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  size_t len =
      capture(both.side[other_role(role)], record, sizeof(record), "pay");
  CHECK_INT(tlstream_pair_feed(both.side[role], record, len), len);
  CHECK_STR(take_events(both.side[role]), "DATA");
  CHECK_INT(tlstream_pair_read(both.side[role], got, sizeof(got)), 3);
  expect_bad_record(both.side[role], record, len);
  peers_free(&both);
}

TEST(a_record_is_not_taken_twice) {
  each_side(replay);
}

static void reorder(tlstream_version version, tlstream_role role) {
  unsigned char first[1000];
  unsigned char second[100];
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  tlstream_pair *them = both.side[other_role(role)];
  capture(them, first, sizeof(first), "first");
  size_t len = capture(them, second, sizeof(second), "second");
  expect_bad_record(both.side[role], second, len);
  peers_free(&both);
}

TEST(a_record_is_not_taken_out_of_turn) {
  each_side(reorder);
}

/* A record that we made ourselves, sent back to us. */
static void reflect(tlstream_version version, tlstream_role role) {
  unsigned char record[1000];
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  size_t len = capture(both.side[role], record, sizeof(record), "echo");
  expect_bad_record(both.side[role], record, len);
  peers_free(&both);
}

TEST(a_record_of_our_own_is_not_taken) {
  each_side(reflect);
}

/* Shorter than the nonce and tag of the cipher. Which alert it is answered with
 * depends on OpenSSL's version. */
static void shorten(tlstream_version version, tlstream_role role) {
  for (size_t len = 1; len < sizeof(forged_record) - 5; len++) {
    unsigned char record[sizeof(forged_record)] = {23, 3, 3, 0,
                                                   (unsigned char)len};
    config terms = {.version = version};
    peers both = peers_secure(&terms);
    CHECK_ERROR(tlstream_pair_feed(both.side[role], record, 5 + len),
                TLSTREAM_ERR_BAD_RECORD);
    peers_free(&both);
  }
}

TEST(a_record_without_room_for_a_tag_is_not_taken) {
  each_side(shorten);
}

/* What arrived whole before the damage is still delivered. */
static void damage_second(tlstream_version version, tlstream_role role) {
  unsigned char records[1000];
  char got[8];
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  size_t len = capture(them, records, sizeof(records), "one");
  len += capture(them, records + len, sizeof(records) - len, "two");
  records[len - 1] ^= 1;
  CHECK_INT(tlstream_pair_feed(us, records, len), len);
  CHECK_STR(take_events(us), "DATA");
  CHECK_INT(tlstream_pair_read(us, got, sizeof(got)), 3);
  CHECK(memcmp(got, "one", 3) == 0);
  CHECK_ERROR(tlstream_pair_read(us, got, sizeof(got)),
              TLSTREAM_ERR_BAD_RECORD);
  CHECK_STR(take_events(us), "ERROR");
  peers_free(&both);
}

TEST(data_before_the_damage_is_delivered) {
  each_side(damage_second);
}
