/* SPDX-License-Identifier: MIT */
/* F4, F5, F6: messages without end and without data. They are counted, answered
 * where they must be, and ended. */
#include <stdint.h>

#include <tlstream/pair_ending.h>

#include "support/hostile_peer.h"
#include "support/peers.h"
#include "support/test.h"

/* How many messages there may be in a row without a byte of data, as
 * pair_state.h has it, and after how many a peer must have given up. */
enum { NON_DATA_MAX = 32, ATTEMPTS_MAX = 100 };

typedef struct flood {
  tlstream_version version;
  int type;
  const char *bytes;
  size_t len;
  int code;
  size_t at_least; /* so many are no flood yet */
  bool new_keys;   /* each brings its own */
} flood;

static bool send_one(hostile_peer *other, const flood *kind) {
  bool taken = hostile_peer_send(other, kind->type, kind->bytes, kind->len) > 0;
  if (kind->new_keys) hostile_peer_next_keys(other);
  return taken;
}

/* One by one, with a peer that takes all the answers. */
static void run_flood(const flood *kind, tlstream_role role) {
  hostile_peer other;
  tlstream_pair *pair = hostile_peer_connect(&other, kind->version, role);
  size_t sent = 0;
  while (sent < ATTEMPTS_MAX && send_one(&other, kind)) {
    sent++;
    drain_away(pair);
    CHECK_STR(take_events(pair), "");
  }
  CHECK(sent >= kind->at_least && sent < ATTEMPTS_MAX);
  CHECK_ERROR(error_code(pair), kind->code);
  CHECK_STR(take_events(pair), "ERROR");
  drain_away(pair);
  if (tlstream_pair_wants_shutdown(pair)) check_alert_taken(pair);
  CHECK(tlstream_pair_is_finished(pair));
  hostile_peer_disconnect(&other);
}

/* In one segment, the peer gets no more work out of us than that. */
static void run_batch(const flood *kind, tlstream_role role) {
  static unsigned char batch[60000];
  hostile_peer other;
  size_t len = 0;
  tlstream_pair *pair = hostile_peer_connect(&other, kind->version, role);
  while (len + 100 < sizeof(batch)) {
    len += hostile_peer_record(&other, batch + len, kind->type, kind->bytes,
                               kind->len);
    if (kind->new_keys) hostile_peer_next_keys(&other);
  }
  CHECK_INT(tlstream_pair_feed(pair, batch, len), kind->code);
  CHECK_STR(take_events(pair), "ERROR");
  CHECK_LE(tlstream_pair_pending(pair), 40 * (NON_DATA_MAX + 2));
  hostile_peer_disconnect(&other);
}

/* With data between them they are as many as it likes. */
static void run_mixed(const flood *kind, tlstream_role role) {
  char got[8];
  hostile_peer other;
  tlstream_pair *pair = hostile_peer_connect(&other, kind->version, role);
  for (int i = 0; i < 300; i++) {
    CHECK(send_one(&other, kind));
    CHECK_GT(hostile_peer_send(&other, HOSTILE_DATA, "a", 1), 0);
    CHECK_INT(tlstream_pair_read(pair, got, sizeof(got)), 1);
    drain_away(pair);
  }
  CHECK(tlstream_pair_error(pair) == NULL);
  hostile_peer_disconnect(&other);
}

static void run(const flood *kind, tlstream_role role) {
  IN_CASE("%s, %s", tlstream_version_name(kind->version),
          role == TLSTREAM_ROLE_CLIENT ? "client" : "server");
  run_flood(kind, role);
  run_batch(kind, role);
  run_mixed(kind, role);
}

static void run_both(const flood *kind) {
  run(kind, TLSTREAM_ROLE_CLIENT);
  run(kind, TLSTREAM_ROLE_SERVER);
}

/* F5 */
TEST(a_flood_of_key_updates_is_ended) {
  run_both(&(flood){TLSTREAM_TLS_1_3, HOSTILE_HANDSHAKE, "\x18\0\0\1\1", 5,
                    TLSTREAM_ERR_FLOOD, NON_DATA_MAX, true});
  run_both(&(flood){TLSTREAM_TLS_1_3, HOSTILE_HANDSHAKE, "\x18\0\0\1\0", 5,
                    TLSTREAM_ERR_FLOOD, NON_DATA_MAX, true});
}

