/* SPDX-License-Identifier: MIT */
/* What <tlstream/pair.h> promises: events, writing, reading, errors, and the
 * questions that one may ask. */
#include <stdint.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "core/pair/pair.h"
#include "support/hostile_peer.h"
#include "support/peers.h"
#include "support/shuttle.h"
#include "support/test.h"

/* Carry bytes one by one until one side is secure; then it is the other's turn,
 * and its next output may not have been fed yet. */
static tlstream_pair *first_secure(peers *both) {
  CHECK_ERROR(tlstream_pair_start(both->side[TLSTREAM_ROLE_CLIENT]), 0);
  for (int i = 0; i < 100000; i++) {
    tlstream_pair *from = both->side[i % 2];
    tlstream_pair *to = both->side[1 - i % 2];
    unsigned char byte = 0;
    if (tlstream_pair_drain(from, &byte, 1) == 0) continue;
    CHECK_INT(tlstream_pair_feed(to, &byte, 1), 1);
    if (tlstream_pair_is_secure(from)) return from;
    if (tlstream_pair_is_secure(to)) return to;
  }
  return both->side[0];
}

/* The last flight of the handshake and the first data in one segment. */
TEST(reports_secure_before_data) {
  for (int v = TLSTREAM_TLS_1_2; v <= TLSTREAM_TLS_1_3; v++) {
    size_t len = 0;
    config terms = {.version = (tlstream_version)v};
    peers both = peers_new(&terms);
    tlstream_pair *first = first_secure(&both);
    tlstream_pair *last = both.side[first == both.side[TLSTREAM_ROLE_CLIENT]
                                        ? TLSTREAM_ROLE_SERVER
                                        : TLSTREAM_ROLE_CLIENT];
    CHECK_INT(tlstream_pair_write(first, "early", 5), 5);
    CHECK_ERROR(tlstream_pair_end(first), 0);
    const void *flight = tlstream_pair_peek(first, &len);
    CHECK_STR(take_events(last), "");
    CHECK_INT(tlstream_pair_feed(last, flight, len), len);
    CHECK_STR(take_events(last), "SECURE DATA");
    CHECK_STR(take_events(last), "");
    char got[16];
    CHECK_INT(tlstream_pair_read(last, got, sizeof(got)), 5);
    CHECK_STR(take_events(last), "END");
    CHECK_INT(tlstream_pair_read(last, got, sizeof(got)), 0);
    CHECK_STR(take_events(last), "");
    peers_free(&both);
  }
}

/* A10: whatever has arrived, the result of verification comes first. */
static void check_undecided(tlstream_pair *pair) {
  char got[16];
  if (tlstream_pair_is_secure(pair)) return;
  CHECK(!tlstream_pair_authorized(pair));
  CHECK_INT(tlstream_pair_tls_version(pair), TLSTREAM_VERSION_DEFAULT);
  CHECK(tlstream_pair_cipher(pair) == NULL);
  CHECK(tlstream_pair_cipher_standard_name(pair) == NULL);
  CHECK(tlstream_pair_cipher_version(pair) == NULL);
  CHECK_INT(tlstream_pair_read(pair, got, sizeof(got)), 0);
  CHECK_STR(take_events(pair), "");
}

TEST(has_no_info_before_it_is_verified) {
  for (int v = TLSTREAM_TLS_1_2; v <= TLSTREAM_TLS_1_3; v++) {
    config terms = {.version = (tlstream_version)v, .mutual = true};
    peers both = peers_new(&terms);
    CHECK_ERROR(tlstream_pair_start(both.side[TLSTREAM_ROLE_CLIENT]), 0);
    for (int i = 0; i < 20000; i++) {
      unsigned char byte = 0;
      check_undecided(both.side[i % 2]);
      if (tlstream_pair_drain(both.side[i % 2], &byte, 1) == 0) continue;
      CHECK_INT(tlstream_pair_feed(both.side[1 - i % 2], &byte, 1), 1);
    }
    CHECK(tlstream_pair_authorized(both.side[0]));
    CHECK(tlstream_pair_authorized(both.side[1]));
    peers_free(&both);
  }
}

