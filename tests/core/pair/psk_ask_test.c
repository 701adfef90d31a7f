/* SPDX-License-Identifier: MIT */
/* A server that asks for the key of an identity: when it is asked, when it may
 * answer, what a client can make of that, and what it learns. B9, C4. */
#include <stdint.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_hello.h>
#include <tlstream/pair_info.h>
#include <tlstream/pair_psk.h>

#include "core/pair/state.h"
#include "support/psk_ask.h"
#include "support/shuttle.h"

enum { UNKNOWN_PSK_IDENTITY = 115 };

static const tlstream_bytes other_key = {psk_other_key,
                                         sizeof(psk_other_key) - 1};

/* A server that has been asked and has yet to answer. */
static peers asked(tlstream_version version) {
  peers both = shake(psk_client_of(version), psk_server(psk_asking(version)));
  CHECK_STR(take_events(both.side[TLSTREAM_ROLE_SERVER]), "PSK");
  psk_check_asked(both.side[TLSTREAM_ROLE_SERVER], PSK_IDENTITY);
  CHECK_INT(tlstream_pair_pending(both.side[TLSTREAM_ROLE_SERVER]), 0);
  return both;
}

static void late(tlstream_version version) {
  peers both = asked(version);
  tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  CHECK_INT(tlstream_pair_next_deadline(server), 10000);
  CHECK_ERROR(tlstream_pair_tick(server, 9999), 0);
  CHECK_STR(take_events(server), "");
  CHECK_ERROR(psk_accept_key(server), 0);
  psk_check_met(&both);
  CHECK_ERROR(tlstream_pair_tick(server, 20000), 0);
  for (size_t i = 0; i < sizeof(server->psk->key); i++)
    CHECK_INT(server->psk->key[i], 0);
  peers_free(&both);
}

TEST(the_answer_may_come_late) {
  each_version(late);
}