/* F5: a side that sends nothing itself, and receives data for hours. */
TEST(a_listener_may_update_its_keys) {
  static const flood update = {
      TLSTREAM_TLS_1_3, HOSTILE_HANDSHAKE, "\x18\0\0\1\0", 5, 0, 0, true};
  for (int role = 0; role < 2; role++) {
    hostile_peer other;
    tlstream_pair *pair =
        hostile_peer_connect(&other, TLSTREAM_TLS_1_3, (tlstream_role)role);
    for (int i = 0; i < 300; i++) {
      CHECK(send_one(&other, &update));
      CHECK_INT(tlstream_pair_write(pair, "a", 1), 1);
      drain_away(pair);
    }
    CHECK(tlstream_pair_error(pair) == NULL);
    hostile_peer_disconnect(&other);
  }
}

/* F6 */
TEST(a_flood_of_empty_records_is_ended) {
  run_both(&(flood){TLSTREAM_TLS_1_2, HOSTILE_DATA, "", 0, TLSTREAM_ERR_FLOOD,
                    30, false});
  run_both(&(flood){TLSTREAM_TLS_1_3, HOSTILE_DATA, "", 0, TLSTREAM_ERR_FLOOD,
                    30, false});
}

/* F6: user_canceled, the only warning that TLS 1.3 still has. */
TEST(a_flood_of_warnings_is_ended) {
  run_both(&(flood){TLSTREAM_TLS_1_2, HOSTILE_ALERT, "\1\x5a", 2,
                    TLSTREAM_ERR_FLOOD, 2, false});
  run_both(&(flood){TLSTREAM_TLS_1_3, HOSTILE_ALERT, "\1\x5a", 2,
                    TLSTREAM_ERR_FLOOD, 2, false});
}

/* F4: HelloRequest to a client, ClientHello to a server. */
TEST(a_flood_of_renegotiations_is_ended) {
  run(&(flood){TLSTREAM_TLS_1_2, HOSTILE_HANDSHAKE, "\0\0\0\0", 4,
               TLSTREAM_ERR_RENEGOTIATION, NON_DATA_MAX, false},
      TLSTREAM_ROLE_CLIENT);
  run(&(flood){TLSTREAM_TLS_1_2, HOSTILE_HANDSHAKE, "\1\0\0\0", 4,
               TLSTREAM_ERR_RENEGOTIATION, NON_DATA_MAX, false},
      TLSTREAM_ROLE_SERVER);
}

/* F4, B10: asked once, and as it should be. It is refused, and data goes on. */
TEST(a_client_refuses_to_renegotiate_and_goes_on) {
  char got[8];
  hostile_peer other;
  tlstream_pair *pair =
      hostile_peer_connect(&other, TLSTREAM_TLS_1_2, TLSTREAM_ROLE_CLIENT);
  CHECK_INT(SSL_renegotiate(other.ssl), 1);
  SSL_do_handshake(other.ssl);
  CHECK(hostile_peer_push(&other));
  CHECK_GT(tlstream_pair_pending(pair), 0);
  hostile_peer_pull(&other);
  CHECK_INT(SSL_write(other.ssl, "abc", 3), 3);
  CHECK(hostile_peer_push(&other));
  CHECK_INT(tlstream_pair_read(pair, got, sizeof(got)), 3);
  CHECK(tlstream_pair_error(pair) == NULL);
  hostile_peer_disconnect(&other);
}

/* F4: OpenSSL's client disconnects when it is refused, and the error explains
 * it. */
TEST(a_server_refuses_to_renegotiate_and_says_so) {
  hostile_peer other;
  tlstream_pair *pair =
      hostile_peer_connect(&other, TLSTREAM_TLS_1_2, TLSTREAM_ROLE_SERVER);
  CHECK_INT(SSL_renegotiate(other.ssl), 1);
  SSL_do_handshake(other.ssl);
  CHECK(hostile_peer_push(&other));
  CHECK(tlstream_pair_error(pair) == NULL);
  hostile_peer_pull(&other);
  CHECK_LT(SSL_do_handshake(other.ssl), 0);
  hostile_peer_push(&other);
  CHECK_ERROR(error_code(pair), TLSTREAM_ERR_RENEGOTIATION);
  CHECK_HAS(error_text(pair), "asked to renegotiate");
  CHECK_INT(tlstream_pair_error(pair)->alert_side, TLSTREAM_ALERT_THEIRS);
  hostile_peer_disconnect(&other);
}

