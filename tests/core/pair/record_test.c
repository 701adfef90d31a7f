/* SPDX-License-Identifier: MIT */
/* Records that no pair of ours makes, but that a peer may: of every size, with
 * padding, empty, and messages in pieces. */
#include <stdint.h>

#include <tlstream/pair_ending.h>

#include "support/handshake.h"
#include "support/test.h"

enum { PLAIN_MAX = 16384, RECORD_OVERFLOW = 22, UNEXPECTED_MESSAGE = 10 };

/* G10 */
static void receive_largest(tlstream_version version, tlstream_role role) {
  unsigned char plain[PLAIN_MAX];
  hostile_peer other;
  tlstream_pair *pair = hostile_peer_connect(&other, version, role);
  pattern_fill(plain, 0, sizeof(plain));
  CHECK_GT(hostile_peer_send(&other, HOSTILE_DATA, plain, sizeof(plain)),
           PLAIN_MAX);
  CHECK_STR(take_events(pair), "DATA");
  CHECK_INT(pattern_read(pair, 0), PLAIN_MAX);
  hostile_peer_disconnect(&other);
}

TEST(takes_a_record_of_full_size) {
  each_side(receive_largest);
}

/* G10 */
static void receive_too_large(tlstream_version version, tlstream_role role) {
  static const unsigned char plain[PLAIN_MAX + 1];
  hostile_peer other;
  tlstream_pair *pair = hostile_peer_connect(&other, version, role);
  CHECK_ERROR(hostile_peer_send(&other, HOSTILE_DATA, plain, sizeof(plain)),
              TLSTREAM_ERR_PROTOCOL);
  CHECK_STR(take_events(pair), "ERROR");
  CHECK_INT(tlstream_pair_error(pair)->alert, RECORD_OVERFLOW);
  CHECK_INT(tlstream_pair_error(pair)->alert_side, TLSTREAM_ALERT_OURS);
  CHECK_INT(pattern_read(pair, 0), 0);
  hostile_peer_disconnect(&other);
}

TEST(refuses_a_record_that_is_too_large) {
  each_side(receive_too_large);
}

/* G10: an empty record is not reported as data. */
static void receive_empty(tlstream_version version, tlstream_role role) {
  char got[8];
  hostile_peer other;
  tlstream_pair *pair = hostile_peer_connect(&other, version, role);
  for (int i = 0; i < 20; i++) {
    CHECK_GT(hostile_peer_send(&other, HOSTILE_DATA, "", 0), 0);
    CHECK_STR(take_events(pair), "");
    CHECK_INT(tlstream_pair_read(pair, got, sizeof(got)), 0);
  }
  CHECK_GT(hostile_peer_send(&other, HOSTILE_DATA, "abc", 3), 0);
  CHECK_STR(take_events(pair), "DATA");
  CHECK_INT(tlstream_pair_read(pair, got, sizeof(got)), 3);
  hostile_peer_disconnect(&other);
}

TEST(an_empty_record_is_not_data) {
  each_side(receive_empty);
}

static ptrdiff_t send_padded(hostile_peer *other, const void *bytes, size_t len,
                             size_t padding) {
  unsigned char record[HOSTILE_PLAIN_MAX];
  size_t size =
      hostile_peer_padded(other, record, HOSTILE_DATA, bytes, len, padding);
  return tlstream_pair_feed(other->pair, record, size);
}

/* G10: padding is of TLS 1.3 only, and a record may be nothing but that. */
TEST(padding_is_taken_off) {
  unsigned char plain[1000];
  for (int role = 0; role < 2; role++) {
    hostile_peer other;
    size_t got = 0;
    tlstream_pair *pair =
        hostile_peer_connect(&other, TLSTREAM_TLS_1_3, (tlstream_role)role);
    for (size_t padding = 0; padding < 300; padding += 37) {
      pattern_fill(plain, got, sizeof(plain));
      CHECK_GT(send_padded(&other, plain, sizeof(plain), padding), 0);
      CHECK_GT(send_padded(&other, "", 0, padding), 0);
      got += pattern_read(pair, got);
    }
    CHECK_GT(send_padded(&other, plain, 1, PLAIN_MAX - 1), 0);
    CHECK_INT(tlstream_pair_read(pair, plain, sizeof(plain)), 1);
    CHECK_INT(got % sizeof(plain), 0);
    CHECK_GT(got, 8000);
    hostile_peer_disconnect(&other);
  }
}

