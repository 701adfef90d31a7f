/* SPDX-License-Identifier: MIT */
/* The verification of a peer: all reasons, none without a certificate (A11),
 * and again after a resumption (A9). */
#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "core/pair/verify.h"

#include "core/pair/state.h"
#include "support/chain.h"
#include "support/shuttle.h"

static const tlstream_version versions[] = {TLSTREAM_TLS_1_2, TLSTREAM_TLS_1_3};

static const char *reasons_of(const tlstream_pair *pair) {
  static char all[300];
  size_t count = 0;
  const tlstream_error *why = tlstream_pair_authorization_errors(pair, &count);
  CHECK(why == tlstream_pair_authorization_error(pair));
  all[0] = '\0';
  for (size_t i = 0; i < count; i++) {
    size_t used = strlen(all);
    snprintf(all + used, sizeof(all) - used, "%s%s %d", i > 0 ? ", " : "",
             why[i].name, why[i].depth);
  }
  return all;
}

static void check_reasons(const chain_plan *plan, const made_cert *ca,
                          const char *host, const char *want) {
  chain made = make_chain(plan);
  tlstream_context *client =
      judge_of(ca != NULL ? ca : &made.root, TLSTREAM_ROLE_CLIENT, true);
  tlstream_context *server =
      presenter(&made.leaf, &made.middle, TLSTREAM_TLS_1_3);
  connection both = connect_pairs(client, server, host);
  CHECK(tlstream_pair_is_secure(both.client));
  CHECK(!tlstream_pair_authorized(both.client));
  CHECK_STR(reasons_of(both.client), want);
  disconnect_pairs(&both);
  tlstream_context_unref(server);
  tlstream_context_unref(client);
  drop_chain(&made);
}

/* J4: the first is the cause of the rest, and a wrong name hides nothing. */
TEST(all_that_is_wrong_is_reported) {
  made_cert stranger =
      make_cert(&(cert_plan){.name = "Stranger", .basic = CERT_CA});
  check_reasons(&(chain_plan){0}, NULL, "b.test", "ERR_TLSTREAM_WRONG_NAME 0");
  check_reasons(&(chain_plan){0}, NULL, NULL, "ERR_TLSTREAM_NO_NAME -1");
  check_reasons(&(chain_plan){.leaf = {PAST}, .middle = {PAST}}, NULL, "b.test",
                "CERT_HAS_EXPIRED 1, CERT_HAS_EXPIRED 0, "
                "ERR_TLSTREAM_WRONG_NAME 0");
  check_reasons(&(chain_plan){.leaf = {PAST}}, &stranger, "a.test",
                "UNABLE_TO_GET_ISSUER_CERT_LOCALLY 1, CERT_HAS_EXPIRED 0");
  check_reasons(&(chain_plan){.leaf = {.purpose = "clientAuth", .odd = true}},
                NULL, "a.test",
                "UNHANDLED_CRITICAL_EXTENSION 0, INVALID_PURPOSE 0");
  made_cert_clear(&stranger);
}

TEST(a_reason_names_the_certificate_and_its_issuer) {
  chain made = make_chain(&(chain_plan){.middle = {PAST}});
  tlstream_context *client = judge_of(&made.root, TLSTREAM_ROLE_CLIENT, false);
  tlstream_context *server =
      presenter(&made.leaf, &made.middle, TLSTREAM_TLS_1_3);
  connection both = connect_pairs(client, server, "a.test");
  const tlstream_error *error = tlstream_pair_error(both.client);
  if (CHECK(error != NULL)) {
    CHECK_HAS(error->message, "the chain's certificate \"Middle\" (issued by "
                              "\"Root\") is not trusted: its life is over");
  }
  disconnect_pairs(&both);
  tlstream_context_unref(server);
  tlstream_context_unref(client);
  drop_chain(&made);
}

/* UNABLE_TO_VERIFY_LEAF_SIGNATURE alone leaves people in the dark. */
static void check_missing(const made_cert *issuer, const made_cert *extra,
                          const char *words) {
  made_cert other = make_cert(&(cert_plan){.name = "Other", .basic = CERT_CA});
  made_cert leaf = make_cert(&(cert_plan){.name = "a.test", .by = issuer});
  tlstream_context *client = judge_of(&other, TLSTREAM_ROLE_CLIENT, false);
  tlstream_context *server = presenter(&leaf, extra, TLSTREAM_TLS_1_3);
  connection both = connect_pairs(client, server, "a.test");
  const tlstream_error *why = tlstream_pair_error(both.client);
  CHECK_STR(reasons_of(both.client), "UNABLE_TO_VERIFY_LEAF_SIGNATURE 0");
  if (CHECK(why != NULL)) {
    CHECK_HAS(why->message, words);
    CHECK(strpbrk(why->message, "\033\n") == NULL);
  }
  disconnect_pairs(&both);
  tlstream_context_unref(server);
  tlstream_context_unref(client);
  made_cert_clear(&leaf);
  made_cert_clear(&other);
}

