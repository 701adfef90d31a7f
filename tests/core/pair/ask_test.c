/* SPDX-License-Identifier: MIT */
/* The application judges the peer's certificate after the pair: when it is
 * asked, what the answer does, and what holds until then. */
#include <stdint.h>

#include <tlstream/pair_hello.h>
#include <tlstream/pair_info.h>
#include <tlstream/pair_verify.h>

#include "core/pair/pair.h"
#include "support/chain.h"
#include "support/handshake.h"
#include "support/shuttle.h"

static tlstream_pair *asking(tlstream_context *context, tlstream_role role) {
  tlstream_error error;
  bool is_client = role == TLSTREAM_ROLE_CLIENT;
  tlstream_pair *made = tlstream_pair_new(
      TLSTREAM_PAIR(.role = role, .context = context,
                    .verify_name = is_client ? SERVER_NAME : NULL,
                    .ask_verify = true),
      0, &error);
  if (made == NULL) TEST_STOP("%s", error.message);
  return made;
}

/* A handshake between two that show certificates, as far as it goes without an
 * answer of `role`. Data of the other side's is on its way behind it. */
static peers begin(tlstream_version version, tlstream_role role, size_t chunk) {
  config terms = {.version = version, .mutual = true};
  tlstream_context *context = config_context(&terms, role);
  peers both;
  both.side[role] = asking(context, role);
  both.side[other_role(role)] = config_pair(&terms, other_role(role));
  tlstream_context_unref(context);
  (void)!tlstream_pair_start(both.side[TLSTREAM_ROLE_CLIENT]);
  shuttle(both.side[0], both.side[1], chunk);
  return both;
}

static peers asked(tlstream_version version, tlstream_role role) {
  peers both = begin(version, role, SIZE_MAX);
  CHECK_STR(take_events(both.side[role]), "VERIFY");
  return both;
}

/* Both are secure, and what each says arrives. */
static void check_met(peers *both) {
  char got[8];
  shuttle(both->side[0], both->side[1], SIZE_MAX);
  for (int i = 0; i < 2; i++) {
    CHECK_ERROR(error_code(both->side[i]), 0);
    CHECK(tlstream_pair_authorized(both->side[i]));
    CHECK_INT(tlstream_pair_write(both->side[i], "hello", 5), 5);
  }
  shuttle(both->side[0], both->side[1], SIZE_MAX);
  for (int i = 0; i < 2; i++)
    CHECK_INT(tlstream_pair_read(both->side[i], got, sizeof(got)), 5);
}

static void accept_one(tlstream_version version, tlstream_role role) {
  peers both = asked(version, role);
  CHECK(!tlstream_pair_is_secure(both.side[role]));
  CHECK_INT(tlstream_pair_verify_accept(both.side[role]), 0);
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  CHECK_STR(take_events(both.side[role]), "SECURE");
  check_met(&both);
  peers_free(&both);
}

TEST(a_peer_that_is_accepted_comes_in) {
  each_side(accept_one);
}

static void byte_by_byte(tlstream_version version, tlstream_role role) {
  peers both = begin(version, role, 1);
  CHECK_STR(take_events(both.side[role]), "VERIFY");
  CHECK_INT(tlstream_pair_verify_accept(both.side[role]), 0);
  shuttle(both.side[0], both.side[1], 1);
  CHECK_STR(take_events(both.side[role]), "SECURE");
  check_met(&both);
  peers_free(&both);
}

TEST(it_is_asked_once_however_the_bytes_come) {
  each_side(byte_by_byte);
}

/* The leaf and, behind it, who issued it. */
static void check_chain(const tlstream_pair *pair) {
  tlstream_certificate *leaf = tlstream_pair_peer_certificate(pair);
  if (!CHECK(leaf != NULL)) return;
  CHECK(was_shown(pair, test_leaf(KEY_ECDSA)));
  CHECK(tlstream_certificate_issuer_certificate(leaf) != NULL);
  tlstream_certificate_unref(leaf);
}

