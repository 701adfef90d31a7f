/* SPDX-License-Identifier: MIT */
/* F4, K1: a step of the handshake on another thread, and what the pair does
 * meanwhile. */
#include <pthread.h>
#include <stdint.h>

#include <tlstream/pair_hello.h>
#include <tlstream/pair_info.h>
#include <tlstream/pair_work.h>

#include "support/handshake.h"
#include "support/shuttle.h"
#include "support/signer.h"
#include "support/test.h"
#include "support/torture.h"

enum { HANDSHAKE_MS = 10000 };

static test_signer signer;

static tlstream_context *signing_context(tlstream_version version) {
  tlstream_identity identity = {.cert = signer.own->cert_pem,
                                .signer = &signer.as};
  return context_of(
      TLSTREAM_CONTEXT(.identities = &identity, .identity_count = 1,
                       .ca = test_ca()->cert_pem, .request_certificate = true,
                       .max_version = version));
}

/* `role` is the side that signs; the client has sent its first message. */
static peers begin(tlstream_version version, tlstream_role role) {
  peers both;
  config terms = {.version = version, .mutual = true};
  test_signer_init(&signer, test_leaf(KEY_ECDSA));
  tlstream_context *own = signing_context(version);
  tlstream_context *other = config_context(&terms, other_role(role));
  bool serves = role == TLSTREAM_ROLE_SERVER;
  both.side[TLSTREAM_ROLE_CLIENT] = client_with(serves ? other : own, NULL);
  both.side[TLSTREAM_ROLE_SERVER] = server_with(serves ? own : other, false);
  tlstream_context_unref(own);
  tlstream_context_unref(other);
  CHECK_ERROR(tlstream_pair_start(both.side[TLSTREAM_ROLE_CLIENT]), 0);
  return both;
}

static void carry(peers *both) {
  shuttle(both->side[TLSTREAM_ROLE_CLIENT], both->side[TLSTREAM_ROLE_SERVER],
          SIZE_MAX);
}

static void *run(void *work) {
  tlstream_work_run(work);
  return NULL;
}

static void run_elsewhere(tlstream_work *work) {
  pthread_t thread;
  CHECK_INT(pthread_create(&thread, NULL, run, work), 0);
  CHECK_INT(pthread_join(thread, NULL), 0);
}

/* Run each step that is offered. Returns how many there were. */
static unsigned run_all(peers *both, tlstream_role role) {
  unsigned steps = 0;
  tlstream_work *work = NULL;
  carry(both);
  while ((work = tlstream_pair_take_work(both->side[role])) != NULL) {
    run_elsewhere(work);
    CHECK_ERROR(tlstream_pair_finish_work(both->side[role], work), 0);
    carry(both);
    steps++;
  }
  return steps;
}

/* Up to the step in which it signs: bytes have come, and nothing was done with
 * them. */
static peers until_work(tlstream_version version, tlstream_role role) {
  peers both = begin(version, role);
  carry(&both);
  CHECK_STR(take_events(both.side[role]), "WORK");
  CHECK_INT(signer.asked, 0);
  return both;
}

static tlstream_work *take(tlstream_pair *pair) {
  tlstream_work *work = tlstream_pair_take_work(pair);
  if (work == NULL) TEST_STOP("there is no work");
  return work;
}

static void check_echo(peers *both) {
  char got[8] = "";
  for (int i = 0; i < 2; i++) {
    tlstream_pair *from = both->side[i];
    CHECK_INT(tlstream_pair_write(from, "hello", 5), 5);
    carry(both);
    CHECK_INT(tlstream_pair_read(both->side[1 - i], got, sizeof(got)), 5);
    CHECK_INT(memcmp(got, "hello", 5), 0);
  }
}

static void sign_elsewhere(tlstream_version version, tlstream_role role) {
  peers both = until_work(version, role);
  CHECK_INT(run_all(&both, role), 1);
  CHECK_INT(signer.asked, 1);
  CHECK_INT(signer.odd, 0);
  for (int i = 0; i < 2; i++) {
    CHECK(tlstream_pair_authorized(both.side[i]));
    CHECK_INT(tlstream_pair_tls_version(both.side[i]), version);
  }
  CHECK_STR(take_events(both.side[role]), "SECURE");
  check_echo(&both);
  peers_free(&both);
}

