/* SPDX-License-Identifier: MIT */
/* G6: both queues are bounded, whatever the peer and the owner do or leave. */
#include <stdint.h>
#include <stdlib.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "support/hostile_peer.h"
#include "support/peers.h"
#include "support/shuttle.h"
#include "support/test.h"
#include "support/torture.h"

/* As pair_state.h has them; a record that is begun is also finished. */
enum { MARK = 64 * 1024, RECORD = 16 * 1024 + 512 };

static char much[1024 * 1024];

/* The most that was ever seen waiting. */
static size_t largest;

static void note(size_t waiting) {
  if (waiting > largest) largest = waiting;
}

static void report(const char *what) {
  printf("# %s: %zu bytes at most\n", what, largest);
  largest = 0;
}

/* The library's memory is counted from the start. */
BEFORE_TESTS(count_memory) {
  torture_install();
}

/* A peer that never reads, and an owner that never stops. */
static void write_in_steps(const config *terms, tlstream_role role,
                           size_t step) {
  peers both = peers_secure(terms);
  tlstream_pair *us = both.side[role];
  size_t taken = 0;
  ptrdiff_t len = 0;
  while ((len = tlstream_pair_write(us, much, step)) > 0) {
    taken += (size_t)len;
    note(tlstream_pair_pending(us));
  }
  CHECK_INT(len, 0);
  CHECK_LT(tlstream_pair_pending(us), MARK + RECORD);
  CHECK_STR(take_events(us), "");
  while (tlstream_pair_pending(us) >= MARK) {
    CHECK_STR(take_events(us), "");
    tlstream_pair_consume(us, 1);
  }
  CHECK_STR(take_events(us), "DRAIN");
  CHECK_GT(tlstream_pair_write(us, much, step), 0);
  peers_free(&both);
}

static void write_on(tlstream_version version, tlstream_role role) {
  static const size_t steps[] = {100, 1369, 16384, 50000, sizeof(much)};
  config terms = {.version = version};
  EACH_ROW(i, steps) {
    write_in_steps(&terms, role, steps[i]);
  }
}

TEST(output_is_bounded_for_a_peer_that_never_reads) {
  each_side(write_on);
  CHECK_GT(largest, MARK);
  report("output");
}

/* Input that came while the output was full is looked at when there is room,
 * without another call. */
static void make_room(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_GT(tlstream_pair_write(us, much, sizeof(much)), 0);
  CHECK_INT(tlstream_pair_write(both.side[other_role(role)], "abc", 3), 3);
  size_t len = 0;
  const void *bytes = tlstream_pair_peek(both.side[other_role(role)], &len);
  CHECK_INT(tlstream_pair_feed(us, bytes, len), len);
  CHECK_STR(take_events(us), "");
  drain_away(us);
  CHECK_STR(take_events(us), "DATA DRAIN");
  peers_free(&both);
}

TEST(input_that_waited_for_room_goes_on) {
  each_side(make_room);
}

/* An owner that never reads: feed takes less and less, then nothing. */
static void leave_unread(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  size_t fed = 0;
  size_t sent = 0;
  bool moved = true;
  while (moved && fed < sizeof(much)) {
    size_t len = 0;
    ptrdiff_t taken = tlstream_pair_write(them, much, sizeof(much));
    CHECK_GE(taken, 0);
    sent += (size_t)taken;
    const void *bytes = tlstream_pair_peek(them, &len);
    taken = tlstream_pair_feed(us, bytes, len);
    CHECK_GE(taken, 0);
    tlstream_pair_consume(them, (size_t)taken);
    fed += (size_t)taken;
    moved = taken > 0;
  }
  note(fed);
  CHECK(fed > MARK && fed < MARK + 2 * RECORD);
  CHECK(!tlstream_pair_wants_input(us));
  /* And nothing of it is lost. */
  size_t got = 0;
  ptrdiff_t len = 0;
  do {
    shuttle(us, them, SIZE_MAX);
    len = tlstream_pair_read(us, much, sizeof(much));
    got += len > 0 ? (size_t)len : 0;
  } while (len > 0);
  CHECK_INT(got, sent);
  memset(much, 0, sizeof(much));
  peers_free(&both);
}

TEST(input_is_bounded_for_an_owner_that_never_reads) {
  each_side(leave_unread);
  report("unread input");
}