static void look_before(tlstream_version version, tlstream_role role) {
  peers both = asked(version, role);
  tlstream_pair *pair = both.side[role];
  char got[8];
  check_chain(pair);
  CHECK(tlstream_pair_authorization_error(pair) == NULL);
  CHECK(!tlstream_pair_authorized(pair));
  CHECK_INT(tlstream_pair_tls_version(pair), TLSTREAM_VERSION_DEFAULT);
  CHECK_INT(tlstream_pair_read(pair, got, sizeof(got)), 0);
  CHECK_INT(tlstream_pair_write(pair, "x", 1), 0);
  CHECK_INT(tlstream_pair_pending(pair), 0);
  CHECK(!tlstream_pair_is_finished(pair));
  CHECK_STR(take_events(pair), "");
  CHECK_INT(tlstream_pair_verify_accept(pair), 0);
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  check_chain(pair);
  peers_free(&both);
}

TEST(the_chain_can_be_read_in_the_question) {
  each_side(look_before);
}

/* A client of TLS 1.3 is done before the server is: what it says waits. */
TEST(data_of_the_peer_waits_for_the_answer) {
  peers both = asked(TLSTREAM_TLS_1_3, TLSTREAM_ROLE_SERVER);
  tlstream_pair *client = both.side[TLSTREAM_ROLE_CLIENT];
  tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  char got[8];
  CHECK_STR(take_events(client), "SECURE");
  CHECK_INT(tlstream_pair_write(client, "early", 5), 5);
  CHECK_ERROR(tlstream_pair_end(client), 0);
  shuttle(client, server, SIZE_MAX);
  tlstream_pair_feed_eof(server);
  CHECK_INT(tlstream_pair_read(server, got, sizeof(got)), 0);
  CHECK_STR(take_events(server), "");
  CHECK_INT(tlstream_pair_verify_accept(server), 0);
  CHECK_STR(take_events(server), "SECURE DATA");
  CHECK_INT(tlstream_pair_read(server, got, sizeof(got)), 5);
  CHECK_INT(tlstream_pair_read(server, got, sizeof(got)), 0);
  CHECK_STR(take_events(server), "END");
  peers_free(&both);
}

TEST(what_comes_meanwhile_is_bounded) {
  static const char lots[256 * 1024];
  peers both = asked(TLSTREAM_TLS_1_3, TLSTREAM_ROLE_SERVER);
  tlstream_pair *client = both.side[TLSTREAM_ROLE_CLIENT];
  tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  CHECK_GT(tlstream_pair_write(client, lots, sizeof(lots)), 0);
  shuttle(client, server, SIZE_MAX);
  (void)!tlstream_pair_write(client, lots, sizeof(lots));
  shuttle(client, server, SIZE_MAX);
  CHECK_GT(tlstream_pair_pending(client), 0);
  CHECK(!tlstream_pair_wants_input(server));
  CHECK_STR(take_events(server), "");
  CHECK_INT(tlstream_pair_verify_accept(server), 0);
  CHECK_STR(take_events(server), "SECURE DATA");
  peers_free(&both);
}

/* Refusals. */

static const struct {
  tlstream_verify_refusal reason;
  int servers; /* alerts */
  int clients;
} reasons[] = {{TLSTREAM_VERIFY_UNACCEPTABLE, 46, 46},
               {TLSTREAM_VERIFY_BAD, 42, 42},
               {TLSTREAM_VERIFY_REVOKED, 44, 44},
               {TLSTREAM_VERIFY_DENIED, 49, 46}};

static void check_refused(tlstream_pair *pair, const char *message, int alert) {
  const tlstream_error *error = tlstream_pair_error(pair);
  const tlstream_error *why = tlstream_pair_authorization_error(pair);
  CHECK_STR(take_events(pair), "ERROR");
  CHECK_ERROR(error_code(pair), TLSTREAM_ERR_REFUSED_BY_VERIFY);
  CHECK_STR(error_text(pair), message);
  if (!CHECK(error != NULL && why != NULL)) return;
  CHECK_INT(error->alert, alert);
  CHECK_INT(error->alert_side, TLSTREAM_ALERT_OURS);
  CHECK_ERROR(why->code, TLSTREAM_ERR_REFUSED_BY_VERIFY);
  CHECK(!tlstream_pair_is_secure(pair));
  CHECK(!tlstream_pair_authorized(pair));
  CHECK(was_shown(pair, test_leaf(KEY_ECDSA)));
}