TEST(what_was_not_sent_is_named) {
  made_cert issuer =
      make_cert(&(cert_plan){.name = "Middle", .basic = CERT_CA});
  made_cert stray = make_cert(&(cert_plan){.name = "Stray", .basic = CERT_CA});
  made_cert rude =
      make_cert(&(cert_plan){.name = "\033[1m\nCA", .basic = CERT_CA});
  check_missing(&issuer, NULL,
                "the peer sent 1 certificate, issued by \"Middle\"; \"Middle\" "
                "was not sent and is not trusted here");
  check_missing(
      &issuer, &stray,
      "the peer sent 2 certificates, issued by \"Middle\"; \"Middle\" "
      "was not sent and is not trusted here");
  check_missing(&rude, NULL, "CA\" was not sent");
  made_cert_clear(&issuer);
  made_cert_clear(&stray);
  made_cert_clear(&rude);
}

/* What most often is wrong with a server's setup, in so many words. */
TEST(says_what_the_peer_should_have_sent) {
  chain made = make_chain(&(chain_plan){0});
  const made_cert *const sent[] = {NULL, &made.leaf};
  const char *const words[] = {"the peer sent 1 certificate, issued by",
                               "the peer sent 2 certificates, issued by"};
  tlstream_context *client = judge_of(&made.root, TLSTREAM_ROLE_CLIENT, false);
  for (int i = 0; i < 2; i++) {
    tlstream_context *server = presenter(&made.leaf, sent[i], TLSTREAM_TLS_1_3);
    connection both = connect_pairs(client, server, "a.test");
    const tlstream_error *error = tlstream_pair_error(both.client);
    if (CHECK(error != NULL)) {
      CHECK_STR(error->name, "UNABLE_TO_VERIFY_LEAF_SIGNATURE");
      CHECK_HAS(error->message, words[i]);
      CHECK_HAS(error->message, "\"Middle\" was not sent and is not trusted");
    }
    disconnect_pairs(&both);
    tlstream_context_unref(server);
  }
  tlstream_context_unref(client);
  drop_chain(&made);
}

/* A11: OpenSSL's result is "OK" where nothing was there to verify. */
TEST(no_certificate_is_no_authorization) {
  made_cert ca = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  EACH_ROW(i, versions)
    for (int lenient = 0; lenient < 2; lenient++) {
      IN_CASE("%s", lenient ? "let in" : "refused");
      tlstream_context *server = judge_of(&ca, TLSTREAM_ROLE_SERVER, lenient);
      tlstream_context *client = context_of(
          TLSTREAM_CONTEXT(.insecure_allow_unauthorized = true,
                           .ca = ca.cert_pem, .max_version = versions[i]));
      connection both = connect_pairs(client, server, NULL);
      const tlstream_error *why = tlstream_pair_error(both.server);
      CHECK_INT(tlstream_pair_is_secure(both.server), lenient);
      CHECK(!tlstream_pair_authorized(both.server));
      if (lenient) why = tlstream_pair_authorization_error(both.server);
      if (CHECK(why != NULL)) {
        CHECK_ERROR(why->code, TLSTREAM_ERR_NO_PEER_CERTIFICATE);
      }
      disconnect_pairs(&both);
      tlstream_context_unref(client);
      tlstream_context_unref(server);
    }
  made_cert_clear(&ca);
}

/* A peer that was not asked was not verified, and is not authorized. */
TEST(a_peer_that_is_not_asked_is_not_authorized) {
  made_cert root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  made_cert leaf = make_cert(&(cert_plan){.name = "a.test", .by = &root});
  tlstream_context *server = context_with(&leaf, &root);
  tlstream_context *client = context_with(&leaf, &root);
  connection both = connect_pairs(client, server, "a.test");
  CHECK(tlstream_pair_is_secure(both.server));
  CHECK(!tlstream_pair_authorized(both.server));
  CHECK(tlstream_pair_authorization_error(both.server) == NULL);
  disconnect_pairs(&both);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
  made_cert_clear(&leaf);
  made_cert_clear(&root);
}

/* A peer may send a hundred certificates, each with its faults. */
TEST(no_more_than_sixteen_reasons_are_reported) {
  enum { LONG = 20 };
  made_cert links[LONG];
  STACK_OF(X509) *others = sk_X509_new_null();
  cert_plan plan = {.name = "Root", .basic = CERT_CA, PAST};
  for (int i = 0; i < LONG; i++) {
    char name[16];
    snprintf(name, sizeof(name), "CA %d", i);
    plan.name = i < LONG - 1 ? name : "a.test";
    links[i] = make_cert(&plan);
    plan.by = &links[i];
    if (i < LONG - 1) sk_X509_push(others, links[i].cert);
  }
  tlstream_context *client = judge_of(&links[0], TLSTREAM_ROLE_CLIENT, true);
  tlstream_context *server =
      presenter(&links[LONG - 1], NULL, TLSTREAM_TLS_1_3);
  CHECK_INT(SSL_CTX_set1_chain(server->ctx, others), 1);
  connection both = connect_pairs(client, server, "a.test");
  size_t count = 0;
  const tlstream_error *why =
      tlstream_pair_authorization_errors(both.client, &count);
  CHECK(tlstream_pair_is_secure(both.client));
  CHECK(!tlstream_pair_authorized(both.client));
  CHECK_INT(count, 16);
  CHECK_STR(why[0].name, "CERT_HAS_EXPIRED");
  CHECK_INT(why[0].depth, LONG - 1);
  disconnect_pairs(&both);
  tlstream_context_unref(server);
  tlstream_context_unref(client);
  sk_X509_free(others);
  for (int i = 0; i < LONG; i++)
    made_cert_clear(&links[i]);
}

