/* SPDX-License-Identifier: MIT */
/* What was agreed on, by what was signed, when, and how much moved. */
#include <openssl/ssl.h>

#include <tlstream/memory.h>
#include <tlstream/pair_counts.h>
#include <tlstream/pair_info.h>

#include "support/handshake.h"
#include "support/shuttle.h"
#include "support/test.h"
#include "support/torture.h"

BEFORE_TESTS(set_up) {
  torture_install();
}

static bool has_ml_kem(void) {
  return OpenSSL_version_num() >= 0x30500000L;
}

static tlstream_context *context_for(const config *terms, const char *groups) {
  return context_of(
      TLSTREAM_CONTEXT(.cert = test_leaf(terms->key)->cert_pem,
                       .key = test_leaf(terms->key)->key_pem,
                       .ca = test_ca()->cert_pem, .max_version = terms->version,
                       .groups = groups, .request_certificate = terms->mutual));
}

static peers meet(const config *terms, const char *groups) {
  tlstream_context *context = context_for(terms, groups);
  peers both = shake(client_with(context, NULL), server_with(context, false));
  tlstream_context_unref(context);
  return both;
}

static void check_group(tlstream_version version, const char *groups,
                        const char *name, int bits) {
  bool is_new = version == TLSTREAM_TLS_1_3;
  config terms = {.version = version, .key = KEY_RSA};
  IN_CASE("%s, %s", tlstream_version_name(version), groups);
  peers both = meet(&terms, groups);
  CHECK_STR(tlstream_pair_group(both.side[0]), name);
  CHECK_STR(tlstream_pair_group(both.side[1]), name);
  CHECK_INT(tlstream_pair_ephemeral_key_bits(both.side[0]), bits);
  CHECK_INT(tlstream_pair_ephemeral_key_bits(both.side[1]), is_new ? bits : 0);
  peers_free(&both);
}

TEST(the_group_is_known) {
  static const tlstream_version versions[] = {TLSTREAM_TLS_1_2,
                                              TLSTREAM_TLS_1_3};
  EACH_ROW(i, versions) {
    check_group(versions[i], "X25519", "X25519", 253);
    check_group(versions[i], "prime256v1", "P-256", 256);
    check_group(versions[i], "secp384r1", "P-384", 384);
    check_group(versions[i], "P-521", "P-521", 521);
    check_group(versions[i], "X448", "X448", 448);
  }
  check_group(TLSTREAM_TLS_1_3, "ffdhe2048", "ffdhe2048", 2048);
}

/* The hybrid of ML-KEM is the first choice of every policy, since OpenSSL 3.5.
 */
TEST(post_quantum_groups_are_agreed_on) {
  const char *first = has_ml_kem() ? "X25519MLKEM768" : "X25519";
  size_t count = 0;
  const char *const *names = tlstream_policies(&count);
  for (size_t i = 0; i < count; i++) {
    IN_CASE("%s", names[i]);
    tlstream_context *context = context_of(
        TLSTREAM_CONTEXT(.policy = names[i], .ca = test_ca()->cert_pem,
                         .cert = test_leaf(KEY_ECDSA)->cert_pem,
                         .key = test_leaf(KEY_ECDSA)->key_pem));
    connection both = connect_pairs(context, context, SERVER_NAME);
    CHECK_STR(tlstream_pair_group(both.client), first);
    CHECK_STR(tlstream_pair_group(both.server), first);
    disconnect_pairs(&both);
    tlstream_context_unref(context);
  }
}

/* Both certificates are of one kind, and the client's is asked for or not. */
static void check_schemes(const config *terms, const char *scheme) {
  peers both = meet(terms, NULL);
  const tlstream_pair *client = both.side[TLSTREAM_ROLE_CLIENT];
  const tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  CHECK(tlstream_pair_is_secure(client) && tlstream_pair_is_secure(server));
  CHECK_STR(tlstream_pair_peer_signature_scheme(client), scheme);
  CHECK_STR(tlstream_pair_own_signature_scheme(server), scheme);
  CHECK_STR(tlstream_pair_own_signature_scheme(client),
            terms->mutual ? scheme : NULL);
  CHECK_STR(tlstream_pair_peer_signature_scheme(server),
            terms->mutual ? scheme : NULL);
  peers_free(&both);
}

