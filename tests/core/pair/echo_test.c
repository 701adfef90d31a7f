/* SPDX-License-Identifier: MIT */
/* Bytes through two pairs, however they are cut on the way: what comes out is
 * what went in. */
#include <stdint.h>
#include <stdlib.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "support/peers.h"
#include "support/shuttle.h"
#include "support/test.h"

enum { WINDOW = 24 * 1024, SEEDS = 2000, SIZE_LIMIT = 65537 };

static const size_t chunks[] = {1, 7, 1400, 16384};

/* Write more of the pattern, as much as is taken. */
static size_t send_pattern(tlstream_pair *pair, size_t from, size_t len) {
  static unsigned char bytes[WINDOW];
  if (len > sizeof(bytes)) len = sizeof(bytes);
  pattern_fill(bytes, from, len);
  ptrdiff_t taken = tlstream_pair_write(pair, bytes, len);
  CHECK_GE(taken, 0);
  return taken > 0 ? (size_t)taken : 0;
}

typedef struct echo {
  unsigned char held[4096]; /* read, and not written back yet */
  size_t from, to;
} echo;

/* As an echo server does it: read no more before the last is written. */
static void send_back(echo *self, tlstream_pair *pair) {
  ptrdiff_t len = 1;
  while (len > 0) {
    if (self->from == self->to) {
      len = tlstream_pair_read(pair, self->held, sizeof(self->held));
      self->from = 0;
      self->to = len > 0 ? (size_t)len : 0;
    }
    len = tlstream_pair_write(pair, self->held + self->from,
                              self->to - self->from);
    CHECK_GE(len, 0);
    self->from += len > 0 ? (size_t)len : 0;
  }
}

static void echo_through(peers *both, tlstream_role role, size_t total,
                         size_t chunk) {
  echo other = {.from = 0};
  size_t sent = 0;
  size_t got = 0;
  size_t before = 1;
  tlstream_pair *us = both->side[role];
  tlstream_pair *them = both->side[other_role(role)];
  while (got < total && before != sent + got) {
    before = sent + got;
    sent += send_pattern(us, sent, total - sent);
    shuttle(us, them, chunk);
    send_back(&other, them);
    shuttle(us, them, chunk);
    got += pattern_read(us, got);
  }
  CHECK_INT(sent, total);
  CHECK_INT(got, total);
}

static void disconnect_cleanly(peers *both, size_t chunk) {
  CHECK_ERROR(tlstream_pair_end(both->side[0]), 0);
  shuttle(both->side[0], both->side[1], chunk);
  CHECK_ERROR(tlstream_pair_end(both->side[1]), 0);
  shuttle(both->side[0], both->side[1], chunk);
  for (int i = 0; i < 2; i++) {
    CHECK(tlstream_pair_is_finished(both->side[i]));
    CHECK_INT(tlstream_pair_ending(both->side[i]), TLSTREAM_ENDING_CLEAN);
  }
}

static void echo_with(key_kind key, tlstream_version version,
                      tlstream_role role) {
  EACH_ROW(i, chunks) {
    config terms = {.version = version, .key = key};
    peers both = peers_new(&terms);
    CHECK_ERROR(tlstream_pair_start(both.side[TLSTREAM_ROLE_CLIENT]), 0);
    shuttle(both.side[0], both.side[1], chunks[i]);
    CHECK_INT(tlstream_pair_tls_version(both.side[role]), version);
    echo_through(&both, role, chunks[i] < 1400 ? 20000 : 300000, chunks[i]);
    disconnect_cleanly(&both, chunks[i]);
    peers_free(&both);
  }
}

static void echo_ecdsa(tlstream_version version, tlstream_role role) {
  echo_with(KEY_ECDSA, version, role);
}

static void echo_rsa(tlstream_version version, tlstream_role role) {
  echo_with(KEY_RSA, version, role);
}

TEST(echoes_at_every_chunk_size_with_ecdsa) {
  each_side(echo_ecdsa);
}

TEST(echoes_at_every_chunk_size_with_rsa) {
  each_side(echo_rsa);
}

/* Both talk at once, and neither waits for the other. */
static void bulk(tlstream_version version, tlstream_role role) {
  enum { TOTAL = 4 * 1024 * 1024 };
  size_t sent[2] = {0};
  size_t got[2] = {0};
  size_t before = 1;
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  while (before != sent[0] + sent[1] + got[0] + got[1]) {
    before = sent[0] + sent[1] + got[0] + got[1];
    for (int i = 0; i < 2; i++) {
      sent[i] += send_pattern(both.side[i], sent[i], TOTAL - sent[i]);
      shuttle(both.side[role], both.side[other_role(role)], 16384);
      got[i] += pattern_read(both.side[i], got[i]);
    }
  }
  for (int i = 0; i < 2; i++) {
    CHECK_INT(sent[i], TOTAL);
    CHECK_INT(got[i], TOTAL);
  }
  disconnect_cleanly(&both, SIZE_MAX);
  peers_free(&both);
}

TEST(carries_bulk_both_ways_at_once) {
  each_side(bulk);
}