TEST(one_step_signs_on_another_thread) {
  each_side(sign_elsewhere);
}

/* Whatever part of a message has come is a step. */
static void dribble(tlstream_version version, tlstream_role role) {
  peers both = begin(version, role);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  for (int idle = 0; idle < 2;) {
    unsigned char byte = 0;
    size_t len = 0;
    const void *bytes = tlstream_pair_peek(us, &len);
    CHECK_INT(tlstream_pair_feed(them, bytes, len), len);
    tlstream_pair_consume(us, len);
    idle = len == 0 && tlstream_pair_pending(them) == 0 ? idle + 1 : 0;
    if (tlstream_pair_drain(them, &byte, 1) == 0) continue;
    CHECK_INT(tlstream_pair_feed(us, &byte, 1), 1);
    tlstream_work *work = tlstream_pair_take_work(us);
    if (work == NULL) continue;
    tlstream_work_run(work);
    CHECK_ERROR(tlstream_pair_finish_work(us, work), 0);
  }
  CHECK_INT(signer.asked, 1);
  CHECK(tlstream_pair_authorized(us));
  CHECK(tlstream_pair_authorized(them));
  check_echo(&both);
  peers_free(&both);
}

TEST(input_may_come_byte_by_byte) {
  each_side(dribble);
}

static void take_it_twice(tlstream_version version, tlstream_role role) {
  peers both = begin(version, role);
  tlstream_pair *us = both.side[role];
  CHECK(tlstream_pair_take_work(us) == NULL);
  carry(&both);
  tlstream_work *work = take(us);
  CHECK(tlstream_pair_take_work(us) == NULL);
  /* It is given back as it was. */
  (void)take_events(us);
  CHECK_ERROR(tlstream_pair_finish_work(us, work), 0);
  CHECK_STR(take_events(us), "WORK");
  CHECK_INT(signer.asked, 0);
  CHECK_INT(run_all(&both, role), 1);
  CHECK(tlstream_pair_take_work(us) == NULL);
  check_echo(&both);
  peers_free(&both);
}

TEST(a_step_is_taken_once) {
  each_side(take_it_twice);
}

/* All that may be asked while the step is elsewhere. */
static void ask_everything(tlstream_pair *pair, tlstream_role role) {
  size_t len = 0;
  const char *name = tlstream_pair_servername(pair);
  CHECK_STR(name != NULL ? name : "",
            role == TLSTREAM_ROLE_CLIENT ? SERVER_NAME : "");
  CHECK(!tlstream_pair_is_secure(pair));
  CHECK(!tlstream_pair_authorized(pair));
  CHECK(tlstream_pair_authorization_errors(pair, &len) == NULL);
  CHECK(tlstream_pair_peer_certificate(pair) == NULL);
  tlstream_certificate_unref(tlstream_pair_own_certificate(pair));
  CHECK(tlstream_pair_cipher(pair) == NULL);
  CHECK_INT(tlstream_pair_tls_version(pair), 0);
  CHECK(!tlstream_pair_is_finished(pair));
  CHECK(!tlstream_pair_wants_shutdown(pair));
  CHECK(tlstream_pair_wants_input(pair));
  CHECK_ERROR(tlstream_pair_hello_accept(pair, NULL), TLSTREAM_ERR_WRONG_STATE);
  CHECK_INT(tlstream_pair_write(pair, "hello", 5), 0);
  CHECK_INT(tlstream_pair_read(pair, &len, sizeof(len)), 0);
}