static void refuse_all(tlstream_version version, tlstream_role role) {
  EACH_ROW(i, reasons) {
    peers both = asked(version, role);
    tlstream_pair *pair = both.side[role];
    tlstream_pair *other = both.side[other_role(role)];
    int alert =
        role == TLSTREAM_ROLE_SERVER ? reasons[i].servers : reasons[i].clients;
    CHECK_ERROR(tlstream_pair_verify_refuse(pair, reasons[i].reason, "no\n"),
                0);
    check_refused(pair, "the application refused the peer's certificate: no\\n",
                  alert);
    shuttle(pair, other, SIZE_MAX);
    CHECK_ERROR(error_code(other), TLSTREAM_ERR_ALERT);
    CHECK_INT(tlstream_pair_error(other)->alert, alert);
    CHECK_INT(tlstream_pair_error(other)->alert_side, TLSTREAM_ALERT_THEIRS);
    check_alert_taken(pair);
    peers_free(&both);
  }
}

TEST(a_peer_that_is_refused_gets_the_alert) {
  each_side(refuse_all);
}

TEST(a_refusal_needs_no_text) {
  peers both = asked(TLSTREAM_TLS_1_3, TLSTREAM_ROLE_SERVER);
  tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  CHECK_ERROR(tlstream_pair_verify_refuse(server, TLSTREAM_VERIFY_BAD, NULL),
              0);
  check_refused(server, "the application refused the peer's certificate", 42);
  peers_free(&both);
}

/* Answers that are late, too many, or to no question. */

static void late(tlstream_version version, tlstream_role role) {
  peers both = asked(version, role);
  tlstream_pair *pair = both.side[role];
  CHECK_INT(tlstream_pair_next_deadline(pair), 10000);
  CHECK_ERROR(tlstream_pair_tick(pair, 9999), 0);
  CHECK_STR(take_events(pair), "");
  CHECK_INT(tlstream_pair_verify_accept(pair), 0);
  check_met(&both);
  CHECK_ERROR(tlstream_pair_tick(pair, 20000), 0);
  peers_free(&both);
}

TEST(the_answer_may_come_late) {
  each_side(late);
}

static void check_no_question(tlstream_pair *pair, int code) {
  CHECK_ERROR(tlstream_pair_verify_accept(pair), code);
  CHECK_ERROR(tlstream_pair_verify_refuse(pair, TLSTREAM_VERIFY_BAD, "no"),
              code);
}