/* F4: the same of a client that took the refusal and went on: what ends the
 * connection later is not that. */
TEST(a_refusal_to_renegotiate_explains_no_later_alert) {
  static const char *const requests[] = {"\0\0\0\0", "\1\0\0\0"};
  for (int role = 0; role < 2; role++) {
    char got[8];
    hostile_peer other;
    tlstream_pair *pair =
        hostile_peer_connect(&other, TLSTREAM_TLS_1_2, (tlstream_role)role);
    CHECK_GT(hostile_peer_send(&other, HOSTILE_HANDSHAKE, requests[role], 4),
             0);
    drain_away(pair);
    CHECK_GT(hostile_peer_send(&other, HOSTILE_DATA, "abc", 3), 0);
    CHECK_INT(tlstream_pair_read(pair, got, sizeof(got)), 3);
    hostile_peer_send(&other, HOSTILE_ALERT, "\2\x50", 2);
    CHECK_ERROR(error_code(pair), TLSTREAM_ERR_ALERT);
    CHECK_HAS(error_text(pair), "internal_error");
    hostile_peer_disconnect(&other);
  }
}

/* F4: TLS 1.3 has no renegotiation at all. */
TEST(in_tls_1_3_it_is_a_message_out_of_turn) {
  for (int role = 0; role < 2; role++) {
    hostile_peer other;
    tlstream_pair *pair =
        hostile_peer_connect(&other, TLSTREAM_TLS_1_3, (tlstream_role)role);
    CHECK_ERROR(hostile_peer_send(
                    &other, HOSTILE_HANDSHAKE,
                    role == TLSTREAM_ROLE_CLIENT ? "\0\0\0\0" : "\1\0\0\0", 4),
                TLSTREAM_ERR_PROTOCOL);
    CHECK_INT(tlstream_pair_error(pair)->alert, 10);
    hostile_peer_disconnect(&other);
  }
}

/* F6: change_cipher_spec in the clear, which TLS 1.3 lets pass in a handshake
 * for the sake of middleboxes. */
TEST(a_flood_of_change_cipher_specs_is_ended) {
  static const unsigned char spec[] = {20, 3, 3, 0, 1, 1};
  for (int role = 0; role < 2; role++) {
    int sent = 0;
    config terms = {.version = TLSTREAM_TLS_1_3};
    peers both = peers_new(&terms);
    tlstream_pair *pair = both.side[role];
    CHECK_ERROR(tlstream_pair_start(both.side[TLSTREAM_ROLE_CLIENT]), 0);
    if (role == TLSTREAM_ROLE_SERVER) {
      size_t len = 0;
      const void *hello = tlstream_pair_peek(both.side[0], &len);
      CHECK_INT(tlstream_pair_feed(pair, hello, len), len);
    }
    while (sent < ATTEMPTS_MAX &&
           tlstream_pair_feed(pair, spec, sizeof(spec)) == sizeof(spec)) {
      sent++;
    }
    CHECK_LT(sent, ATTEMPTS_MAX);
    CHECK_INT(tlstream_error_classify(tlstream_pair_error(pair)),
              TLSTREAM_CLASS_PROTOCOL);
    CHECK_STR(take_events(pair), "ERROR");
    peers_free(&both);
  }
}

/* F6: a server that gives tickets away without end. */
TEST(a_flood_of_tickets_is_ended) {
  hostile_peer other;
  size_t sent = 0;
  tlstream_pair *pair =
      hostile_peer_connect(&other, TLSTREAM_TLS_1_3, TLSTREAM_ROLE_CLIENT);
  while (sent < ATTEMPTS_MAX && tlstream_pair_error(pair) == NULL) {
    CHECK_INT(SSL_new_session_ticket(other.ssl), 1);
    CHECK_INT(SSL_do_handshake(other.ssl), 1);
    hostile_peer_push(&other);
    sent++;
  }
  CHECK_INT(sent, NON_DATA_MAX + 1);
  CHECK_ERROR(error_code(pair), TLSTREAM_ERR_FLOOD);
  CHECK_HAS(error_text(pair), "over 32 protocol messages");
  CHECK_STR(take_events(pair), "ERROR");
  hostile_peer_disconnect(&other);
}