static void use_it_meanwhile(tlstream_version version, tlstream_role role) {
  peers both = until_work(version, role);
  tlstream_pair *us = both.side[role];
  tlstream_work *work = take(us);
  ask_everything(us, role);
  CHECK_ERROR(tlstream_pair_tick(us, HANDSHAKE_MS - 1), 0);
  tlstream_work_run(work);
  ask_everything(us, role);
  CHECK_INT(tlstream_pair_next_deadline(us), HANDSHAKE_MS);
  CHECK_INT(signer.timeout_ms, HANDSHAKE_MS);
  CHECK_STR(take_events(us), "");
  CHECK_ERROR(tlstream_pair_finish_work(us, work), 0);
  (void)run_all(&both, role);
  CHECK_HAS(take_events(us), "SECURE DRAIN");
  check_echo(&both);
  peers_free(&both);
}

TEST(the_pair_is_usable_meanwhile) {
  each_side(use_it_meanwhile);
}

/* What is fed meanwhile lies behind what the step has; here it is a record that
 * nobody can have sent. */
static void feed_meanwhile(tlstream_version version, tlstream_role role) {
  peers both = until_work(version, role);
  tlstream_pair *us = both.side[role];
  tlstream_work *work = take(us);
  CHECK_INT(tlstream_pair_feed(us, forged_record, sizeof(forged_record)),
            sizeof(forged_record));
  CHECK(!tlstream_pair_wants_input(us));
  tlstream_work_run(work);
  int code = tlstream_pair_finish_work(us, work);
  CHECK(code == TLSTREAM_ERR_BAD_RECORD || code == TLSTREAM_ERR_PROTOCOL);
  CHECK_INT(signer.asked, 1);
  peers_free(&both);
}

TEST(what_comes_meanwhile_is_read_after_it) {
  each_side(feed_meanwhile);
}

static void hang(tlstream_version version, tlstream_role role) {
  peers both = until_work(version, role);
  tlstream_pair *us = both.side[role];
  tlstream_work *work = take(us);
  int code = TLSTREAM_ERR_HANDSHAKE_TIMEOUT;
  CHECK_ERROR(tlstream_pair_tick(us, HANDSHAKE_MS), code);
  CHECK_HAS(error_text(us), "the signer of our certificate has not answered");
  check_over(us, "ERROR", code, TLSTREAM_ENDING_FAILED);
  tlstream_work_run(work);
  CHECK_ERROR(tlstream_pair_finish_work(us, work), code);
  CHECK_INT(tlstream_pair_pending(us), 0);
  CHECK(!tlstream_pair_is_secure(us));
  check_over(us, "", code, TLSTREAM_ENDING_FAILED);
  peers_free(&both);
}

/* An owner that does not know of it finds out why. */
static void ignore(tlstream_version version, tlstream_role role) {
  peers both = until_work(version, role);
  tlstream_pair *us = both.side[role];
  int code = TLSTREAM_ERR_HANDSHAKE_TIMEOUT;
  CHECK_ERROR(tlstream_pair_tick(us, HANDSHAKE_MS), code);
  CHECK_HAS(error_text(us), "tlstream_pair_take_work() was not called");
  CHECK(tlstream_pair_take_work(us) == NULL);
  check_over(us, "ERROR", code, TLSTREAM_ENDING_FAILED);
  peers_free(&both);
}

TEST(a_step_that_is_not_taken_is_named) {
  each_side(ignore);
}

TEST(the_deadline_ends_a_signer_that_hangs) {
  each_side(hang);
}

static void free_meanwhile(tlstream_version version, tlstream_role role) {
  for (int has_run = 0; has_run < 2; has_run++) {
    peers both = until_work(version, role);
    tlstream_work *work = take(both.side[role]);
    CHECK_INT(tlstream_pair_feed(both.side[role], "\x16\x03", 2), 2);
    peers_free(&both);
    if (has_run) tlstream_work_run(work);
    CHECK_INT(signer.released, 0);
    tlstream_work_free(work);
    CHECK_INT(signer.asked, has_run);
    CHECK_INT(signer.released, 1);
  }
  tlstream_work_free(NULL);
}

TEST(the_pair_may_be_freed_meanwhile) {
  each_side(free_meanwhile);
}

