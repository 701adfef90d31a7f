/* SPDX-License-Identifier: MIT */
/* Policies by name, and what options can do within them (I8). */
#include <openssl/ssl.h>

#include <tlstream/context_info.h>
#include <tlstream/memory.h>
#include <tlstream/pair_info.h>

#include "core/context/context.h"
#include "support/connect.h"
#include "support/handshake.h"
#include "support/json_check.h"
#include "support/test.h"
#include "support/torture.h"

BEFORE_TESTS(set_up) {
  torture_install();
  torture_install_openssl();
}

/* The configuration in effect, until the next call. */
static const char *described(const tlstream_context_options *options) {
  static char text[4096];
  tlstream_context *context = context_of(options);
  char *json = tlstream_context_json(context);
  snprintf(text, sizeof(text), "%s", json != NULL ? json : "");
  tlstream_free(json);
  tlstream_context_unref(context);
  CHECK(is_json(text));
  return text;
}

static bool has_ml_kem(void) {
  return OpenSSL_version_num() >= 0x30500000L;
}

static bool has(const char *text, const char *part) {
  return strstr(text, part) != NULL;
}

TEST(the_names_are_listed) {
  size_t count = 0;
  const char *const *names = tlstream_policies(&count);
  CHECK_INT(count, 3);
  for (size_t i = 0; i < count; i++) {
    IN_CASE("%s", names[i]);
    const char *text = described(TLSTREAM_CONTEXT(.policy = names[i]));
    char start[64];
    snprintf(start, sizeof(start), "{\"policy\":\"%s\",", names[i]);
    CHECK_HAS(text, start);
  }
}

TEST(an_unknown_name_is_an_error_with_the_list) {
  check_no_context(TLSTREAM_CONTEXT(.policy = "2025-01"),
                   TLSTREAM_ERR_INVALID_ARGUMENT,
                   "policy: there is none of the name \"2025-01\"; there are "
                   "\"default\", \"2026-11\" and \"modern\"");
  check_no_context(TLSTREAM_CONTEXT(.policy = ""),
                   TLSTREAM_ERR_INVALID_ARGUMENT, "\"\"");
  check_no_context(TLSTREAM_CONTEXT(.policy = "\x1b[31m"),
                   TLSTREAM_ERR_INVALID_ARGUMENT, "\\x1b[31m");
}

/* Letter by letter: what is in here must be the same in ten years. */
TEST(a_policy_with_a_date_is_what_it_was) {
  const char *text = described(TLSTREAM_CONTEXT(.policy = "2026-11"));
  CHECK_HAS(text, "\"minVersion\":\"TLSv1.2\",\"maxVersion\":\"TLSv1.3\","
                  "\"securityLevel\":2,\"ciphers\":[");
  CHECK_HAS(text,
            "\"TLS_AES_256_GCM_SHA384\",\"TLS_CHACHA20_POLY1305_SHA256\","
            "\"TLS_AES_128_GCM_SHA256\",\"ECDHE-ECDSA-AES256-GCM-SHA384\","
            "\"ECDHE-RSA-AES256-GCM-SHA384\",\"ECDHE-ECDSA-AES128-GCM-SHA256\","
            "\"ECDHE-RSA-AES128-GCM-SHA256\",\"ECDHE-ECDSA-CHACHA20-POLY1305\","
            "\"ECDHE-RSA-CHACHA20-POLY1305\"],");
  CHECK_HAS(text, has_ml_kem() ? "\"groups\":[\"X25519MLKEM768\",\"X25519\","
                                 "\"P-256\",\"X448\",\"P-384\",\"P-521\"]"
                               : "\"groups\":[\"X25519\",\"P-256\",\"X448\","
                                 "\"P-521\",\"P-384\"]");
  CHECK_HAS(text,
            "\"ecdsa_secp256r1_sha256\",\"ecdsa_secp384r1_sha384\","
            "\"ecdsa_secp521r1_sha512\",\"ed25519\",\"ed448\","
            "\"rsa_pss_pss_sha256\",\"rsa_pss_pss_sha384\","
            "\"rsa_pss_pss_sha512\",\"rsa_pss_rsae_sha256\","
            "\"rsa_pss_rsae_sha384\",\"rsa_pss_rsae_sha512\","
            "\"rsa_pkcs1_sha256\",\"rsa_pkcs1_sha384\",\"rsa_pkcs1_sha512\"],"
            "\"alpn");
  CHECK_INT(has(text, "mldsa65"), has_ml_kem());
}

