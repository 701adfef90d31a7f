/* SPDX-License-Identifier: MIT */
/* A context with a parent: the parent's credentials and trust, and a policy of
 * its own. Between which of them sessions go is
 * hello_session_test.c's. */
#include <openssl/err.h>

#include <tlstream/context_info.h>
#include <tlstream/pair_info.h>

#include "core/context/context.h"
#include "support/handshake.h"
#include "support/test.h"
#include "support/torture.h"

#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

static tlstream_context *base; /* with a policy that must not be inherited */

BEFORE_TESTS(set_up) {
  torture_install();
  torture_install_openssl();
  base = context_of(
      TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                       .key = test_leaf(KEY_ECDSA)->key_pem,
                       .ca = test_ca()->cert_pem, .request_certificate = true,
                       .min_version = TLSTREAM_TLS_1_3,
                       .ciphersuites = "TLS_AES_256_GCM_SHA384",
                       .alpn = TLSTREAM_PROTOCOLS("base"), .verify_time = 1,
                       .require_alpn = true, .insecure_allow_truncation = true,
                       .insecure_allow_unauthorized = true));
}

AFTER_TESTS(tear_down) {
  tlstream_context_unref(base);
}

static tlstream_context *heir_of(tlstream_context *from) {
  return context_of(TLSTREAM_CONTEXT(.parent = from));
}

TEST(the_credentials_are_the_base_s) {
  tlstream_context *heir = heir_of(base);
  connection both = connect_pairs(heir, heir, SERVER_NAME);
  CHECK(tlstream_pair_is_secure(both.client));
  CHECK(tlstream_pair_authorized(both.client));
  CHECK(was_shown(both.client, test_leaf(KEY_ECDSA)));
  CHECK_INT(tlstream_pair_tls_version(both.client), TLSTREAM_TLS_1_3);
  CHECK_STR(tlstream_pair_cipher(both.client), "TLS_AES_256_GCM_SHA384");
  CHECK(heir->ctx == base->ctx); /* it costs next to nothing */
  disconnect_pairs(&both);
  tlstream_context_unref(heir);
}

TEST(its_policy_is_not) {
  tlstream_context *heir = heir_of(base);
  CHECK(!heir->request_certificate && !heir->require_alpn);
  CHECK(!heir->allow_unauthorized && !heir->allow_truncation);
  CHECK_INT(heir->verify_time, 0);
  CHECK_INT(heir->alpn.len, 0);
  connection both = connect_pairs(heir, heir, SERVER_NAME);
  CHECK(tlstream_pair_is_secure(both.server));
  CHECK(tlstream_pair_peer_certificate(both.server) == NULL);
  CHECK(tlstream_pair_alpn_protocol(both.client) == NULL);
  disconnect_pairs(&both);
  tlstream_context_unref(heir);
}

/* Two of them at once, and what one asks of its peers the other does not. */
TEST(each_has_a_policy_of_its_own) {
  tlstream_context *lax = heir_of(base);
  tlstream_context *strict =
      context_of(TLSTREAM_CONTEXT(.parent = base, .request_certificate = true));
  tlstream_context *stranger =
      context_of(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem));
  connection welcome = connect_pairs(stranger, lax, SERVER_NAME);
  connection refused = connect_pairs(stranger, strict, SERVER_NAME);
  connection known = connect_pairs(lax, strict, SERVER_NAME);
  CHECK(tlstream_pair_is_secure(welcome.server));
  CHECK_ERROR(error_code(refused.server), TLSTREAM_ERR_NO_PEER_CERTIFICATE);
  CHECK(tlstream_pair_authorized(known.server));
  disconnect_pairs(&welcome);
  disconnect_pairs(&refused);
  disconnect_pairs(&known);
  tlstream_context_unref(lax);
  tlstream_context_unref(strict);
  tlstream_context_unref(stranger);
}

static void check_alpn(const char *client_list, const char *server_list,
                       bool may_mismatch, const char *agreed, int code) {
  unsigned char room[2][64];
  tlstream_context *client =
      context_of(TLSTREAM_CONTEXT(.parent = base,
                                  .alpn = protocol_list(client_list, room[0])));
  tlstream_context *server = context_of(
      TLSTREAM_CONTEXT(.parent = base,
                       .alpn = protocol_list(server_list, room[1]),
                       .insecure_allow_alpn_mismatch = may_mismatch));
  connection both = connect_pairs(client, server, SERVER_NAME);
  CHECK_ERROR(error_code(both.server), code);
  CHECK_STR(tlstream_pair_alpn_protocol(both.server), agreed);
  CHECK_STR(tlstream_pair_alpn_protocol(both.client), agreed);
  disconnect_pairs(&both);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
}