/* A10: in TLS 1.3 a client's data may come along with the certificate that it
 * will be refused for. */
TEST(data_of_a_refused_client_is_never_readable) {
  size_t len = 0;
  char got[16];
  config terms = {.version = TLSTREAM_TLS_1_3, .mutual = true};
  tlstream_context *context =
      tlstream_context_new(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem,
                                            .cert = test_stranger()->cert_pem,
                                            .key = test_stranger()->key_pem),
                           NULL);
  tlstream_pair *server = config_pair(&terms, TLSTREAM_ROLE_SERVER);
  tlstream_pair *client = tlstream_pair_new(
      TLSTREAM_PAIR(.context = context, .verify_name = SERVER_NAME), 0, NULL);
  peers both = {{client, server}};
  CHECK(first_secure(&both) == client);
  CHECK_INT(tlstream_pair_write(client, "let me in", 9), 9);
  const void *flight = tlstream_pair_peek(client, &len);
  CHECK_ERROR(tlstream_pair_feed(server, flight, len), TLSTREAM_ERR_UNTRUSTED);
  CHECK_STR(take_events(server), "ERROR");
  CHECK(!tlstream_pair_authorized(server));
  CHECK_ERROR(tlstream_pair_read(server, got, sizeof(got)),
              TLSTREAM_ERR_UNTRUSTED);
  peers_free(&both);
  tlstream_context_unref(context);
}

static void write_early(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = peers_new(&terms);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  CHECK_INT(tlstream_pair_write(us, "abc", 3), 0);
  CHECK_ERROR(tlstream_pair_start(us), 0);
  CHECK_INT(tlstream_pair_write(us, "abc", 3), 0);
  CHECK_STR(take_events(us), "");
  CHECK_ERROR(tlstream_pair_start(them), 0);
  shuttle(us, them, 100);
  CHECK_STR(take_events(us), "SECURE DRAIN");
  CHECK_STR(take_events(them), "SECURE"); /* it never wrote */
  CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
  peers_free(&both);
}

TEST(a_write_waits_for_the_handshake) {
  each_side(write_early);
}