TEST(the_schemes_of_both_signatures_are_known) {
  for (int i = 0; i < 8; i++) {
    config terms = {
        .version = i % 2 == 0 ? TLSTREAM_TLS_1_2 : TLSTREAM_TLS_1_3,
        .key = i / 2 % 2 == 0 ? KEY_ECDSA : KEY_RSA,
        .mutual = i >= 4,
    };
    IN_CASE("case %d", i);
    check_schemes(&terms, terms.key == KEY_ECDSA ? "ecdsa_secp256r1_sha256"
                                                 : "rsa_pss_rsae_sha256");
  }
}

static void check_scheme_of(const char *kind, const char *suites,
                            tlstream_version version, const char *algorithms,
                            const char *scheme) {
  IN_CASE("%s", scheme);
  made_cert leaf = make_cert(
      &(cert_plan){.name = SERVER_NAME, .by = test_ca(), .kind = kind});
  tlstream_context *context = context_of(
      TLSTREAM_CONTEXT(.cert = leaf.cert_pem, .key = leaf.key_pem,
                       .max_version = version, .ca = test_ca()->cert_pem,
                       .ciphers = suites,
                       .groups = suites != NULL ? "ffdhe2048:P-256" : NULL,
                       .signature_algorithms = algorithms));
  peers both = shake(client_with(context, NULL), server_with(context, false));
  CHECK_STR(tlstream_pair_peer_signature_scheme(both.side[0]), scheme);
  CHECK_STR(tlstream_pair_own_signature_scheme(both.side[1]), scheme);
  peers_free(&both);
  tlstream_context_unref(context);
  made_cert_clear(&leaf);
}

TEST(schemes_that_share_hash_and_key_are_told_apart) {
  for (int i = 0; i < 2; i++) {
    tlstream_version version = i == 0 ? TLSTREAM_TLS_1_2 : TLSTREAM_TLS_1_3;
    check_scheme_of("RSA-PSS", NULL, version, NULL, "rsa_pss_pss_sha256");
    check_scheme_of("ED25519", NULL, version, NULL, "ed25519");
    check_scheme_of("RSA", NULL, version,
                    "rsa_pss_rsae_sha512:ecdsa_secp256r1_sha256",
                    "rsa_pss_rsae_sha512");
  }
  check_scheme_of("RSA", NULL, TLSTREAM_TLS_1_2,
                  "rsa_pkcs1_sha384:ecdsa_secp256r1_sha256",
                  "rsa_pkcs1_sha384");
  check_scheme_of("RSA", "DHE+AESGCM", TLSTREAM_TLS_1_2, NULL,
                  "rsa_pss_rsae_sha256");
}

static void check_shared(const tlstream_pair *pair, const char *want) {
  char *got = tlstream_pair_shared_signature_schemes(pair);
  CHECK_STR(got, want);
  tlstream_free(got);
}

TEST(the_shared_schemes_are_listed) {
  static const char ours[] =
      "rsa_pss_rsae_sha256:ecdsa_secp256r1_sha256:ed25519";
  tlstream_context *server =
      context_of(TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                                  .key = test_leaf(KEY_ECDSA)->key_pem,
                                  .signature_algorithms = ours));
  tlstream_context *client = context_of(
      TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem,
                       .signature_algorithms =
                           "ed448:ecdsa_secp256r1_sha256:rsa_pss_rsae_sha256"));
  peers both = shake(client_with(client, NULL), server_with(server, false));
  check_shared(both.side[1], "rsa_pss_rsae_sha256:ecdsa_secp256r1_sha256");
  check_shared(both.side[0], "");
  peers_free(&both);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
}

static void ask_for_shared(void *pair) {
  char *got = tlstream_pair_shared_signature_schemes(pair);
  CHECK(got != NULL || torture_struck());
  tlstream_free(got);
}

TEST(without_memory_there_is_no_list) {
  config terms = {.version = TLSTREAM_TLS_1_3};
  peers both = peers_secure(&terms);
  CHECK_GT(
      torture_each(TORTURE_LIBRARY, TORTURE_ONCE, ask_for_shared, both.side[1]),
      1);
  peers_free(&both);
}