/* All of these share one SSL_CTX. */
TEST(protocols_are_the_connection_s) {
  check_alpn("h2,foo", "foo,h2", false, "foo", 0);
  check_alpn("h2", "h2", false, "h2", 0);
  check_alpn("base", "h2", false, NULL, TLSTREAM_ERR_NO_SHARED_PROTOCOL);
  check_alpn("base", "h2", true, NULL, 0);
  check_alpn("base", NULL, false, NULL, 0);
  check_alpn(NULL, "h2", false, NULL, 0);
}

static tlstream_context *with_npn(tlstream_context *from, const char *names) {
  unsigned char room[64];
  return context_of(
      TLSTREAM_CONTEXT(.parent = from, .npn = protocol_list(names, room)));
}

static void check_npn(tlstream_context *client, tlstream_context *server,
                      const char *agreed) {
  size_t len = 0;
  connection both = connect_pairs(client, server, SERVER_NAME);
  CHECK(tlstream_pair_authorized(both.client));
  CHECK_STR(tlstream_pair_cipher(both.client), "ECDHE-RSA-AES256-GCM-SHA384");
  CHECK_STR(tlstream_pair_npn_protocol(both.server), agreed);
  CHECK_STR(tlstream_pair_npn_protocol(both.client), agreed);
  if (agreed == NULL) {
    CHECK(tlstream_pair_npn_picked(both.client, &len) == NULL);
    CHECK(tlstream_pair_npn_picked(both.server, &len) == NULL);
  }
  disconnect_pairs(&both);
}