/* G8: a whole batch in one feed, and then the network is quiet. */
static void batch(tlstream_version version, tlstream_role role) {
  enum { TOTAL = 60000 };
  char some[1000];
  size_t got = 0;
  size_t len = 0;
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  for (size_t sent = 0; sent < TOTAL;) {
    sent += send_pattern(them, sent, TOTAL - sent);
  }
  const void *bytes = tlstream_pair_peek(them, &len);
  CHECK_GT(len, TOTAL);
  CHECK_INT(tlstream_pair_feed(us, bytes, len), len);
  CHECK_STR(take_events(us), "DATA");
  /* In small bites first, with events asked for in between. */
  for (int i = 0; i < 10; i++) {
    CHECK_INT(tlstream_pair_read(us, some, sizeof(some)), sizeof(some));
    CHECK_STR(take_events(us), "");
    got += sizeof(some);
  }
  got += pattern_read(us, got);
  CHECK_INT(got, TOTAL);
  peers_free(&both);
}

TEST(strands_nothing_of_a_batch) {
  each_side(batch);
}

/* What a seed decides: SplitMix64. */
static uint64_t chance;

static size_t roll(size_t below) {
  uint64_t mixed = chance += 0x9E3779B97F4A7C15u;
  mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
  return (size_t)((mixed ^ mixed >> 31) % below);
}

/* Small sizes as often as large ones. */
static size_t roll_size(size_t most) {
  size_t size = roll(2 * ((size_t)1 << roll(17)));
  return size > most ? most : size;
}

/* One direction of a connection on the way: what `from` has drained and `to`
 * has not been fed. */
typedef struct lane {
  tlstream_pair *from;
  tlstream_pair *to;
  size_t total, sent, got;
  size_t piece; /* at most so much at a time */
  size_t len;
  unsigned char held[20000];
  bool ended;
} lane;

static void drain_some(lane *self) {
  size_t room = sizeof(self->held) - self->len;
  size_t cap = roll(self->piece) + 1;
  if (cap > room) cap = room;
  self->len += tlstream_pair_drain(self->from, self->held + self->len, cap);
}

static void feed_some(lane *self) {
  size_t len = roll(self->piece) + 1;
  if (len > self->len) len = self->len;
  ptrdiff_t taken = tlstream_pair_feed(self->to, self->held, len);
  CHECK(taken >= 0 && (size_t)taken <= len);
  if (taken <= 0) return;
  self->len -= (size_t)taken;
  memmove(self->held, self->held + taken, self->len);
}

static void read_some(lane *self) {
  unsigned char got[4096];
  unsigned char want[sizeof(got)];
  ptrdiff_t len = tlstream_pair_read(self->to, got, roll(sizeof(got)) + 1);
  CHECK_GE(len, 0);
  if (len <= 0) return;
  CHECK(tlstream_pair_is_secure(self->to));
  pattern_fill(want, self->got, (size_t)len);
  CHECK(memcmp(got, want, (size_t)len) == 0);
  self->got += (size_t)len;
}

/* Now and then of no length at all. */
static void write_some(lane *self) {
  size_t len = roll_size(self->total - self->sent);
  if (!self->ended) self->sent += send_pattern(self->from, self->sent, len);
}

static void end_some(lane *self) {
  if (self->sent < self->total || roll(4) != 0) return;
  self->ended = true;
  CHECK_ERROR(tlstream_pair_end(self->from), 0);
}

static bool is_over(const lane *lanes) {
  return tlstream_pair_is_finished(lanes[0].from) &&
         tlstream_pair_is_finished(lanes[1].from) &&
         lanes[0].got == lanes[0].total && lanes[1].got == lanes[1].total;
}

static void prepare(lane *self, peers *both, int from) {
  self->from = both->side[from];
  self->to = both->side[1 - from];
  self->total = roll(4) == 0 ? roll(SIZE_LIMIT + 1) : roll_size(20000);
  self->piece = roll_size(16384) + 1;
  /* Byte by byte is slow, so not with much. */
  if (self->piece < 100) self->total %= 2000;
}

static void (*const steps[])(lane *) = {drain_some, feed_some,  read_some,
                                        write_some, drain_some, feed_some,
                                        end_some};

/* G7: short feeds, drains, reads and writes in any order. */
static void run_seed(uint64_t seed) {
  static lane lanes[2];
  chance = seed;
  memset(lanes, 0, sizeof(lanes));
  config terms = {.version = roll(2) != 0 ? TLSTREAM_TLS_1_2 : TLSTREAM_TLS_1_3,
                  .mutual = roll(8) == 0,
                  .key = roll(16) == 0 ? KEY_RSA : KEY_ECDSA};
  peers both = peers_new(&terms);
  CHECK_ERROR(tlstream_pair_start(both.side[TLSTREAM_ROLE_CLIENT]), 0);
  prepare(&lanes[0], &both, 0);
  prepare(&lanes[1], &both, 1);
  for (size_t i = 0; i < 2000000 && !is_over(lanes); i++) {
    steps[roll(sizeof(steps) / sizeof(steps[0]))](&lanes[roll(2)]);
  }
  CHECK(is_over(lanes));
  for (int i = 0; i < 2; i++) {
    CHECK_INT(tlstream_pair_ending(both.side[i]), TLSTREAM_ENDING_CLEAN);
  }
  peers_free(&both);
}

TEST(any_schedule_is_byte_exact) {
  const char *only = getenv("TLSTREAM_TEST_SEED");
  uint64_t first = only != NULL ? strtoull(only, NULL, 10) : 1;
  uint64_t last = only != NULL ? first : SEEDS;
  for (uint64_t seed = first; seed <= last && test_failures == 0; seed++) {
    IN_CASE("TLSTREAM_TEST_SEED=%llu", (unsigned long long)seed);
    run_seed(seed);
  }
}