static void break_meanwhile(tlstream_version version, tlstream_role role) {
  peers both = until_work(version, role);
  tlstream_pair *us = both.side[role];
  tlstream_work *work = take(us);
  tlstream_pair_feed_error(us, &reset_cause);
  CHECK_ERROR(error_code(us), reset_cause.code);
  check_over(us, "ERROR", reset_cause.code, TLSTREAM_ENDING_FAILED);
  tlstream_work_run(work);
  CHECK_ERROR(tlstream_pair_finish_work(us, work), reset_cause.code);
  CHECK_INT(tlstream_pair_pending(us), 0);
  peers_free(&both);
}

TEST(a_reset_is_noticed_meanwhile) {
  each_side(break_meanwhile);
}

/* A client of TLS 1.3 has all that it needs by then. */
static void eof_meanwhile(tlstream_version version, tlstream_role role) {
  peers both = until_work(version, role);
  tlstream_pair *us = both.side[role];
  bool completes = role == TLSTREAM_ROLE_CLIENT && version == TLSTREAM_TLS_1_3;
  int code =
      completes ? TLSTREAM_ERR_TRUNCATED : TLSTREAM_ERR_CLOSED_IN_HANDSHAKE;
  tlstream_work *work = take(us);
  tlstream_pair_feed_eof(us);
  CHECK_ERROR(error_code(us), role == TLSTREAM_ROLE_SERVER ? code : 0);
  tlstream_work_run(work);
  CHECK_ERROR(tlstream_pair_finish_work(us, work), code);
  CHECK_INT(tlstream_pair_is_secure(us), completes);
  peers_free(&both);
}

TEST(an_end_of_input_is_judged) {
  each_side(eof_meanwhile);
}

/* The end waits for the handshake, as it does without a signer. */
static void end_meanwhile(tlstream_version version, tlstream_role role) {
  peers both = until_work(version, role);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  tlstream_work *work = take(us);
  CHECK_ERROR(tlstream_pair_close(us), 0);
  tlstream_work_run(work);
  CHECK_ERROR(tlstream_pair_finish_work(us, work), 0);
  (void)run_all(&both, role);
  CHECK_HAS(take_events(them), "SECURE END");
  CHECK_ERROR(tlstream_pair_end(them), 0);
  carry(&both);
  CHECK(tlstream_pair_is_finished(us));
  CHECK_INT(tlstream_pair_ending(us), TLSTREAM_ENDING_CLEAN);
  peers_free(&both);
}

TEST(an_end_waits_for_the_handshake) {
  each_side(end_meanwhile);
}

static void refuse(tlstream_version version, tlstream_role role) {
  peers both = until_work(version, role);
  tlstream_pair *us = both.side[role];
  tlstream_work *work = take(us);
  signer.fault = REFUSES;
  run_elsewhere(work);
  CHECK_ERROR(tlstream_pair_finish_work(us, work), TLSTREAM_ERR_SIGNER_FAILED);
  CHECK_HAS(error_text(us), "it returned -5");
  CHECK_STR(take_events(us), "ERROR");
  carry(&both);
  CHECK_ERROR(error_code(both.side[other_role(role)]), TLSTREAM_ERR_ALERT);
  peers_free(&both);
}

TEST(a_signer_s_failure_is_the_pair_s) {
  each_side(refuse);
}

/* The name comes first, on the pair's own thread; only the answer leads to a
 * signature. */
TEST(the_context_is_chosen_before) {
  config terms = {.mutual = true};
  test_signer_init(&signer, test_leaf(KEY_ECDSA));
  tlstream_context *signing = signing_context(0);
  tlstream_context *plain = config_context(&terms, TLSTREAM_ROLE_SERVER);
  tlstream_context *client = config_context(&terms, TLSTREAM_ROLE_CLIENT);
  for (int order = 0; order < 2; order++) {
    peers both = shake(client_with(client, NULL),
                       server_with(order == 0 ? plain : signing, true));
    tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
    CHECK_STR(take_events(server), "HELLO");
    CHECK_ERROR(tlstream_pair_hello_accept(server, signing), 0);
    CHECK_STR(take_events(server), "WORK");
    CHECK_INT(run_all(&both, TLSTREAM_ROLE_SERVER), 1);
    CHECK_STR(tlstream_pair_servername(server), SERVER_NAME);
    check_echo(&both);
    peers_free(&both);
  }
  tlstream_context_unref(signing);
  tlstream_context_unref(plain);
  tlstream_context_unref(client);
}