/* The second of the keys. */
static void check_other_key(tlstream_context *server) {
  tlstream_context *client =
      context_of(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem,
                                  .max_version = TLSTREAM_TLS_1_2,
                                  .ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384"));
  connection both = connect_pairs(client, server, SERVER_NAME);
  CHECK(was_shown(both.client, test_leaf(KEY_ECDSA)));
  disconnect_pairs(&both);
  tlstream_context_unref(client);
}

/* A context with NPN and its parent, with all that a copy of an SSL_CTX could
 * lose: several keys with chains, suites, versions, trust. */
TEST(npn_needs_a_copy_which_is_the_same) {
  const tlstream_identity both[] = {{.key = test_leaf(KEY_ECDSA)->key_pem,
                                     .cert = test_leaf(KEY_ECDSA)->cert_pem},
                                    {.key = test_leaf(KEY_RSA)->key_pem,
                                     .cert = test_leaf(KEY_RSA)->cert_pem}};
  tlstream_context_options options = {
      .size = sizeof(options),
      .identities = both,
      .identity_count = 2,
      .ca = test_ca()->cert_pem,
      .max_version = TLSTREAM_TLS_1_2,
      .ciphers = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES256-GCM-SHA384"};
  for (int has_npn = 0; has_npn < 2; has_npn++) {
    unsigned char room[16];
    options.npn = protocol_list(has_npn ? "theirs" : NULL, room);
    tlstream_context *from = context_of(&options);
    tlstream_context *none = heir_of(from);
    tlstream_context *some = with_npn(from, "a,b");
    tlstream_context *other = with_npn(from, "b,a");
    CHECK_INT(none->ctx == from->ctx, !has_npn);
    CHECK_INT(some->ctx == from->ctx, has_npn);
    check_other_key(none);
    check_other_key(some);
    check_npn(some, other, "b");
    check_npn(other, some, "a");
    check_npn(none, some, NULL);
    check_npn(some, none, NULL);
    check_npn(from, from, has_npn ? "theirs" : NULL);
    tlstream_context_unref(none);
    tlstream_context_unref(some);
    tlstream_context_unref(other);
    tlstream_context_unref(from);
  }
}

TEST(a_copy_asks_for_the_same_certificates) {
  size_t count = 0;
  tlstream_context *copy =
      context_of(TLSTREAM_CONTEXT(.parent = base, .request_certificate = true,
                                  .npn = TLSTREAM_PROTOCOLS("a")));
  CHECK(copy->ctx != base->ctx);
  CHECK_INT(sk_X509_NAME_num(SSL_CTX_get_client_CA_list(copy->ctx)), 1);
  connection both = connect_pairs(base, copy, SERVER_NAME);
  CHECK(tlstream_pair_authorized(both.server));
  disconnect_pairs(&both);
  tlstream_certificate **list = tlstream_context_trusted(copy, &count);
  CHECK_INT(count, 1);
  tlstream_certificates_free(list);
  tlstream_context_unref(copy);
}

TEST(heirs_have_heirs_and_outlive_their_base) {
  tlstream_context *first = context_with(test_leaf(KEY_RSA), test_ca());
  tlstream_context *second = heir_of(first);
  tlstream_context *third = with_npn(second, "x");
  tlstream_context *fourth = heir_of(third);
  tlstream_context_unref(first);
  tlstream_context_unref(second);
  tlstream_context_unref(third);
  connection both = connect_pairs(fourth, fourth, SERVER_NAME);
  CHECK(tlstream_pair_authorized(both.client));
  CHECK(was_shown(both.client, test_leaf(KEY_RSA)));
  disconnect_pairs(&both);
  tlstream_context_unref(fourth);
}

/* One field each that is not policy. */
TEST(what_the_base_has_to_say_is_refused_by_name) {
  static const tlstream_identity identity = {.key_file = "x"};
  static const char *const files[] = {"x"};
  static const tlstream_bytes bytes = {"x", 1};
  static const tlstream_pfx pfx = {.data = {"x", 1}};
  static const struct {
    const char *name;
    tlstream_context_options options;
  } table[] = {
      {"key_file", {.key_file = "x"}},
      {"cert_file", {.cert_file = "x"}},
      {"key", {.key = {"x", 1}}},
      {"cert", {.cert = {"x", 1}}},
      {"passphrase", {.passphrase = "x"}},
      {"identities", {.identities = &identity, .identity_count = 1}},
      {"identity_count", {.identity_count = 1}},
      {"ca_file", {.ca_file = "x"}},
      {"ca", {.ca = {"x", 1}}},
      {"ca_files", {.ca_files = files, .ca_file_count = 1}},
      {"ca_file_count", {.ca_file_count = 1}},
      {"cas", {.cas = &bytes, .ca_count = 1}},
      {"ca_count", {.ca_count = 1}},
      {"add_system_roots", {.add_system_roots = true}},
      {"allow_partial_chain", {.allow_partial_chain = true}},
      {"min_version", {.min_version = TLSTREAM_TLS_1_2}},
      {"max_version", {.max_version = TLSTREAM_TLS_1_2}},
      {"ciphers", {.ciphers = "x"}},
      {"ciphersuites", {.ciphersuites = "x"}},
      {"groups", {.groups = "x"}},
      {"signature_algorithms", {.signature_algorithms = "x"}},
      {"pfx", {.pfx = &pfx, .pfx_count = 1}},
      {"pfx_count", {.pfx_count = 1}},
      {"crls", {.crls = &bytes, .crl_count = 1}},
      {"crl_count", {.crl_count = 1}},
  };
  EACH_ROW_NAMED(i, table, name) {
    char begin[64];
    tlstream_error error = {.message = ""};
    tlstream_context_options options = table[i].options;
    options.size = sizeof(options);
    options.parent = base;
    snprintf(begin, sizeof(begin), "%s: the `parent` has it", table[i].name);
    CHECK(tlstream_context_new(&options, &error) == NULL);
    CHECK_ERROR(error.code, TLSTREAM_ERR_INVALID_ARGUMENT);
    CHECK(strncmp(error.message, begin, strlen(begin)) == 0);
  }
}

TEST(what_is_wrong_with_policy_is_found_here_too) {
  tlstream_error error;
  CHECK(tlstream_context_new(
            TLSTREAM_CONTEXT(.parent = base, .require_alpn = true), &error) ==
        NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_BAD_PROTOCOLS);
}

/* H7 */
static void inherit_or_fail(void *with_copy) {
  tlstream_error error = {.code = 0};
  tlstream_context *made = tlstream_context_new(
      with_copy != NULL
          ? TLSTREAM_CONTEXT(.parent = base, .npn = TLSTREAM_PROTOCOLS("a"))
          : TLSTREAM_CONTEXT(.parent = base, .alpn = TLSTREAM_PROTOCOLS("a")),
      &error);
  CHECK_INT(ERR_peek_error(), 0);
  if (made == NULL) {
    CHECK(torture_struck());
    CHECK_NE(error.code, 0);
  } else if (!torture_struck()) {
    CHECK(SSL_CTX_get0_certificate(made->ctx) != NULL);
  }
  tlstream_context_unref(made);
}

TEST(without_memory_there_is_none) {
  size_t refs = base->refs;
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, inherit_or_fail, NULL),
           0);
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, inherit_or_fail, ""), 0);
  CHECK_GT(torture_some(TORTURE_OPENSSL, TORTURE_ONCE, 5, inherit_or_fail, ""),
           50);
  CHECK_INT(base->refs, refs);
}