static void never(tlstream_version version, tlstream_role role) {
  peers both = asked(version, role);
  tlstream_pair *pair = both.side[role];
  CHECK_ERROR(tlstream_pair_tick(pair, 10000), TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK_STR(take_events(pair), "ERROR");
  CHECK_HAS(error_text(pair), "the application did not say whether it accepts");
  check_no_question(pair, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK_INT(tlstream_pair_pending(pair), 0);
  CHECK(!tlstream_pair_authorized(pair));
  peers_free(&both);
}

TEST(without_an_answer_the_deadline_ends_it) {
  each_side(never);
}

static void twice(tlstream_version version, tlstream_role role) {
  peers both = asked(version, role);
  tlstream_pair *pair = both.side[role];
  CHECK_ERROR(tlstream_pair_verify_refuse(pair, (tlstream_verify_refusal)4, ""),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_INT(tlstream_pair_verify_accept(pair), 0);
  check_no_question(pair, TLSTREAM_ERR_WRONG_STATE);
  check_met(&both);
  check_no_question(pair, TLSTREAM_ERR_WRONG_STATE);
  peers_free(&both);
  both = asked(version, role);
  pair = both.side[role];
  CHECK_ERROR(tlstream_pair_verify_refuse(pair, TLSTREAM_VERIFY_BAD, "no"), 0);
  check_no_question(pair, TLSTREAM_ERR_REFUSED_BY_VERIFY);
  peers_free(&both);
}

TEST(only_the_first_answer_counts) {
  each_side(twice);
}

static void early(tlstream_version version, tlstream_role role) {
  config terms = {.version = version, .mutual = true};
  peers both = peers_new(&terms);
  tlstream__pair_ask_verify(both.side[role], true);
  check_no_question(both.side[role], TLSTREAM_ERR_WRONG_STATE);
  check_no_question(both.side[other_role(role)], TLSTREAM_ERR_WRONG_STATE);
  peers_free(&both);
}

TEST(there_is_no_answer_before_the_question) {
  each_side(early);
}

static void leave(tlstream_version version, tlstream_role role) {
  peers both = asked(version, role);
  tlstream_pair *pair = both.side[role];
  tlstream_pair_feed_error(pair, &reset_cause);
  CHECK_STR(take_events(pair), "ERROR");
  check_no_question(pair, TLSTREAM_ERR_SYSTEM);
  CHECK_INT(tlstream_pair_pending(pair), 0);
  CHECK(tlstream_pair_is_finished(pair));
  peers_free(&both);
}

TEST(after_a_reset_there_is_no_question) {
  each_side(leave);
}

static void cut(tlstream_version version, tlstream_role role) {
  peers both = asked(version, role);
  tlstream_pair *pair = both.side[role];
  bool all_here = version == TLSTREAM_TLS_1_3 || role == TLSTREAM_ROLE_SERVER;
  tlstream_pair_feed_eof(pair);
  CHECK_STR(take_events(pair), "");
  CHECK_ERROR(tlstream_pair_verify_accept(pair),
              all_here ? TLSTREAM_ERR_TRUNCATED
                       : TLSTREAM_ERR_CLOSED_IN_HANDSHAKE);
  CHECK_STR(take_events(pair), all_here ? "SECURE ERROR" : "ERROR");
  peers_free(&both);
}

TEST(an_end_is_judged_after_the_answer) {
  each_side(cut);
}

static void end_first(tlstream_version version, tlstream_role role) {
  peers both = asked(version, role);
  tlstream_pair *pair = both.side[role];
  tlstream_pair *other = both.side[other_role(role)];
  CHECK_ERROR(tlstream_pair_end(pair), 0);
  CHECK_INT(tlstream_pair_pending(pair), 0);
  CHECK_INT(tlstream_pair_verify_accept(pair), 0);
  shuttle(pair, other, SIZE_MAX);
  CHECK_STR(take_events(other), "SECURE END");
  CHECK_STR(take_events(pair), "SECURE");
  peers_free(&both);
}

TEST(an_end_of_ours_waits_for_the_answer) {
  each_side(end_first);
}

static void go(tlstream_version version, tlstream_role role) {
  peers both = asked(version, role);
  peers_free(&both);
}

TEST(a_pair_may_go_with_its_question) {
  each_side(go);
}

/* Where nothing is asked. */

static void unasked(tlstream_version version, tlstream_role role) {
  config terms = {.version = version, .mutual = true};
  peers both = peers_secure(&terms);
  check_no_question(both.side[role], TLSTREAM_ERR_WRONG_STATE);
  tlstream__pair_ask_verify(both.side[role], true); /* too late */
  check_met(&both);
  peers_free(&both);
}

TEST(without_the_option_nothing_is_asked) {
  each_side(unasked);
}

TEST(a_client_without_a_certificate_is_not_asked_about) {
  tlstream_context *server = context_of(
      TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                       .key = test_leaf(KEY_ECDSA)->key_pem,
                       .ca = test_ca()->cert_pem, .request_certificate = true,
                       .allow_no_certificate = true));
  tlstream_context *client = context_with(NULL, test_ca());
  tlstream_pair *pair = asking(server, TLSTREAM_ROLE_SERVER);
  peers both = shake(client_with(client, NULL), pair);
  CHECK_STR(take_events(pair), "SECURE");
  CHECK(!tlstream_pair_authorized(pair));
  peers_free(&both);
  tlstream_context_unref(server);
  tlstream_context_unref(client);
}

/* What has failed is not asked about; where it is let in, the answer does not
 * make it better. */
static void judge_stranger(tlstream_version version, tlstream_role role,
                           bool lenient) {
  const made_cert *stranger = test_stranger();
  tlstream_context *judge = context_of(
      TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                       .key = test_leaf(KEY_ECDSA)->key_pem,
                       .ca = test_ca()->cert_pem,
                       .request_certificate = role == TLSTREAM_ROLE_SERVER,
                       .insecure_allow_unauthorized = lenient));
  tlstream_context *judged = context_of(
      TLSTREAM_CONTEXT(.cert = stranger->cert_pem, .key = stranger->key_pem,
                       .ca = test_ca()->cert_pem, .min_version = version,
                       .max_version = version));
  tlstream_pair *pair = asking(judge, role);
  peers both = role == TLSTREAM_ROLE_SERVER
                   ? shake(client_with(judged, NULL), pair)
                   : shake(pair, server_with(judged, false));
  CHECK_STR(take_events(pair), lenient ? "VERIFY" : "ERROR");
  CHECK(tlstream_pair_authorization_error(pair) != NULL);
  if (lenient) {
    CHECK_INT(tlstream_pair_verify_accept(pair), 0);
    shuttle(both.side[0], both.side[1], SIZE_MAX);
    CHECK_STR(take_events(pair), "SECURE");
    CHECK(!tlstream_pair_authorized(pair));
    CHECK_ERROR(tlstream_pair_authorization_error(pair)->code,
                TLSTREAM_ERR_UNTRUSTED);
  } else {
    check_no_question(pair, TLSTREAM_ERR_UNTRUSTED);
  }
  peers_free(&both);
  tlstream_context_unref(judge);
  tlstream_context_unref(judged);
}

static void stranger(tlstream_version version, tlstream_role role) {
  judge_stranger(version, role, false);
  judge_stranger(version, role, true);
}

TEST(the_answer_loosens_nothing) {
  each_side(stranger);
}

/* The refusal comes before what else was wrong, however much that was. */
TEST(the_refusal_is_the_first_reason) {
  tlstream_context *judge = judge_of(test_ca(), TLSTREAM_ROLE_CLIENT, true);
  tlstream_context *judged = context_with(test_stranger(), NULL);
  tlstream_pair *pair = asking(judge, TLSTREAM_ROLE_CLIENT);
  peers both = shake(pair, server_with(judged, false));
  size_t before = 0;
  size_t count = 0;
  (void)tlstream_pair_authorization_errors(pair, &before);
  CHECK_GT(before, 0);
  CHECK_ERROR(tlstream_pair_verify_refuse(pair, TLSTREAM_VERIFY_BAD, "no"), 0);
  const tlstream_error *all = tlstream_pair_authorization_errors(pair, &count);
  CHECK_INT(count, before + 1);
  CHECK_ERROR(all[0].code, TLSTREAM_ERR_REFUSED_BY_VERIFY);
  CHECK_ERROR(all[1].code, TLSTREAM_ERR_UNTRUSTED);
  peers_free(&both);
  tlstream_context_unref(judge);
  tlstream_context_unref(judged);
}

/* Both questions of a server, of the context that it chose. */
TEST(a_chosen_context_is_asked_about_its_clients) {
  config terms = {.mutual = true};
  tlstream_error error;
  tlstream_context *bare = context_with(NULL, NULL);
  tlstream_context *host = config_context(&terms, TLSTREAM_ROLE_SERVER);
  tlstream_pair *server = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER, .context = bare,
                    .choose_context = true, .ask_verify = true),
      0, &error);
  tlstream_pair *client = config_pair(&terms, TLSTREAM_ROLE_CLIENT);
  peers both = shake(client, server);
  CHECK_STR(take_events(server), "HELLO");
  CHECK_INT(tlstream_pair_hello_accept(server, host), 0);
  shuttle(client, server, SIZE_MAX);
  CHECK_STR(take_events(server), "VERIFY");
  CHECK_INT(tlstream_pair_verify_accept(server), 0);
  check_met(&both);
  peers_free(&both);
  tlstream_context_unref(bare);
  tlstream_context_unref(host);
}