TEST(the_modern_one_has_tls_1_3_only) {
  const char *text = described(TLSTREAM_CONTEXT(.policy = "modern"));
  CHECK_HAS(text,
            "\"minVersion\":\"TLSv1.3\",\"maxVersion\":\"TLSv1.3\","
            "\"securityLevel\":2,\"ciphers\":[\"TLS_AES_256_GCM_SHA384\","
            "\"TLS_CHACHA20_POLY1305_SHA256\",\"TLS_AES_128_GCM_SHA256\"],");
  CHECK_HAS(text, has_ml_kem() ? "\"groups\":[\"X25519MLKEM768\",\"X25519\","
                                 "\"P-256\",\"P-384\"]"
                               : "\"groups\":[\"X25519\",\"P-256\",\"P-384\"]");
}

static tlstream_context *with_policy(const char *policy,
                                     tlstream_version max_version) {
  return context_of(TLSTREAM_CONTEXT(.policy = policy,
                                     .max_version = max_version,
                                     .cert = test_leaf(KEY_ECDSA)->cert_pem,
                                     .key = test_leaf(KEY_ECDSA)->key_pem,
                                     .ca = test_ca()->cert_pem));
}

static void check_meeting(const char *client_policy, const char *server_policy,
                          tlstream_version max_version,
                          tlstream_version agreed) {
  tlstream_context *client = with_policy(client_policy, max_version);
  tlstream_context *server = with_policy(server_policy, 0);
  connection both = connect_pairs(client, server, SERVER_NAME);
  CHECK_INT(tlstream_pair_tls_version(both.client), agreed);
  CHECK_INT(tlstream_pair_tls_version(both.server), agreed);
  CHECK_ERROR(error_code(both.server),
              agreed != 0 ? 0 : TLSTREAM_ERR_NO_SHARED_VERSION);
  disconnect_pairs(&both);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
}

TEST(peers_of_all_policies_meet) {
  size_t count = 0;
  const char *const *names = tlstream_policies(&count);
  for (size_t i = 0; i < count * count; i++) {
    const char *client = names[i % count];
    const char *server = names[i / count];
    IN_CASE("%s and %s", client, server);
    check_meeting(client, server, 0, TLSTREAM_TLS_1_3);
  }
  check_meeting("2026-11", "2026-11", TLSTREAM_TLS_1_2, TLSTREAM_TLS_1_2);
  check_meeting("default", "modern", TLSTREAM_TLS_1_2, 0);
}

TEST(lists_choose_within_a_policy) {
  const char *text = described(
      TLSTREAM_CONTEXT(.policy = "2026-11", .min_version = TLSTREAM_TLS_1_3,
                       .ciphersuites = "TLS_AES_128_GCM_SHA256",
                       .groups = "secp384r1:P-256",
                       .signature_algorithms = "ECDSA+SHA256:RSA-PSS+SHA256"));
  CHECK_HAS(text,
            "\"minVersion\":\"TLSv1.3\",\"maxVersion\":\"TLSv1.3\","
            "\"securityLevel\":2,\"ciphers\":[\"TLS_AES_128_GCM_SHA256\"],"
            "\"groups\":[\"P-384\",\"P-256\"],\"signatureAlgorithms\":["
            "\"ecdsa_secp256r1_sha256\",");
  text = described(
      TLSTREAM_CONTEXT(.policy = "2026-11", .max_version = TLSTREAM_TLS_1_2,
                       .ciphers = "ECDHE+AES128:!ECDSA:!aSHA1:!SHA1:!SHA256:"
                                  "ECDHE-RSA-AES128-GCM-SHA256"));
  CHECK_HAS(text, "\"ciphers\":[\"ECDHE-RSA-AES128-GCM-SHA256\"]");
}

static void check_outside(const tlstream_context_options *options, int code,
                          const char *words) {
  tlstream_context_options free_ones = *options;
  check_no_context(options, code, words);
  if (code != TLSTREAM_ERR_BAD_CIPHERS) return;
  free_ones.policy = "default"; /* where it is good */
  tlstream_context_unref(context_of(&free_ones));
}