TEST(before_the_handshake_nothing_is_known) {
  config terms = {0};
  peers both = peers_new(&terms);
  for (int i = 0; i < 2; i++) {
    const tlstream_pair *pair = both.side[i];
    CHECK(tlstream_pair_group(pair) == NULL);
    CHECK_INT(tlstream_pair_ephemeral_key_bits(pair), 0);
    CHECK(tlstream_pair_own_signature_scheme(pair) == NULL);
    CHECK(tlstream_pair_peer_signature_scheme(pair) == NULL);
    check_shared(pair, "");
    CHECK_INT(tlstream_pair_made_at(pair), 0);
    CHECK(tlstream_pair_handshake_began_at(pair) == TLSTREAM_NEVER);
    CHECK(tlstream_pair_hello_at(pair) == TLSTREAM_NEVER);
    CHECK(tlstream_pair_secure_at(pair) == TLSTREAM_NEVER);
    CHECK_INT(tlstream_pair_encrypted_bytes_read(pair), 0);
    CHECK_INT(tlstream_pair_encrypted_bytes_written(pair), 0);
  }
  peers_free(&both);
}

/* The clock moves between any two steps. */
TEST(each_phase_has_its_time) {
  config terms = {.version = TLSTREAM_TLS_1_3};
  peers both = peers_new(&terms);
  tlstream_pair *client = both.side[TLSTREAM_ROLE_CLIENT];
  tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  tlstream_pair_tick(client, 10);
  CHECK_ERROR(tlstream_pair_start(client), 0);
  tlstream_pair_tick(server, 20);
  CHECK_ERROR(tlstream_pair_start(server), 0);
  unsigned char hello[4096];
  size_t len = tlstream_pair_drain(client, hello, sizeof(hello));
  CHECK_INT(tlstream_pair_feed(server, hello, len - 1), len - 1);
  CHECK(tlstream_pair_hello_at(server) == TLSTREAM_NEVER);
  tlstream_pair_tick(server, 30);
  CHECK_INT(tlstream_pair_feed(server, hello + len - 1, 1), 1);
  tlstream_pair_tick(client, 40);
  tlstream_pair_tick(server, 50);
  shuttle(client, server, SIZE_MAX);
  tlstream_pair_tick(client, 60);
  tlstream_pair_tick(server, 60);
  CHECK_INT(tlstream_pair_handshake_began_at(client), 10);
  CHECK_INT(tlstream_pair_secure_at(client), 40);
  CHECK(tlstream_pair_hello_at(client) == TLSTREAM_NEVER);
  CHECK_INT(tlstream_pair_handshake_began_at(server), 20);
  CHECK_INT(tlstream_pair_hello_at(server), 30);
  CHECK_INT(tlstream_pair_secure_at(server), 50);
  peers_free(&both);
}

/* One side's output is the other's input, and cleartext is less. */
TEST(bytes_are_counted) {
  static unsigned char plain[5000];
  config terms = {.version = TLSTREAM_TLS_1_3};
  peers both = peers_secure(&terms);
  tlstream_pair *client = both.side[TLSTREAM_ROLE_CLIENT];
  tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
  pattern_fill(plain, 0, sizeof(plain));
  CHECK_INT(tlstream_pair_write(client, plain, sizeof(plain)), sizeof(plain));
  CHECK_INT(tlstream_pair_bytes_written(client), sizeof(plain));
  CHECK_INT(tlstream_pair_bytes_read(server), 0);
  shuttle(client, server, 100);
  CHECK_INT(pattern_read(server, 0), sizeof(plain));
  CHECK_INT(tlstream_pair_bytes_read(server), sizeof(plain));
  CHECK_INT(tlstream_pair_bytes_written(server), 0);
  for (int i = 0; i < 2; i++) {
    uint64_t sent = tlstream_pair_encrypted_bytes_written(both.side[i]);
    CHECK_GT(sent, i == 0 ? sizeof(plain) : 500);
    CHECK_INT(tlstream_pair_encrypted_bytes_read(both.side[1 - i]), sent);
  }
  CHECK_LT(tlstream_pair_encrypted_bytes_written(server), 3000);
  peers_free(&both);
}