/* What the library does not offer yet, a user of OpenSSL would do: go on with
 * the session of an earlier connection. */
static SSL_SESSION *session_with(tlstream_context *client,
                                 tlstream_context *server, const char *name) {
  char byte = 0;
  connection both = connect_pairs(client, server, name);
  CHECK(tlstream_pair_is_secure(both.client));
  /* In TLS 1.3 the ticket leaves with the first data. */
  CHECK_INT(tlstream_pair_write(both.server, "x", 1), 1);
  shuttle(both.client, both.server, 16384);
  CHECK_INT(tlstream_pair_read(both.client, &byte, 1), 1);
  SSL_SESSION *session = SSL_SESSION_dup(SSL_get0_session(both.client->ssl));
  CHECK_INT(SSL_SESSION_is_resumable(session), 1);
  disconnect_pairs(&both);
  return session;
}

static connection resume(tlstream_context *client, tlstream_context *server,
                         const char *name, SSL_SESSION *session) {
  connection both = {
      .client = tlstream_pair_new(TLSTREAM_PAIR(.role = TLSTREAM_ROLE_CLIENT,
                                                .context = client,
                                                .verify_name = name),
                                  0, NULL),
      .server = tlstream_pair_new(
          TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER, .context = server), 0,
          NULL),
  };
  /* A session is spoiled when a connection of it is dropped. */
  SSL_SESSION *copy = SSL_SESSION_dup(session);
  CHECK_INT(SSL_set_session(both.client->ssl, copy), 1);
  SSL_SESSION_free(copy);
  tlstream_pair_start(both.client);
  shuttle(both.client, both.server, 16384);
  return both;
}

/* A9: the name may be another now. */
static void a_resumed_session_is_judged_by_name(tlstream_context *server,
                                                tlstream_context *strict) {
  SSL_SESSION *session = session_with(strict, server, "a.test");
  connection both = resume(strict, server, "a.test", session);
  CHECK(SSL_session_reused(both.client->ssl));
  CHECK(tlstream_pair_authorized(both.client));
  CHECK(tlstream_pair_authorization_error(both.client) == NULL);
  disconnect_pairs(&both);
  both = resume(strict, server, "b.test", session);
  CHECK(SSL_session_reused(both.client->ssl));
  CHECK(!tlstream_pair_is_secure(both.client));
  CHECK_STR(reasons_of(both.client), "ERR_TLSTREAM_WRONG_NAME 0");
  disconnect_pairs(&both);
  SSL_SESSION_free(session);
}

/* A9: a session that began without authorization stays so, and does not move
 * to a context with another policy. */
static void a_no_is_remembered(tlstream_context *server,
                               tlstream_context *strict,
                               tlstream_context *lenient) {
  SSL_SESSION *session = session_with(lenient, server, "a.test");
  connection both = resume(lenient, server, "a.test", session);
  CHECK(SSL_session_reused(both.client->ssl));
  CHECK(tlstream_pair_is_secure(both.client));
  CHECK(!tlstream_pair_authorized(both.client));
  CHECK_STR(reasons_of(both.client), "UNABLE_TO_VERIFY_LEAF_SIGNATURE 0");
  disconnect_pairs(&both);
  both = resume(strict, server, "a.test", session);
  CHECK(!tlstream_pair_is_secure(both.client));
  CHECK(!tlstream_pair_authorized(both.client));
  disconnect_pairs(&both);
  SSL_SESSION_free(session);
}

TEST(a_resumed_session_is_judged_again) {
  made_cert root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  made_cert leaf = make_cert(&(cert_plan){.name = "a.test", .by = &root});
  tlstream_context *strict = judge_of(&root, TLSTREAM_ROLE_CLIENT, false);
  tlstream_context *lenient = judge_of(&leaf, TLSTREAM_ROLE_CLIENT, true);
  EACH_ROW(i, versions) {
    tlstream_context *server = context_of(
        TLSTREAM_CONTEXT(.key = leaf.key_pem, .cert = leaf.cert_pem,
                         .ca = root.cert_pem, .max_version = versions[i]));
    a_resumed_session_is_judged_by_name(server, strict);
    a_no_is_remembered(server, strict, lenient);
    tlstream_context_unref(server);
  }
  tlstream_context_unref(lenient);
  tlstream_context_unref(strict);
  made_cert_clear(&leaf);
  made_cert_clear(&root);
}