static void go_idle(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  size_t blocks = torture_live(TORTURE_LIBRARY);
  for (int i = 0; i < 20; i++) {
    CHECK_INT(tlstream_pair_write(us, much, 50000), 50000);
    CHECK_GT(torture_live(TORTURE_LIBRARY), blocks);
    shuttle(both.side[0], both.side[1], SIZE_MAX);
    while (tlstream_pair_read(both.side[other_role(role)], much, sizeof(much)) >
           0) {
      continue;
    }
  }
  CHECK_INT(torture_live(TORTURE_LIBRARY), blocks);
  peers_free(&both);
}

TEST(an_idle_pair_keeps_no_queue) {
  each_side(go_idle);
}

/* F5: requests for key updates, with data between so that none is too many, of
 * a peer that takes none of the answers. */
static void flood_and_never_read(tlstream_role role, bool owner_reads) {
  hostile_peer other;
  char got[8];
  size_t refused = 0;
  tlstream_pair *us = hostile_peer_connect(&other, TLSTREAM_TLS_1_3, role);
  for (int i = 0; i < 20000 && refused < 5; i++) {
    SSL_key_update(other.ssl, SSL_KEY_UPDATE_REQUESTED);
    SSL_write(other.ssl, "a", 1);
    refused = hostile_peer_push(&other) ? 0 : refused + 1;
    while (owner_reads && tlstream_pair_read(us, got, sizeof(got)) > 0) {
      continue;
    }
    note(tlstream_pair_pending(us));
  }
  CHECK_GT(refused, 0); /* it was held back, not cut off */
  CHECK(tlstream_pair_error(us) == NULL);
  CHECK(!tlstream_pair_wants_input(us));
  CHECK_LT(largest, MARK + RECORD);
  /* As soon as it reads, all goes on. */
  for (int i = 0; i < 20000 && refused > 0; i++) {
    hostile_peer_pull(&other);
    CHECK_GE(tlstream_pair_read(us, got, sizeof(got)), 0);
    refused = hostile_peer_push(&other) ? 0 : 1;
  }
  CHECK_INT(refused, 0);
  hostile_peer_disconnect(&other);
}

TEST(answers_to_key_updates_are_bounded) {
  for (int role = 0; role < 2; role++) {
    flood_and_never_read((tlstream_role)role, true);
    flood_and_never_read((tlstream_role)role, false);
  }
  report("answers to key updates");
}

/* The same in TLS 1.2, where a refusal answers each request to renegotiate. */
TEST(answers_to_renegotiation_are_bounded) {
  static const unsigned char requests[2][4] = {{0, 0, 0, 0}, {1, 0, 0, 0}};
  for (int role = 0; role < 2; role++) {
    hostile_peer other;
    char got[8];
    tlstream_pair *us =
        hostile_peer_connect(&other, TLSTREAM_TLS_1_2, (tlstream_role)role);
    for (int i = 0; i < 5000; i++) {
      if (hostile_peer_send(&other, HOSTILE_HANDSHAKE, requests[role], 4) <= 0)
        break;
      if (hostile_peer_send(&other, HOSTILE_DATA, "a", 1) <= 0) break;
      while (tlstream_pair_read(us, got, sizeof(got)) > 0)
        continue;
      note(tlstream_pair_pending(us));
    }
    CHECK(largest > MARK / 2 && largest < MARK + RECORD);
    CHECK(tlstream_pair_error(us) == NULL);
    hostile_peer_disconnect(&other);
  }
  report("refusals to renegotiate");
}

/* A17: a certificate chain that is longer than any should be. */
TEST(a_handshake_of_endless_certificates_is_ended) {
  for (int role = 0; role < 2; role++) {
    hostile_peer other;
    config terms = {.version = TLSTREAM_TLS_1_2, .mutual = true};
    tlstream_pair *us = config_pair(&terms, (tlstream_role)role);
    hostile_peer_open(&other, other_role((tlstream_role)role), TLSTREAM_TLS_1_2,
                      us);
    for (int i = 0; i < 400; i++) {
      CHECK_INT(SSL_add1_chain_cert(other.ssl, test_leaf(KEY_ECDSA)->cert), 1);
    }
    CHECK_ERROR(tlstream_pair_start(us), 0);
    for (int round = 0; round < 4; round++) {
      hostile_peer_pull(&other);
      SSL_do_handshake(other.ssl);
      hostile_peer_push(&other);
    }
    CHECK_ERROR(error_code(us), TLSTREAM_ERR_PROTOCOL);
    CHECK(!tlstream_pair_is_secure(us));
    hostile_peer_disconnect(&other);
  }
}
