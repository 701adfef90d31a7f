/* SPDX-License-Identifier: MIT */
/* A server that chooses a context for each client: when it is asked, when it
 * may answer, and what comes of a refusal. B3, B4, B6, B9. */
#include <stdint.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_hello.h>
#include <tlstream/pair_info.h>

#include "core/context/context.h"
#include "support/handshake.h"
#include "support/shuttle.h"
#include "support/test.h"
#include "support/torture.h"

enum { UNRECOGNIZED_NAME = 112 };

/* Two hosts with the same name in their certificates, so that clients are
 * content with either. */
static tlstream_context *hosts[2];
static tlstream_context *client_context; /* a client's */
static tlstream_context *bare;           /* without a certificate */
static made_cert other_leaf;

BEFORE_TESTS(set_up) {
  torture_install();
  torture_install_openssl();
  other_leaf = make_cert(&(cert_plan){.name = SERVER_NAME, .by = test_ca()});
  hosts[0] = context_with(test_leaf(KEY_ECDSA), NULL);
  hosts[1] = context_with(&other_leaf, NULL);
  client_context = context_with(NULL, test_ca());
  bare = context_with(NULL, NULL);
}

AFTER_TESTS(tear_down) {
  tlstream_context_unref(hosts[0]);
  tlstream_context_unref(hosts[1]);
  tlstream_context_unref(client_context);
  tlstream_context_unref(bare);
  made_cert_clear(&other_leaf);
}

static const made_cert *leaf_of(int host) {
  return host == 0 ? test_leaf(KEY_ECDSA) : &other_leaf;
}

/* A client that has asked for a.test, and a server of host 0 that has been
 * asked and has yet to answer. */
static peers asked(void) {
  peers both =
      shake(client_with(client_context, "a.test"), server_with(hosts[0], true));
  CHECK_STR(take_events(both.side[TLSTREAM_ROLE_SERVER]), "HELLO");
  CHECK_INT(tlstream_pair_pending(both.side[TLSTREAM_ROLE_SERVER]), 0);
  return both;
}

static void check_met(peers *both, int host) {
  tlstream_pair *client = both->side[TLSTREAM_ROLE_CLIENT];
  tlstream_pair *server = both->side[TLSTREAM_ROLE_SERVER];
  shuttle(client, server, SIZE_MAX);
  CHECK_STR(take_events(client), "SECURE");
  CHECK_STR(take_events(server), "SECURE");
  CHECK(tlstream_pair_authorized(client));
  CHECK(was_shown(client, leaf_of(host)));
  char got[8];
  CHECK_INT(tlstream_pair_write(client, "hello", 5), 5);
  CHECK_INT(tlstream_pair_write(server, "hi", 2), 2);
  shuttle(client, server, SIZE_MAX);
  CHECK_INT(tlstream_pair_read(server, got, sizeof(got)), 5);
  CHECK_INT(tlstream_pair_read(client, got, sizeof(got)), 2);
}

TEST(the_answer_decides_the_host) {
  struct {
    tlstream_context *answer;
    int host;
  } table[] = {{NULL, 0}, {hosts[0], 0}, {hosts[1], 1}};
  for (size_t i = 0; i < 3; i++) {
    peers both = asked();
    CHECK_STR(tlstream_pair_servername(both.side[TLSTREAM_ROLE_SERVER]),
              "a.test");
    CHECK_INT(tlstream_pair_hello_accept(both.side[TLSTREAM_ROLE_SERVER],
                                         table[i].answer),
              0);
    check_met(&both, table[i].host);
    CHECK_STR(tlstream_pair_servername(both.side[TLSTREAM_ROLE_SERVER]),
              "a.test");
    peers_free(&both);
  }
}