static void receive_unknown(tlstream_version version, tlstream_role role) {
  static const int types[] = {0, 24, 25, 99, 255};
  EACH_ROW(i, types) {
    hostile_peer other;
    tlstream_pair *pair = hostile_peer_connect(&other, version, role);
    CHECK_LT(hostile_peer_send(&other, types[i], "abcdef", 6), 0);
    CHECK_STR(take_events(pair), "ERROR");
    CHECK_INT(tlstream_error_classify(tlstream_pair_error(pair)),
              TLSTREAM_CLASS_PROTOCOL);
    CHECK_INT(tlstream_pair_error(pair)->alert, UNEXPECTED_MESSAGE);
    hostile_peer_disconnect(&other);
  }
}

TEST(refuses_records_of_unknown_types) {
  each_side(receive_unknown);
}

static const unsigned char key_update[] = {24, 0, 0, 1, 0};

/* Half of a KeyUpdate has come: OpenSSL can neither write nor shut down before
 * it has the other half, and that is no fault of anybody's. */
TEST(half_a_message_delays_a_write) {
  for (int role = 0; role < 2; role++) {
    char got[8];
    hostile_peer other;
    tlstream_pair *pair =
        hostile_peer_connect(&other, TLSTREAM_TLS_1_3, (tlstream_role)role);
    CHECK_GT(hostile_peer_send(&other, HOSTILE_HANDSHAKE, key_update, 4), 0);
    CHECK_INT(tlstream_pair_write(pair, "abc", 3), 0);
    CHECK_INT(tlstream_pair_pending(pair), 0);
    CHECK_STR(take_events(pair), "");
    CHECK_GT(hostile_peer_send(&other, HOSTILE_HANDSHAKE, key_update + 4, 1),
             0);
    CHECK_STR(take_events(pair), "DRAIN");
    CHECK_INT(tlstream_pair_write(pair, "abc", 3), 3);
    hostile_peer_pull(&other);
    CHECK_INT(SSL_read(other.ssl, got, sizeof(got)), 3);
    hostile_peer_next_keys(&other);
    CHECK_GT(hostile_peer_send(&other, HOSTILE_DATA, "defg", 4), 0);
    CHECK_INT(tlstream_pair_read(pair, got, sizeof(got)), 4);
    hostile_peer_disconnect(&other);
  }
}

TEST(half_a_message_delays_the_end) {
  for (int role = 0; role < 2; role++) {
    char got[8];
    hostile_peer other;
    tlstream_pair *pair =
        hostile_peer_connect(&other, TLSTREAM_TLS_1_3, (tlstream_role)role);
    CHECK_GT(hostile_peer_send(&other, HOSTILE_HANDSHAKE, key_update, 4), 0);
    CHECK_ERROR(tlstream_pair_end(pair), 0);
    CHECK_ERROR(tlstream_pair_end(pair), 0);
    CHECK_INT(tlstream_pair_pending(pair), 0);
    CHECK(!tlstream_pair_wants_shutdown(pair));
    CHECK_GT(hostile_peer_send(&other, HOSTILE_HANDSHAKE, key_update + 4, 1),
             0);
    hostile_peer_pull(&other);
    CHECK_INT(SSL_read(other.ssl, got, sizeof(got)), 0);
    CHECK_INT(SSL_get_shutdown(other.ssl), SSL_RECEIVED_SHUTDOWN);
    CHECK(tlstream_pair_wants_shutdown(pair));
    hostile_peer_disconnect(&other);
  }
}