static void never(tlstream_version version) {
  peers both = asked(version);
  tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  CHECK_ERROR(tlstream_pair_tick(server, 10000),
              TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK_STR(take_events(server), "ERROR");
  CHECK_ERROR(psk_accept_key(server), TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK_ERROR(tlstream_pair_psk_refuse(server), TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK(tlstream_pair_is_finished(server));
  peers_free(&both);
}

TEST(without_an_answer_the_deadline_ends_it) {
  each_version(never);
}

static void twice(tlstream_version version) {
  peers both = asked(version);
  tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  CHECK_ERROR(psk_accept_key(server), 0);
  CHECK_ERROR(psk_accept_key(server), TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pair_psk_refuse(server), TLSTREAM_ERR_WRONG_STATE);
  psk_check_met(&both);
  CHECK_ERROR(psk_accept_key(server), TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pair_psk_refuse(server), TLSTREAM_ERR_WRONG_STATE);
  peers_free(&both);
}

TEST(only_the_first_answer_counts) {
  each_version(twice);
}

static void before(tlstream_version version) {
  size_t len = 9;
  tlstream_pair *server = psk_server(psk_asking(version));
  tlstream_pair *client = psk_client_of(version);
  CHECK_ERROR(psk_accept_key(server), TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pair_psk_refuse(server), TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(psk_accept_key(client), TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pair_psk_refuse(client), TLSTREAM_ERR_WRONG_STATE);
  CHECK(tlstream_pair_psk_identity(server, &len) == NULL);
  CHECK_INT(len, 0);
  peers both = shake(client, server);
  CHECK_STR(take_events(server), "PSK");
  CHECK_ERROR(psk_accept_key(server), 0);
  psk_check_met(&both);
  peers_free(&both);
}

TEST(there_is_no_answer_before_the_question) {
  each_version(before);
}

static void no_key(tlstream_version version) {
  static const char long_key[257] = {1};
  static const tlstream_bytes bad[] = {
      {psk_key, 15}, {NULL, 32}, {NULL, 0}, {long_key, 257}};
  peers both = asked(version);
  tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    CHECK_ERROR(tlstream_pair_psk_accept(server, bad[i], TLSTREAM_PSK_SHA256),
                TLSTREAM_ERR_INVALID_ARGUMENT);
  }
  CHECK_ERROR(tlstream_pair_psk_accept(server, (tlstream_bytes){psk_key, 32},
                                       (tlstream_psk_hash)9),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK(tlstream_pair_error(server) == NULL);
  CHECK_ERROR(psk_accept_key(server), 0);
  psk_check_met(&both);
  peers_free(&both);
}

TEST(what_is_no_key_is_no_answer) {
  each_version(no_key);
}

/* What the client learns of an answer. */
static void check_refused(peers *both, int code, int alert) {
  shuttle(both->side[0], both->side[1], SIZE_MAX);
  CHECK_ERROR(error_code(both->side[TLSTREAM_ROLE_SERVER]), code);
  CHECK_HAS(error_text(both->side[TLSTREAM_ROLE_SERVER]),
            "\"" PSK_IDENTITY "\"");
  CHECK_ERROR(error_code(both->side[TLSTREAM_ROLE_CLIENT]), TLSTREAM_ERR_ALERT);
  CHECK_INT(tlstream_pair_error(both->side[TLSTREAM_ROLE_CLIENT])->alert,
            alert);
  CHECK(!tlstream_pair_is_secure(both->side[0]));
  CHECK(!tlstream_pair_is_secure(both->side[1]));
  peers_free(both);
}

static void refused(tlstream_version version) {
  peers both = asked(version);
  CHECK_ERROR(tlstream_pair_psk_refuse(both.side[TLSTREAM_ROLE_SERVER]), 0);
  check_refused(&both, TLSTREAM_ERR_UNKNOWN_PSK, UNKNOWN_PSK_IDENTITY);

  both = asked(version);
  (void)!tlstream_pair_psk_accept(both.side[TLSTREAM_ROLE_SERVER], other_key,
                                  TLSTREAM_PSK_SHA256);
  check_refused(&both, TLSTREAM_ERR_PSK_MISMATCH, psk_mismatch_alert(version));
}

TEST(a_client_without_the_key_is_refused) {
  each_version(refused);
}

/* Random bytes in the place of a key: the same alert after as many bytes. */
static void hidden(tlstream_version version) {
  static const char random_bytes[48] = {3, 1, 4, 1, 5, 9};
  const tlstream_bytes answers[] = {other_key, {random_bytes, 48}};
  size_t sent[2];
  for (int i = 0; i < 2; i++) {
    peers both = asked(version);
    (void)!tlstream_pair_psk_accept(both.side[TLSTREAM_ROLE_SERVER], answers[i],
                                    TLSTREAM_PSK_SHA256);
    sent[i] = tlstream_pair_pending(both.side[TLSTREAM_ROLE_SERVER]);
    check_refused(&both, TLSTREAM_ERR_PSK_MISMATCH,
                  psk_mismatch_alert(version));
  }
  CHECK_INT(sent[0], sent[1]);
}

TEST(an_identity_that_is_unknown_can_be_hidden) {
  each_version(hidden);
}

static void after_it_left(tlstream_version version) {
  for (int reset = 0; reset < 2; reset++) {
    int code = reset ? TLSTREAM_ERR_SYSTEM : TLSTREAM_ERR_CLOSED_IN_HANDSHAKE;
    peers both = asked(version);
    tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
    if (reset) {
      tlstream_pair_feed_error(server, &reset_cause);
    } else {
      tlstream_pair_feed_eof(server);
    }
    CHECK_STR(take_events(server), "ERROR");
    CHECK_ERROR(error_code(server), code);
    CHECK_ERROR(psk_accept_key(server), code);
    CHECK_ERROR(tlstream_pair_psk_refuse(server), code);
    CHECK_INT(tlstream_pair_pending(server), 0);
    CHECK(tlstream_pair_is_finished(server));
    peers_free(&both);
  }
}

TEST(after_the_client_has_left_the_answer_is_its_error) {
  each_version(after_it_left);
}

/* The context's own keys are not asked for. */
static void from_the_list(tlstream_version version) {
  const tlstream_psk psk = usual_psk();
  tlstream_context *server = context_of(
      TLSTREAM_CONTEXT(.psks = &psk, .psk_count = 1, .ask_psk = true,
                       .min_version = version, .max_version = version));
  peers both = shake(psk_client_of(version), psk_server(server));
  psk_check_met(&both);
  peers_free(&both);
}

TEST(only_what_is_not_in_the_list_is_asked_for) {
  each_version(from_the_list);
}

/* The question about the context comes first, and the keys are the chosen
 * one's. */
static void after_the_context(tlstream_version version) {
  tlstream_context *chosen = psk_asking(version);
  tlstream_context *bare = context_of(NULL);
  tlstream_pair *server = server_with(bare, true);
  peers both = shake(psk_client_of(version), server);
  CHECK_STR(take_events(server), "HELLO");
  CHECK_ERROR(tlstream_pair_hello_accept(server, chosen), 0);
  shuttle(both.side[0], server, SIZE_MAX);
  CHECK_STR(take_events(server), "PSK");
  CHECK_ERROR(psk_accept_key(server), 0);
  psk_check_met(&both);
  peers_free(&both);
  tlstream_context_unref(chosen);
  tlstream_context_unref(bare);
}

TEST(the_context_is_chosen_before_the_key) {
  each_version(after_the_context);
}

static void byte_by_byte(tlstream_version version) {
  tlstream_pair *server = psk_server(psk_asking(version));
  peers both = {.side = {psk_client_of(version), server}};
  (void)tlstream_pair_start(both.side[TLSTREAM_ROLE_CLIENT]);
  shuttle(both.side[0], both.side[1], 1);
  CHECK_STR(take_events(server), "PSK");
  CHECK_ERROR(psk_accept_key(server), 0);
  shuttle(both.side[0], both.side[1], 1);
  psk_check_met(&both);
  peers_free(&both);
}

TEST(the_question_comes_when_the_message_is_complete) {
  each_version(byte_by_byte);
}

/* More than a client sends before the server's answer. */
static void bounded(tlstream_version version) {
  static const char garbage[256 * 1024] = {23, 3, 3, 16};
  peers both = asked(version);
  tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  ptrdiff_t taken = tlstream_pair_feed(server, garbage, sizeof(garbage));
  CHECK(taken > 0 && taken <= 64 * 1024);
  CHECK_INT(tlstream_pair_feed(server, garbage, sizeof(garbage)), 0);
  CHECK(!tlstream_pair_wants_input(server));
  CHECK_STR(take_events(server), "");
  peers_free(&both);
}

TEST(what_comes_meanwhile_is_bounded) {
  each_version(bounded);
}

static void may_go(tlstream_version version) {
  peers both = asked(version);
  peers_free(&both);
}

TEST(a_pair_may_go_with_its_question) {
  each_version(may_go);
}