static void write_empty(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = peers_new(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_INT(tlstream_pair_write(us, NULL, 0), 0);
  CHECK_INT(tlstream_pair_pending(us), 0);
  CHECK_ERROR(tlstream_pair_start(both.side[TLSTREAM_ROLE_CLIENT]), 0);
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  CHECK_STR(take_events(us), "SECURE");
  CHECK_INT(tlstream_pair_write(us, "", 0), 0);
  CHECK_INT(tlstream_pair_pending(us), 0);
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  CHECK_STR(take_events(us), "");
  CHECK_ERROR(tlstream_pair_end(us), 0);
  CHECK_ERROR(tlstream_pair_write(us, "", 0), TLSTREAM_ERR_WRITE_AFTER_END);
  peers_free(&both);
}

TEST(an_empty_write_does_nothing) {
  each_side(write_empty);
}

static void write_late(tlstream_version version, tlstream_role role) {
  char got[8];
  config terms = {.version = version};
  tlstream_pair *early = config_pair(&terms, role);
  CHECK_ERROR(tlstream_pair_end(early), 0);
  CHECK_ERROR(tlstream_pair_write(early, "abc", 3),
              TLSTREAM_ERR_WRITE_AFTER_END);
  tlstream_pair_free(early);
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  CHECK_ERROR(tlstream_pair_end(us), 0);
  CHECK_ERROR(tlstream_pair_write(us, "abc", 3), TLSTREAM_ERR_WRITE_AFTER_END);
  /* A call that was wrong is no fault of the connection's. */
  CHECK(tlstream_pair_error(us) == NULL);
  shuttle(us, them, SIZE_MAX);
  CHECK_STR(take_events(them), "END");
  CHECK_INT(tlstream_pair_write(them, "abc", 3), 3);
  shuttle(us, them, SIZE_MAX);
  CHECK_INT(tlstream_pair_read(us, got, sizeof(got)), 3);
  CHECK_ERROR(tlstream_pair_end(them), 0);
  shuttle(us, them, SIZE_MAX);
  CHECK_ERROR(tlstream_pair_write(us, "abc", 3), TLSTREAM_ERR_WRITE_AFTER_END);
  CHECK_ERROR(tlstream_pair_write(them, "abc", 3),
              TLSTREAM_ERR_WRITE_AFTER_END);
  CHECK_ERROR(tlstream_pair_end(us), 0);
  CHECK_INT(tlstream_pair_pending(us), 0);
  peers_free(&both);
}

TEST(a_write_after_the_end_is_refused_and_harms_nothing) {
  each_side(write_late);
}

static void write_broken(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_INT(tlstream_pair_write(us, "abc", 3), 3);
  tlstream__pair_write_broken(us, &reset_cause, false);
  CHECK_INT(tlstream_pair_pending(us), 0);
  CHECK_ERROR(tlstream_pair_write(us, "abc", 3), TLSTREAM_ERR_CLOSED);
  CHECK(tlstream_pair_error(us) == NULL);
  peers_free(&both);
}

TEST(a_write_to_a_broken_transport_is_refused) {
  each_side(write_broken);
}

/* Everything that one may still do to a pair that has failed. */
static void check_all_return(tlstream_pair *pair, int code) {
  char some[64] = {0};
  CHECK_INT(tlstream_pair_feed(pair, some, sizeof(some)), code);
  CHECK_INT(tlstream_pair_read(pair, some, sizeof(some)), code);
  CHECK_INT(tlstream_pair_write(pair, some, sizeof(some)), code);
  CHECK_INT(tlstream_pair_write(pair, some, 0), code);
  CHECK_ERROR(tlstream_pair_start(pair), code);
  CHECK_ERROR(tlstream_pair_tick(pair, 1), code);
  CHECK_ERROR(tlstream_pair_end(pair), code);
  tlstream_pair_feed_eof(pair);
  tlstream_pair_feed_error(pair, &reset_cause);
  tlstream__pair_write_broken(pair, &reset_cause, false);
  tlstream__pair_fail(pair, &reset_cause);
  CHECK_INT(tlstream_pair_feed(pair, some, sizeof(some)), code);
  CHECK_ERROR(error_code(pair), code);
  CHECK(!tlstream_pair_wants_input(pair));
  CHECK(!tlstream_pair_wants_shutdown(pair));
  CHECK(tlstream_pair_is_finished(pair));
  CHECK_INT(tlstream_pair_ending(pair), TLSTREAM_ENDING_FAILED);
}

static void fail_once(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_ERROR(tlstream_pair_feed(us, forged_record, sizeof(forged_record)),
              TLSTREAM_ERR_BAD_RECORD);
  CHECK_STR(take_events(us), "ERROR");
  const tlstream_error *first = tlstream_pair_error(us);
  tlstream_error copy = *first;
  CHECK_INT(first->alert, 20);
  CHECK_INT(first->alert_side, TLSTREAM_ALERT_OURS);
  CHECK_HAS(first->message, "damaged or forged");
  check_all_return(us, TLSTREAM_ERR_BAD_RECORD);
  CHECK_STR(take_events(us), "");
  CHECK(tlstream_pair_error(us) == first);
  CHECK(memcmp(first, &copy, sizeof(copy)) == 0);
  peers_free(&both);
}

TEST(the_first_error_stays) {
  each_side(fail_once);
}

static void drain_alert(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  CHECK_ERROR(tlstream_pair_feed(us, forged_record, sizeof(forged_record)),
              TLSTREAM_ERR_BAD_RECORD);
  CHECK_GT(tlstream_pair_pending(us), 0);
  CHECK(!tlstream_pair_is_finished(us));
  shuttle(us, them, 3);
  check_alert_taken(us);
  const tlstream_error *error = tlstream_pair_error(them);
  CHECK(error != NULL);
  if (error != NULL) {
    CHECK_ERROR(error->code, TLSTREAM_ERR_ALERT);
    CHECK_INT(error->alert, 20);
    CHECK_INT(error->alert_side, TLSTREAM_ALERT_THEIRS);
    CHECK_HAS(error->message, "peer: alert bad_record_mac (20)");
  }
  CHECK_INT(tlstream_pair_pending(them), 0);
  peers_free(&both);
}

TEST(the_alert_still_leaves_after_an_error) {
  each_side(drain_alert);
}

/* What was queued for the peer goes on draining, but after the error has been
 * reported no more is asked for. */
static void fail_while_full(tlstream_version version, tlstream_role role) {
  static char much[256 * 1024];
  config terms = {.version = version, .idle_ms = 500};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_LT(tlstream_pair_write(us, much, sizeof(much)), (int)sizeof(much));
  CHECK_ERROR(tlstream_pair_tick(us, 500), TLSTREAM_ERR_IDLE_TIMEOUT);
  CHECK_STR(take_events(us), "ERROR");
  CHECK_GT(drain_away(us), 0);
  CHECK_STR(take_events(us), "");
  CHECK(tlstream_pair_is_finished(us));
  peers_free(&both);
}

TEST(nothing_is_reported_after_the_error) {
  each_side(fail_while_full);
}

static void want_input(tlstream_version version, tlstream_role role) {
  static char much[256 * 1024];
  char got[8];
  config terms = {.version = version};
  peers both = peers_new(&terms);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  CHECK(tlstream_pair_wants_input(us));
  CHECK_ERROR(tlstream_pair_start(both.side[TLSTREAM_ROLE_CLIENT]), 0);
  shuttle(us, them, SIZE_MAX);
  CHECK(tlstream_pair_wants_input(us));
  CHECK_INT(tlstream_pair_write(them, "abc", 3), 3);
  shuttle(us, them, SIZE_MAX);
  CHECK(!tlstream_pair_wants_input(us)); /* cleartext waits unread */
  CHECK_INT(tlstream_pair_read(us, got, 2), 2);
  CHECK(!tlstream_pair_wants_input(us));
  CHECK_INT(tlstream_pair_read(us, got, 2), 1);
  CHECK(tlstream_pair_wants_input(us));
  CHECK_GT(tlstream_pair_write(us, much, sizeof(much)), 0);
  CHECK(!tlstream_pair_wants_input(us)); /* output waits undrained */
  drain_away(us);
  CHECK(tlstream_pair_wants_input(us));
  tlstream_pair_feed_eof(us);
  CHECK(!tlstream_pair_wants_input(us));
  peers_free(&both);
}

TEST(says_when_the_transport_is_to_be_read) {
  each_side(want_input);
}

static void ask(tlstream_version version, tlstream_role role) {
  config terms = {.version = version, .mutual = true};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  CHECK(tlstream_pair_authorized(us));
  CHECK(tlstream_pair_authorization_error(us) == NULL);
  CHECK(tlstream_pair_error(us) == NULL);
  CHECK_INT(tlstream_pair_tls_version(us), version);
  CHECK_HAS(tlstream_pair_cipher_standard_name(us), "TLS_");
  CHECK_STR(tlstream_pair_cipher_version(us), tlstream_version_name(version));
  CHECK_STR(tlstream_pair_servername(us), SERVER_NAME);
  tlstream_certificate *theirs = tlstream_pair_peer_certificate(us);
  tlstream_certificate *own = tlstream_pair_own_certificate(us);
  CHECK(tlstream_certificate_matches_host(theirs, SERVER_NAME, NULL));
  CHECK_STR(tlstream_certificate_serial(own),
            tlstream_certificate_serial(theirs));
  CHECK(tlstream_certificate_issuer_certificate(theirs) != NULL);
  peers_free(&both);
  /* They outlive the connection. */
  CHECK(tlstream_certificate_matches_host(theirs, SERVER_NAME, NULL));
  tlstream_certificate_unref(theirs);
  tlstream_certificate_unref(own);
}

TEST(answers_what_it_is_asked) {
  each_side(ask);
}

/* Where no certificate is requested there is none, and the peer is not
 * authorized. */
TEST(a_client_without_a_certificate_is_not_authorized) {
  config terms = {0};
  peers both = peers_secure(&terms);
  tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  CHECK(!tlstream_pair_authorized(server));
  CHECK(tlstream_pair_peer_certificate(server) == NULL);
  CHECK(tlstream_pair_own_certificate(both.side[TLSTREAM_ROLE_CLIENT]) == NULL);
  peers_free(&both);
}