/* The other half never comes. */
TEST(half_a_message_does_not_hold_the_end_for_ever) {
  for (int role = 0; role < 2; role++) {
    hostile_peer other;
    tlstream_pair *pair =
        hostile_peer_connect(&other, TLSTREAM_TLS_1_3, (tlstream_role)role);
    CHECK_GT(hostile_peer_send(&other, HOSTILE_HANDSHAKE, key_update, 4), 0);
    CHECK_ERROR(tlstream_pair_end(pair), 0);
    CHECK_INT(tlstream_pair_next_deadline(pair), 60000);
    CHECK_ERROR(tlstream_pair_tick(pair, 60000),
                TLSTREAM_ERR_HALF_CLOSED_TIMEOUT);
    CHECK_STR(take_events(pair), "ERROR");
    CHECK(tlstream_pair_is_finished(pair));
    hostile_peer_disconnect(&other);
  }
}

TEST(half_a_message_does_not_hold_the_close_for_ever) {
  for (int role = 0; role < 2; role++) {
    hostile_peer other;
    tlstream_pair *pair =
        hostile_peer_connect(&other, TLSTREAM_TLS_1_3, (tlstream_role)role);
    CHECK_GT(hostile_peer_send(&other, HOSTILE_HANDSHAKE, key_update, 4), 0);
    CHECK_ERROR(tlstream_pair_close(pair), 0);
    CHECK_INT(tlstream_pair_next_deadline(pair), 3000);
    CHECK_ERROR(tlstream_pair_tick(pair, 3000), 0);
    CHECK_STR(take_events(pair), "");
    CHECK(tlstream_pair_is_finished(pair));
    CHECK_INT(tlstream_pair_ending(pair), TLSTREAM_ENDING_TRUNCATED);
    hostile_peer_disconnect(&other);
  }
}

/* The peer ends in the middle of it: our close_notify can never be made, and
 * nothing of ours is waited for. */
TEST(half_a_message_and_the_end_of_the_transport) {
  for (int i = 0; i < 4; i++) {
    hostile_peer other;
    bool closes = i / 2 != 0;
    int code = closes ? 0 : TLSTREAM_ERR_TRUNCATED;
    tlstream_pair *pair =
        hostile_peer_connect(&other, TLSTREAM_TLS_1_3, (tlstream_role)(i % 2));
    CHECK_GT(hostile_peer_send(&other, HOSTILE_HANDSHAKE, key_update, 4), 0);
    CHECK_ERROR(closes ? tlstream_pair_close(pair) : tlstream_pair_end(pair),
                0);
    tlstream_pair_feed_eof(pair);
    CHECK_ERROR(error_code(pair), code);
    CHECK_STR(take_events(pair), closes ? "" : "ERROR");
    CHECK(tlstream_pair_is_finished(pair));
    CHECK_INT(tlstream_pair_ending(pair),
              closes ? TLSTREAM_ENDING_TRUNCATED : TLSTREAM_ENDING_FAILED);
    CHECK_INT(tlstream_pair_next_deadline(pair), TLSTREAM_NO_DEADLINE);
    hostile_peer_disconnect(&other);
  }
}

/* A key update is answered when it asks for that, and data goes on on both
 * sides with the new keys. */
TEST(keys_are_updated) {
  for (int role = 0; role < 2; role++) {
    char got[8];
    hostile_peer other;
    tlstream_pair *pair =
        hostile_peer_connect(&other, TLSTREAM_TLS_1_3, (tlstream_role)role);
    for (int i = 0; i < 100; i++) {
      CHECK_INT(SSL_key_update(other.ssl, i % 2 == 0
                                              ? SSL_KEY_UPDATE_REQUESTED
                                              : SSL_KEY_UPDATE_NOT_REQUESTED),
                1);
      CHECK_INT(SSL_write(other.ssl, "abc", 3), 3);
      CHECK(hostile_peer_push(&other));
      CHECK_INT(tlstream_pair_read(pair, got, sizeof(got)), 3);
      CHECK_INT(tlstream_pair_write(pair, "def", 3), 3);
      hostile_peer_pull(&other);
      CHECK_INT(SSL_read(other.ssl, got, sizeof(got)), 3);
    }
    CHECK(tlstream_pair_error(pair) == NULL);
    hostile_peer_disconnect(&other);
  }
}