TEST(lists_add_nothing_to_a_policy) {
  int code = TLSTREAM_ERR_BAD_CIPHERS;
  check_outside(
      TLSTREAM_CONTEXT(.policy = "2026-11",
                       .ciphers = "ECDHE+AESGCM:ECDHE-RSA-AES128-SHA256"),
      code,
      "ciphers: \"ECDHE-RSA-AES128-SHA256\" is not in the policy \"2026-11\"");
  check_outside(TLSTREAM_CONTEXT(.policy = "modern",
                                 .ciphersuites = "TLS_AES_128_CCM_SHA256"),
                code,
                "ciphersuites: \"TLS_AES_128_CCM_SHA256\" is not in the policy "
                "\"modern\"");
  check_outside(TLSTREAM_CONTEXT(.policy = "modern", .groups = "P-256:X448"),
                code, "groups: \"X448\" is not in the policy \"modern\"");
  check_outside(
      TLSTREAM_CONTEXT(.policy = "2026-11", .groups = "P-256:ffdhe2048"), code,
      "groups: \"ffdhe2048\" is not");
  check_outside(
      TLSTREAM_CONTEXT(.policy = "2026-11",
                       .signature_algorithms = "ECDSA+SHA256:ECDSA+SHA224"),
      code, "signature_algorithms: \"ecdsa_sha224\" is not");
  check_outside(
      TLSTREAM_CONTEXT(.policy = "modern", .max_version = TLSTREAM_TLS_1_2),
      TLSTREAM_ERR_BAD_VERSIONS, "the policy \"modern\" has TLSv1.3 only");
  check_outside(
      TLSTREAM_CONTEXT(.policy = "modern", .min_version = TLSTREAM_TLS_1_2),
      TLSTREAM_ERR_BAD_VERSIONS, "the policy \"modern\" has TLSv1.3 only");
}

TEST(a_parent_has_the_policy) {
  tlstream_context *parent = context_of(TLSTREAM_CONTEXT(.policy = "modern"));
  check_no_context(TLSTREAM_CONTEXT(.parent = parent, .policy = "modern"),
                   TLSTREAM_ERR_INVALID_ARGUMENT,
                   "policy: the `parent` has it");
  check_no_context(TLSTREAM_CONTEXT(.parent = parent, .security_level = 3),
                   TLSTREAM_ERR_INVALID_ARGUMENT,
                   "security_level: the `parent` has it");
  const char *text = described(
      TLSTREAM_CONTEXT(.parent = parent, .npn = TLSTREAM_PROTOCOLS("a", "b"),
                       .alpn = TLSTREAM_PROTOCOLS("h2", "\"\xff"),
                       .prefer_client_order = true, .max_send_fragment = 700));
  CHECK_HAS(text, "{\"policy\":\"modern\",\"minVersion\":\"TLSv1.3\",");
  CHECK_HAS(
      text,
      "\"alpnProtocols\":[\"h2\",\"\\\"\\ufffd\"],\"npnProtocols\":"
      "[\"a\",\"b\"],\"preferClientOrder\":true,\"maxSendFragment\":700}");
  tlstream_context_unref(parent);
}

TEST(a_security_level_can_only_be_raised) {
  static const int bad[] = {-1, 1, 6, 100};
  EACH_ROW(i, bad) {
    check_no_context(TLSTREAM_CONTEXT(.security_level = bad[i]),
                     TLSTREAM_ERR_INVALID_ARGUMENT,
                     "security_level: it is a number from 2 to 5");
  }
  CHECK_HAS(described(NULL), "\"securityLevel\":2,");
  const char *text = described(TLSTREAM_CONTEXT(.security_level = 4));
  CHECK_HAS(text, "\"securityLevel\":4,");
  CHECK(!has(text, "AES_128") && !has(text, "AES128"));
  CHECK(!has(text, "\"X25519\"") && !has(text, "P-256"));
  CHECK_HAS(text, "\"P-384\"");
}

/* A key of P-256 has 128 bits. */
TEST(a_security_level_holds_for_our_own_certificate) {
  tlstream_context_options options = {
      .cert = test_leaf(KEY_ECDSA)->cert_pem,
      .key = test_leaf(KEY_ECDSA)->key_pem,
      .security_level = 3,
  };
  tlstream_context_unref(context_of(&options));
  options.security_level = 4;
  check_no_context(&options, TLSTREAM_ERR_WEAK_KEY,
                   "is weaker than the 192 bits of `security_level`");
}