/* It lives on the certificates of its hosts. */
TEST(a_server_that_chooses_needs_no_certificate) {
  tlstream_pair *server = server_with(bare, true);
  peers both = shake(client_with(client_context, "a.test"), server);
  CHECK_STR(take_events(server), "HELLO");
  CHECK_INT(tlstream_pair_hello_accept(server, hosts[1]), 0);
  check_met(&both, 1);
  peers_free(&both);

  server = server_with(bare, true);
  both = shake(client_with(client_context, "a.test"), server);
  CHECK_ERROR(tlstream_pair_hello_accept(server, NULL),
              TLSTREAM_ERR_NO_SHARED_CIPHER);
  shuttle(both.side[TLSTREAM_ROLE_CLIENT], server, SIZE_MAX);
  CHECK_INT(tlstream_pair_error(both.side[TLSTREAM_ROLE_CLIENT])->alert, 40);
  peers_free(&both);
}

TEST(a_server_that_does_not_choose_is_not_asked) {
  tlstream_pair *server = server_with(hosts[1], false);
  peers both = shake(client_with(client_context, "a.test"), server);
  CHECK_ERROR(tlstream_pair_hello_accept(server, hosts[0]),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pair_hello_refuse(server, TLSTREAM_HELLO_UNKNOWN_NAME),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_STR(tlstream_pair_servername(server), "a.test");
  check_met(&both, 1);
  peers_free(&both);
}

TEST(a_client_without_a_name_is_asked_about_too) {
  tlstream_pair *server = server_with(hosts[0], true);
  peers both = shake(client_with(client_context, ""), server);
  CHECK_STR(take_events(server), "HELLO");
  CHECK(tlstream_pair_servername(server) == NULL);
  CHECK_INT(tlstream_pair_hello_accept(server, hosts[1]), 0);
  check_met(&both, 1);
  CHECK(tlstream_pair_servername(server) == NULL);
  peers_free(&both);
}

TEST(the_answer_may_come_late) {
  peers both = asked();
  tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  CHECK_INT(tlstream_pair_next_deadline(server), 10000);
  CHECK_ERROR(tlstream_pair_tick(server, 9999), 0);
  CHECK_STR(take_events(server), "");
  CHECK_INT(tlstream_pair_hello_accept(server, hosts[1]), 0);
  check_met(&both, 1);
  CHECK_ERROR(tlstream_pair_tick(server, 20000), 0);
  peers_free(&both);
}

/* B9 */
TEST(without_an_answer_the_deadline_ends_it) {
  peers both = asked();
  tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  CHECK_ERROR(tlstream_pair_tick(server, 10000),
              TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK_STR(take_events(server), "ERROR");
  CHECK(tlstream_pair_is_finished(server));
  CHECK_ERROR(tlstream_pair_hello_accept(server, hosts[1]),
              TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK_ERROR(tlstream_pair_hello_refuse(server, TLSTREAM_HELLO_UNKNOWN_NAME),
              TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK_INT(tlstream_pair_pending(server), 0);
  CHECK_STR(take_events(server), "");
  peers_free(&both);
}

TEST(only_the_first_answer_counts) {
  peers both = asked();
  tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  CHECK_INT(tlstream_pair_hello_accept(server, hosts[1]), 0);
  CHECK_ERROR(tlstream_pair_hello_accept(server, hosts[0]),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pair_hello_accept(server, NULL),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pair_hello_refuse(server, TLSTREAM_HELLO_UNKNOWN_NAME),
              TLSTREAM_ERR_WRONG_STATE);
  check_met(&both, 1);
  CHECK_ERROR(tlstream_pair_hello_accept(server, hosts[0]),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pair_hello_refuse(server, TLSTREAM_HELLO_UNKNOWN_NAME),
              TLSTREAM_ERR_WRONG_STATE);
  peers_free(&both);
}

TEST(there_is_no_answer_before_the_question) {
  tlstream_pair *server = server_with(hosts[0], true);
  tlstream_pair *client = client_with(client_context, "a.test");
  CHECK_ERROR(tlstream_pair_hello_accept(server, hosts[1]),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pair_hello_refuse(server, TLSTREAM_HELLO_UNKNOWN_NAME),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pair_hello_accept(client, hosts[1]),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pair_hello_refuse(client, TLSTREAM_HELLO_UNKNOWN_NAME),
              TLSTREAM_ERR_WRONG_STATE);
  peers both = shake(client, server);
  CHECK_STR(take_events(server), "HELLO");
  CHECK_INT(tlstream_pair_hello_accept(server, hosts[1]), 0);
  check_met(&both, 1);
  peers_free(&both);
}

TEST(a_context_without_a_certificate_is_no_answer) {
  peers both = asked();
  tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  CHECK_ERROR(tlstream_pair_hello_accept(server, bare),
              TLSTREAM_ERR_NO_CERTIFICATE);
  CHECK_ERROR(tlstream_pair_hello_accept(server, bare),
              TLSTREAM_ERR_NO_CERTIFICATE);
  CHECK(tlstream_pair_error(server) == NULL);
  CHECK_INT(tlstream_pair_hello_accept(server, hosts[1]), 0);
  check_met(&both, 1);
  peers_free(&both);
}

TEST(after_the_client_has_left_the_answer_is_its_error) {
  static const tlstream_error reset = {
      .code = TLSTREAM_ERR_SYSTEM, .name = "ECONNRESET", .message = "reset"};
  for (int i = 0; i < 2; i++) {
    int code = i == 0 ? TLSTREAM_ERR_CLOSED_IN_HANDSHAKE : TLSTREAM_ERR_SYSTEM;
    peers both = asked();
    tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
    if (i == 0) tlstream_pair_feed_eof(server);
    if (i == 1) tlstream_pair_feed_error(server, &reset);
    CHECK_STR(take_events(server), "ERROR");
    CHECK_ERROR(error_code(server), code);
    CHECK_INT(tlstream_pair_hello_accept(server, hosts[1]), code);
    CHECK_ERROR(tlstream_pair_hello_refuse(server, TLSTREAM_HELLO_UNKNOWN_NAME),
                code);
    CHECK_INT(tlstream_pair_pending(server), 0);
    CHECK(tlstream_pair_is_finished(server));
    peers_free(&both);
  }
}

static void check_refusal(const char *servername, const char *shown) {
  tlstream_pair *server = server_with(hosts[0], true);
  tlstream_pair *client = client_with(client_context, servername);
  peers both = shake(client, server);
  CHECK_STR(take_events(server), "HELLO");
  CHECK_ERROR(tlstream_pair_hello_refuse(server, TLSTREAM_HELLO_UNKNOWN_NAME),
              0);
  CHECK_STR(take_events(server), "ERROR");
  CHECK_ERROR(error_code(server), TLSTREAM_ERR_UNKNOWN_NAME);
  CHECK_HAS(error_text(server), shown);
  CHECK_INT(tlstream_pair_error(server)->alert, UNRECOGNIZED_NAME);
  CHECK_INT(tlstream_pair_error(server)->alert_side, TLSTREAM_ALERT_OURS);
  shuttle(client, server, SIZE_MAX);
  CHECK_STR(take_events(client), "ERROR");
  CHECK_ERROR(error_code(client), TLSTREAM_ERR_ALERT);
  CHECK_INT(tlstream_pair_error(client)->alert, UNRECOGNIZED_NAME);
  CHECK_INT(tlstream_pair_error(client)->alert_side, TLSTREAM_ALERT_THEIRS);
  check_alert_taken(server);
  CHECK_ERROR(tlstream_pair_hello_accept(server, hosts[1]),
              TLSTREAM_ERR_UNKNOWN_NAME);
  CHECK_ERROR(tlstream_pair_hello_refuse(server, TLSTREAM_HELLO_UNKNOWN_NAME),
              TLSTREAM_ERR_UNKNOWN_NAME);
  peers_free(&both);
}

TEST(a_refusal_says_so_to_both) {
  check_refusal("a.test", "\"a.test\", which is not served here");
  check_refusal("", "no name (SNI)");
}

/* More than a client sends before the server's first message. */
TEST(what_comes_meanwhile_is_bounded) {
  static const char garbage[256 * 1024] = {23, 3, 3, 16}; /* of 4096 bytes */
  peers both = asked();
  tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  ptrdiff_t taken = tlstream_pair_feed(server, garbage, sizeof(garbage));
  CHECK(taken > 0 && taken <= 64 * 1024);
  CHECK_INT(tlstream_pair_feed(server, garbage, sizeof(garbage)), 0);
  CHECK(!tlstream_pair_wants_input(server));
  CHECK_STR(take_events(server), "");
  CHECK_ERROR(tlstream_pair_hello_accept(server, hosts[1]),
              TLSTREAM_ERR_BAD_RECORD);
  CHECK_ERROR(error_code(server), TLSTREAM_ERR_BAD_RECORD);
  peers_free(&both);
}

TEST(nothing_is_known_before_the_answer) {
  peers both = asked();
  size_t len = 1;
  char got[8];
  tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  CHECK(!tlstream_pair_is_secure(server));
  CHECK(!tlstream_pair_authorized(server));
  CHECK(tlstream_pair_authorization_error(server) == NULL);
  CHECK_INT(tlstream_pair_tls_version(server), TLSTREAM_VERSION_DEFAULT);
  CHECK(tlstream_pair_cipher(server) == NULL);
  CHECK(tlstream_pair_alpn_protocol(server) == NULL);
  CHECK(tlstream_pair_npn_protocol(server) == NULL);
  CHECK(tlstream_pair_npn_picked(server, &len) == NULL && len == 0);
  CHECK(tlstream_pair_peer_certificate(server) == NULL);
  CHECK_INT(tlstream_pair_read(server, got, sizeof(got)), 0);
  CHECK_INT(tlstream_pair_write(server, "x", 1), 0);
  CHECK(!tlstream_pair_wants_shutdown(server));
  CHECK(!tlstream_pair_is_finished(server));
  CHECK_STR(take_events(server), "");
  peers_free(&both);
}

/* What was written and ended before the answer comes after it. */
TEST(writing_and_ending_wait_for_the_answer) {
  peers both = asked();
  char got[8];
  tlstream_pair *client = both.side[TLSTREAM_ROLE_CLIENT];
  tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  CHECK_INT(tlstream_pair_write(client, "x", 1), 0);
  CHECK_ERROR(tlstream_pair_end(server), 0);
  CHECK_INT(tlstream_pair_hello_accept(server, hosts[1]), 0);
  shuttle(client, server, SIZE_MAX);
  CHECK_STR(take_events(server), "SECURE");
  CHECK_STR(take_events(client), "SECURE DRAIN END");
  CHECK_INT(tlstream_pair_write(client, "x", 1), 1);
  CHECK_ERROR(tlstream_pair_end(client), 0);
  shuttle(client, server, SIZE_MAX);
  CHECK_INT(tlstream_pair_read(server, got, sizeof(got)), 1);
  CHECK_INT(tlstream_pair_read(server, got, sizeof(got)), 0);
  CHECK(tlstream_pair_is_finished(server));
  CHECK_INT(tlstream_pair_ending(server), TLSTREAM_ENDING_CLEAN);
  peers_free(&both);
}

TEST(a_pair_may_go_with_its_question) {
  peers both = asked();
  peers_free(&both);
}

/* B8: only the pair holds the contexts. */
TEST(the_pair_holds_what_it_needs) {
  tlstream_context *first = context_with(test_leaf(KEY_ECDSA), NULL);
  tlstream_context *second = context_with(&other_leaf, NULL);
  tlstream_pair *server = server_with(first, true);
  tlstream_context_unref(first);
  peers both = shake(client_with(client_context, "a.test"), server);
  CHECK_INT(tlstream_pair_hello_accept(server, second), 0);
  CHECK_INT(second->refs, 2);
  tlstream_context_unref(second);
  CHECK_STR(take_events(server), "HELLO");
  check_met(&both, 1);
  peers_free(&both);
}

/* Whatever failed, every getter can be called, and no peer is accepted. */
static void look_at_everything(const tlstream_pair *pair) {
  size_t count = 0;
  CHECK(!tlstream_pair_authorized(pair));
  (void)tlstream_pair_authorization_errors(pair, &count);
  (void)tlstream_pair_tls_version(pair);
  (void)tlstream_pair_cipher(pair);
  (void)tlstream_pair_servername(pair);
  (void)tlstream_pair_npn_picked(pair, &count);
  (void)tlstream_pair_wants_input(pair);
  (void)tlstream_pair_wants_shutdown(pair);
  tlstream_certificate_unref(tlstream_pair_peer_certificate(pair));
  tlstream_certificate_unref(tlstream_pair_own_certificate(pair));
}

/* OpenSSL does not always remember that it was for memory. */
static void check_failed(tlstream_pair *server, torture_source source,
                         int code) {
  char got[8];
  if (source == TORTURE_LIBRARY) CHECK_ERROR(code, TLSTREAM_ERR_NO_MEMORY);
  CHECK_NE(code, TLSTREAM_ERR_PROTOCOL);
  CHECK_ERROR(error_code(server), code);
  CHECK_INT(tlstream_pair_hello_accept(server, hosts[1]), code);
  CHECK_INT(tlstream_pair_read(server, got, sizeof(got)), code);
  CHECK_INT(tlstream_pair_write(server, "x", 1), code);
  CHECK_ERROR(tlstream_pair_end(server), code);
  tlstream_pair_feed_eof(server);
  (void)!tlstream_pair_tick(server, 20000);
  CHECK(tlstream_pair_is_finished(server));
}

/* The nth allocation of the answer fails. True if there was one. */
static bool answer_without(torture_source source, torture_mode mode,
                           size_t nth) {
  peers both = asked();
  tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  torture_arm(source, mode, nth);
  int code = tlstream_pair_hello_accept(server, hosts[1]);
  bool struck = torture_disarm();
  look_at_everything(server);
  if (code != 0) {
    CHECK(struck);
    check_failed(server, source, code);
  } else {
    shuttle(both.side[0], server, SIZE_MAX);
    CHECK(struck || was_shown(both.side[TLSTREAM_ROLE_CLIENT], leaf_of(1)));
  }
  look_at_everything(server);
  peers_free(&both);
  return struck;
}

/* H7 */
TEST(without_memory_the_pair_fails_and_says_so) {
  static const torture_source sources[] = {TORTURE_LIBRARY, TORTURE_OPENSSL};
  static const torture_mode modes[] = {TORTURE_ONCE, TORTURE_FOREVER};
  for (int i = 0; i < 4; i++) {
    size_t nth = 1;
    size_t before = torture_live(TORTURE_LIBRARY);
    while (answer_without(sources[i / 2], modes[i % 2], nth))
      nth++;
    CHECK_GT(nth, 1);
    CHECK_INT(torture_live(TORTURE_LIBRARY), before);
  }
}

/* From the first allocation to the answer's last. */
static void serve_once(void *hello) {
  const tlstream_bytes *bytes = hello;
  tlstream_error error = {.code = 0};
  tlstream_pair *server = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER, .context = hosts[0],
                    .choose_context = true),
      0, &error);
  if (server == NULL) {
    CHECK(error.code == TLSTREAM_ERR_NO_MEMORY && torture_struck());
    return;
  }
  ptrdiff_t taken = tlstream_pair_feed(server, bytes->data, bytes->len);
  if (taken >= 0 && tlstream_pair_next_event(server) == TLSTREAM_EVENT_HELLO) {
    CHECK_STR(tlstream_pair_servername(server), "a.test");
    taken = tlstream_pair_hello_accept(server, hosts[1]);
  }
  CHECK((taken >= 0 && tlstream_pair_pending(server) > 0) || torture_struck());
  CHECK(error_code(server) == 0 || taken < 0);
  look_at_everything(server);
  tlstream_pair_free(server);
}

TEST(without_memory_no_question_is_lost) {
  unsigned char bytes[4096]; /* a key share of ML-KEM alone has 1184 */
  tlstream_pair *client = client_with(client_context, "a.test");
  CHECK_ERROR(tlstream_pair_start(client), 0);
  tlstream_bytes hello = {bytes,
                          tlstream_pair_drain(client, bytes, sizeof(bytes))};
  tlstream_pair_free(client);
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, serve_once, &hello), 5);
  CHECK_GT(torture_each(TORTURE_OPENSSL, TORTURE_ONCE, serve_once, &hello), 99);
  CHECK_GT(torture_each(TORTURE_ALL, TORTURE_FOREVER, serve_once, &hello), 99);
}