/* The first 14 KiB in records that fit a segment, so that the peer can use what
 * arrives in the first round trip; then full ones. */
static void cut_records(tlstream_version version, tlstream_role role) {
  static unsigned char plain[256 * 1024];
  size_t len = 0;
  size_t at = 0;
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_INT(tlstream_pair_write(us, "now", 3), 3);
  drain_away(us); /* a ticket may go along with the first bytes */
  CHECK_GT(tlstream_pair_write(us, plain, sizeof(plain)), 32 * 1024);
  const unsigned char *bytes = tlstream_pair_peek(us, &len);
  while (at < len) {
    size_t record = 5u + (size_t)bytes[at + 3] * 256 + bytes[at + 4];
    if (at < 14 * 1024) CHECK_LE(record, 1400);
    if (at > 15 * 1024) CHECK_GT(record, PLAIN_MAX);
    at += record;
  }
  CHECK_INT(at, len);
  peers_free(&both);
}

TEST(the_first_records_are_small) {
  each_side(cut_records);
}

static size_t largest_record(tlstream_pair *pair) {
  size_t len = 0;
  size_t largest = 0;
  const unsigned char *bytes = tlstream_pair_peek(pair, &len);
  for (size_t at = 0; at < len;) {
    size_t record = (size_t)bytes[at + 3] * 256 + bytes[at + 4];
    if (record > largest) largest = record;
    at += 5 + record;
  }
  return largest;
}

static tlstream_pair *server_of_fragments(size_t max) {
  tlstream_context *context =
      context_of(TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                                  .key = test_leaf(KEY_ECDSA)->key_pem,
                                  .max_send_fragment = max));
  tlstream_pair *server = server_with(context, false);
  tlstream_context_unref(context);
  return server;
}

static void check_fragments(size_t max, tlstream_version version) {
  enum { LEN = 64 * 1024, OVERHEAD = 40 };
  static unsigned char plain[LEN];
  hostile_peer client;
  tlstream_pair *server = server_of_fragments(max);
  hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, version, server);
  CHECK_INT(hostile_peer_handshake(&client), 0);
  drain_away(server);
  for (int i = 0; i < 2; i++) { /* in small records at first, then in full */
    CHECK_GT(tlstream_pair_write(server, plain, LEN), LEN / 2);
    CHECK_LE(largest_record(server), max + OVERHEAD);
    CHECK_GE(largest_record(server), max);
    drain_away(server);
  }
  hostile_peer_close(&client);
  tlstream_pair_free(server);
}

TEST(no_record_is_larger_than_asked_for) {
  static const size_t sizes[] = {512, 1000};
  EACH_ROW(i, sizes) {
    check_fragments(sizes[i], TLSTREAM_TLS_1_2);
    check_fragments(sizes[i], TLSTREAM_TLS_1_3);
  }
}

/* A peer that refuses a renegotiation that was not requested. */
TEST(a_refusal_of_nothing_is_an_error) {
  for (int role = 0; role < 2; role++) {
    static const unsigned char no_renegotiation[] = {1, 100};
    hostile_peer other;
    tlstream_pair *pair =
        hostile_peer_connect(&other, TLSTREAM_TLS_1_2, (tlstream_role)role);
    CHECK_ERROR(hostile_peer_send(&other, HOSTILE_ALERT, no_renegotiation, 2),
                TLSTREAM_ERR_PROTOCOL);
    CHECK_HAS(error_text(pair), "was not requested");
    hostile_peer_disconnect(&other);
  }
}