TEST(a_security_level_holds_for_the_peer_s_certificate) {
  tlstream_context *server = with_policy(NULL, 0);
  for (int level = 3; level <= 4; level++) {
    tlstream_context *client = context_of(
        TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem, .security_level = level));
    connection both = connect_pairs(client, server, SERVER_NAME);
    CHECK_INT(tlstream_pair_is_secure(both.client), level == 3);
    disconnect_pairs(&both);
    tlstream_context_unref(client);
  }
  tlstream_context_unref(server);
}

TEST(a_security_level_that_nothing_fits_is_an_error) {
  check_no_context(
      TLSTREAM_CONTEXT(.security_level = 4, .groups = "X25519:P-256"),
      TLSTREAM_ERR_BAD_CIPHERS, "strong enough for security_level");
  check_no_context(TLSTREAM_CONTEXT(.security_level = 4,
                                    .ciphersuites = "TLS_AES_128_GCM_SHA256"),
                   TLSTREAM_ERR_BAD_CIPHERS, "strong enough");
}

/* Where a server prefers AES-256 and its client AES-128. */
static const char *suite_with(const char *client_order, bool prefer_client,
                              tlstream_version version) {
  static char name[64];
  bool is_new = version == TLSTREAM_TLS_1_3;
  tlstream_context *server =
      context_of(TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                                  .key = test_leaf(KEY_ECDSA)->key_pem,
                                  .prefer_client_order = prefer_client));
  tlstream_context *client = context_of(
      TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem, .max_version = version,
                       .ciphersuites = is_new ? client_order : NULL,
                       .ciphers = is_new ? NULL : client_order));
  connection both = connect_pairs(client, server, SERVER_NAME);
  const char *got = tlstream_pair_cipher(both.client);
  snprintf(name, sizeof(name), "%s", got != NULL ? got : "none");
  disconnect_pairs(&both);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
  return name;
}

TEST(a_server_s_order_counts_unless_it_prefers_the_client_s) {
#define OLD "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384"
#define NEW "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384"
  CHECK_STR(suite_with(OLD, false, TLSTREAM_TLS_1_2),
            "ECDHE-ECDSA-AES256-GCM-SHA384");
  CHECK_STR(suite_with(OLD, true, TLSTREAM_TLS_1_2),
            "ECDHE-ECDSA-AES128-GCM-SHA256");
  CHECK_STR(suite_with(NEW, false, TLSTREAM_TLS_1_3), "TLS_AES_256_GCM_SHA384");
  CHECK_STR(suite_with(NEW, true, TLSTREAM_TLS_1_3), "TLS_AES_128_GCM_SHA256");
}

/* A client whose first choice is ChaCha20 has no AES in hardware. */
TEST(a_client_that_prefers_chacha_gets_it) {
  CHECK_STR(
      suite_with("ECDHE-ECDSA-CHACHA20-POLY1305:" OLD, false, TLSTREAM_TLS_1_2),
      "ECDHE-ECDSA-CHACHA20-POLY1305");
  CHECK_STR(
      suite_with("TLS_CHACHA20_POLY1305_SHA256:" NEW, false, TLSTREAM_TLS_1_3),
      "TLS_CHACHA20_POLY1305_SHA256");
  CHECK_STR(
      suite_with(NEW ":TLS_CHACHA20_POLY1305_SHA256", false, TLSTREAM_TLS_1_3),
      "TLS_AES_256_GCM_SHA384");
}

TEST(a_fragment_has_bounds) {
  static const size_t bad[] = {1, 511, 16385, SIZE_MAX};
  EACH_ROW(i, bad) {
    check_no_context(TLSTREAM_CONTEXT(.max_send_fragment = bad[i]),
                     TLSTREAM_ERR_INVALID_ARGUMENT,
                     "max_send_fragment: it is a number from 512 to 16384");
  }
}

static void make_and_describe(void *unused) {
  (void)unused;
  tlstream_error error;
  tlstream_context *context = tlstream_context_new(
      TLSTREAM_CONTEXT(.policy = "modern", .groups = "P-256",
                       .ca = test_ca()->cert_pem),
      &error);
  char *json = context != NULL ? tlstream_context_json(context) : NULL;
  CHECK(context != NULL || error.code == TLSTREAM_ERR_NO_MEMORY ||
        error.code == TLSTREAM_ERR_BAD_CIPHERS);
  CHECK(json != NULL || torture_struck());
  tlstream_free(json);
  tlstream_context_unref(context);
}

TEST(without_memory_it_is_an_error_and_never_a_weaker_policy) {
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, make_and_describe, NULL),
           5);
}