/* A refused peer is refused, with its reason. */
static void distrust(tlstream_version version, tlstream_role role) {
  test_signer_init(&signer, test_leaf(KEY_ECDSA));
  tlstream_context *own = signing_context(version);
  tlstream_context *other = context_with(test_stranger(), test_ca());
  bool serves = role == TLSTREAM_ROLE_SERVER;
  peers both = shake(client_with(serves ? other : own, NULL),
                     server_with(serves ? own : other, false));
  tlstream_pair *us = both.side[role];
  tlstream_work *work = NULL;
  while ((work = tlstream_pair_take_work(us)) != NULL) {
    run_elsewhere(work);
    (void)tlstream_pair_finish_work(us, work);
    carry(&both);
  }
  CHECK_ERROR(error_code(us), TLSTREAM_ERR_UNTRUSTED);
  peers_free(&both);
  tlstream_context_unref(own);
  tlstream_context_unref(other);
}

TEST(the_peer_is_judged_as_ever) {
  each_side(distrust);
}

static tlstream_context *contexts[2]; /* by role */

static void live_together(peers *both) {
  tlstream_pair *server = both->side[TLSTREAM_ROLE_SERVER];
  tlstream_pair *client = both->side[TLSTREAM_ROLE_CLIENT];
  tlstream_work *work = NULL;
  (void)tlstream_pair_start(client);
  carry(both);
  while ((work = tlstream_pair_take_work(server)) != NULL) {
    tlstream_work_run(work);
    (void)tlstream_pair_finish_work(server, work);
    carry(both);
  }
  bool failed = error_code(client) != 0 || error_code(server) != 0;
  CHECK(failed ||
        (tlstream_pair_is_secure(client) && tlstream_pair_is_secure(server)));
  /* The signer may be without memory too. */
  CHECK(strstr(error_text(server), "is not a signature") == NULL);
}

/* On one thread, so that the failing allocation is the same each time. */
static void live(void *data) {
  peers *both = data;
  tlstream_error error = {0};
  for (int i = 0; i < 2; i++) {
    tlstream_pair *pair = tlstream_pair_new(
        TLSTREAM_PAIR(.role = (tlstream_role)i, .context = contexts[i],
                      .verify_name = SERVER_NAME),
        0, &error);
    if (pair == NULL) CHECK_ERROR(error.code, TLSTREAM_ERR_NO_MEMORY);
    both->side[i] = pair;
  }
  if (both->side[0] != NULL && both->side[1] != NULL) live_together(both);
  for (int i = 0; i < 2; i++)
    tlstream_pair_free(both->side[i]);
}

__attribute__((constructor)) static void take_memory_over(void) {
  (void)torture_install_openssl();
}

TEST(memory_may_run_out) {
  config terms = {.mutual = true};
  peers both;
  torture_install();
  test_signer_init(&signer, test_leaf(KEY_ECDSA));
  contexts[TLSTREAM_ROLE_SERVER] = signing_context(0);
  contexts[TLSTREAM_ROLE_CLIENT] = config_context(&terms, TLSTREAM_ROLE_CLIENT);
  live(&both); /* what is made once for the process */
  for (int mode = TORTURE_ONCE; mode <= TORTURE_FOREVER; mode++) {
    CHECK_GT(torture_each(TORTURE_LIBRARY, (torture_mode)mode, live, &both), 8);
  }
  CHECK_GT(torture_some(TORTURE_OPENSSL, TORTURE_ONCE, 17, live, &both), 100);
  for (int i = 0; i < 2; i++)
    tlstream_context_unref(contexts[i]);
  CHECK_INT(signer.released, 1);
}
