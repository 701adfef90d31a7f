/* SPDX-License-Identifier: MIT */
/* An identity whose key is elsewhere: all kinds of keys, signers that fail, and
 * when one is released. */
#include <tlstream/pair_info.h>

#include "support/connect.h"
#include "support/peers.h"
#include "support/signer.h"
#include "support/test.h"
#include "support/torture.h"

static tlstream_context *trusting_context(const char *signatures,
                                          tlstream_version version) {
  return context_of(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem,
                                     .signature_algorithms = signatures,
                                     .max_version = version));
}

/* An identity is copied with all that it points to. */
static tlstream_context *signing_context(const test_signer *signer) {
  tlstream_signer own = signer->as;
  own.never_waits = true;
  tlstream_identity identity = {.cert = signer->own->cert_pem, .signer = &own};
  return context_of(TLSTREAM_CONTEXT(.identities = &identity,
                                     .identity_count = 1,
                                     .ca = test_ca()->cert_pem));
}

static const struct {
  const char *kind;
  const char *signatures;
  const char *name;
  unsigned bits;
  tlstream_signature_scheme scheme;
  bool only_1_2;
} kinds[] = {
    {"EC", "ecdsa_secp256r1_sha256", "ecdsa_secp256r1_sha256", 0,
     TLSTREAM_SIGN_ECDSA_SHA256, false},
    {"P-384", "ecdsa_secp384r1_sha384", "ecdsa_secp384r1_sha384", 0,
     TLSTREAM_SIGN_ECDSA_SHA384, false},
    {"P-521", "ecdsa_secp521r1_sha512", "ecdsa_secp521r1_sha512", 0,
     TLSTREAM_SIGN_ECDSA_SHA512, false},
    {"RSA", "rsa_pss_rsae_sha256", "rsa_pss_rsae_sha256", 2048,
     TLSTREAM_SIGN_RSA_PSS_SHA256, false},
    {"RSA", "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha384", 2048,
     TLSTREAM_SIGN_RSA_PSS_SHA384, false},
    {"RSA", "rsa_pss_rsae_sha512", "rsa_pss_rsae_sha512", 2048,
     TLSTREAM_SIGN_RSA_PSS_SHA512, false},
    {"RSA", "RSA+SHA256", "rsa_pkcs1_sha256", 2048,
     TLSTREAM_SIGN_RSA_PKCS1_SHA256, true},
    {"RSA", "RSA+SHA384", "rsa_pkcs1_sha384", 2048,
     TLSTREAM_SIGN_RSA_PKCS1_SHA384, true},
    {"RSA", "RSA+SHA512", "rsa_pkcs1_sha512", 2048,
     TLSTREAM_SIGN_RSA_PKCS1_SHA512, true},
    {"ED25519", "ed25519", "ed25519", 0, TLSTREAM_SIGN_ED25519, false},
};

static void meet(size_t i, const made_cert *leaf, tlstream_version version) {
  test_signer signer;
  test_signer_init(&signer, leaf);
  tlstream_context *client = trusting_context(kinds[i].signatures, version);
  tlstream_context *server = signing_context(&signer);
  connection met = connect_pairs(client, server, SERVER_NAME);
  CHECK_STR(error_text(met.server), "");
  CHECK(tlstream_pair_authorized(met.client));
  CHECK_INT(signer.asked, 1);
  CHECK_INT(signer.odd, 0);
  CHECK_INT(signer.scheme, kinds[i].scheme);
  CHECK_STR(signer.scheme_name, kinds[i].name);
  CHECK_INT(signer.timeout_ms, 10000);
  disconnect_pairs(&met);
  tlstream_context_unref(client);
  CHECK_INT(signer.released, 0);
  tlstream_context_unref(server);
  CHECK_INT(signer.released, 1);
}

TEST(a_server_signs_by_its_signer) {
  EACH_ROW_NAMED(i, kinds, name) {
    made_cert leaf = make_cert(&(cert_plan){.name = SERVER_NAME,
                                            .by = test_ca(),
                                            .kind = kinds[i].kind,
                                            .bits = kinds[i].bits});
    meet(i, &leaf, TLSTREAM_TLS_1_2);
    if (!kinds[i].only_1_2) meet(i, &leaf, TLSTREAM_TLS_1_3);
    made_cert_clear(&leaf);
  }
}

static void client_signs(tlstream_version version, tlstream_role unused) {
  test_signer signer;
  config terms = {.version = version, .mutual = true};
  (void)unused;
  test_signer_init(&signer, test_leaf(KEY_RSA));
  tlstream_context *client = signing_context(&signer);
  tlstream_context *server = config_context(&terms, TLSTREAM_ROLE_SERVER);
  connection met = connect_pairs(client, server, SERVER_NAME);
  CHECK(tlstream_pair_authorized(met.client));
  CHECK(tlstream_pair_authorized(met.server));
  CHECK_INT(tlstream_pair_tls_version(met.client), version);
  CHECK_INT(signer.asked, 1);
  disconnect_pairs(&met);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
}

TEST(a_client_signs_by_its_signer) {
  each_side(client_signs);
}

static const struct {
  const char *words;
  signer_fault fault;
  int system;
} faults[] = {
    {"is not a signature by the certificate's key", SIGNS_WRONG, 0},
    {"is not a signature by the certificate's key", SIGNS_CUT, 0},
    {"a length that no signature of its key has", SIGNS_NOTHING, 0},
    {"a length that no signature of its key has", SIGNS_TOO_MUCH, 0},
    {"it returned -5", REFUSES, -5},
};

/* What the peer got of us is an alert, and no byte of the signature. */
static void check_fault(size_t i, key_kind kind, tlstream_version version) {
  test_signer signer;
  test_signer_init(&signer, test_leaf(kind));
  signer.fault = faults[i].fault;
  tlstream_context *client = trusting_context(NULL, version);
  tlstream_context *server = signing_context(&signer);
  connection met = connect_pairs(client, server, SERVER_NAME);
  const tlstream_error *error = tlstream_pair_error(met.server);
  CHECK_ERROR(error_code(met.server), TLSTREAM_ERR_SIGNER_FAILED);
  CHECK_HAS(error_text(met.server), faults[i].words);
  CHECK_ERROR(error_code(met.client), TLSTREAM_ERR_ALERT);
  CHECK_HAS(error_text(met.client), "internal_error");
  if (error != NULL) {
    CHECK_INT(error->system, faults[i].system);
    CHECK_INT(error->alert, 80);
    CHECK_INT(error->alert_side, TLSTREAM_ALERT_OURS);
  }
  disconnect_pairs(&met);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
}

TEST(a_signer_that_fails_is_reported) {
  EACH_ROW_NAMED(i, faults, words) {
    check_fault(i, KEY_ECDSA, TLSTREAM_TLS_1_2);
    check_fault(i, KEY_ECDSA, TLSTREAM_TLS_1_3);
    check_fault(i, KEY_RSA, TLSTREAM_TLS_1_2);
    check_fault(i, KEY_RSA, TLSTREAM_TLS_1_3);
  }
}

/* The signature is one of another key of the same kind. */
TEST(a_signer_with_another_key_is_found_out) {
  test_signer signer;
  made_cert other = make_cert(&(cert_plan){.name = SERVER_NAME});
  made_cert mixed = {.key = other.key,
                     .cert_pem = test_leaf(KEY_ECDSA)->cert_pem};
  test_signer_init(&signer, &mixed);
  tlstream_context *client = trusting_context(NULL, 0);
  tlstream_context *server = signing_context(&signer);
  connection met = connect_pairs(client, server, SERVER_NAME);
  CHECK_ERROR(error_code(met.server), TLSTREAM_ERR_SIGNER_FAILED);
  disconnect_pairs(&met);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
  made_cert_clear(&other);
}

TEST(signers_stand_beside_keys) {
  test_signer signer;
  test_signer_init(&signer, test_leaf(KEY_RSA));
  signer.as.never_waits = true;
  tlstream_identity identity = {.cert = signer.own->cert_pem,
                                .signer = &signer.as};
  tlstream_context *server = context_of(
      TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                       .key = test_leaf(KEY_ECDSA)->key_pem,
                       .identities = &identity, .identity_count = 1));
  static const char *const takes[] = {"ECDSA+SHA256",
                                      "rsa_pss_rsae_sha256:ECDSA+SHA256"};
  EACH_TEXT(i, takes) {
    tlstream_context *client = trusting_context(takes[i], 0);
    connection met = connect_pairs(client, server, SERVER_NAME);
    CHECK(tlstream_pair_authorized(met.client));
    disconnect_pairs(&met);
    tlstream_context_unref(client);
  }
  CHECK_INT(signer.asked, 0); /* ECDSA is what costs least */
  tlstream_context *client =
      context_of(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem,
                                  .ciphers = "ECDHE-RSA-AES128-GCM-SHA256",
                                  .max_version = TLSTREAM_TLS_1_2));
  connection met = connect_pairs(client, server, SERVER_NAME);
  CHECK(tlstream_pair_authorized(met.client));
  CHECK_INT(signer.asked, 1);
  disconnect_pairs(&met);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
}

/* With NPN a derived context has an SSL_CTX of its own. */
TEST(derived_contexts_share_a_signer) {
  static const tlstream_protocols none = {0};
  const tlstream_protocols npn = {.wire = {"\3foo", 4}};
  const tlstream_protocols *lists[] = {&none, &npn};
  EACH_ROW(i, lists) {
    test_signer signer;
    test_signer_init(&signer, test_leaf(KEY_ECDSA));
    tlstream_context *parent = signing_context(&signer);
    tlstream_context *server =
        context_of(TLSTREAM_CONTEXT(.parent = parent, .npn = *lists[i]));
    tlstream_context *client = trusting_context(NULL, 0);
    tlstream_context_unref(parent);
    connection met = connect_pairs(client, server, SERVER_NAME);
    CHECK(tlstream_pair_authorized(met.client));
    CHECK_INT(signer.asked, 1);
    CHECK_INT(signer.released, 0);
    disconnect_pairs(&met);
    tlstream_context_unref(client);
    tlstream_context_unref(server);
    CHECK_INT(signer.released, 1);
  }
}

TEST(an_identity_has_one_key) {
  test_signer signer;
  const made_cert *leaf = test_leaf(KEY_ECDSA);
  test_signer_init(&signer, leaf);
  const tlstream_signer empty = {0};
  const struct {
    tlstream_identity identity;
    const char *words;
  } table[] = {
      {{.cert = leaf->cert_pem, .key = leaf->key_pem, .signer = &signer.as},
       "an identity has one key"},
      {{.cert = leaf->cert_pem, .key_uri = "file:a", .signer = &signer.as},
       "an identity has one key"},
      {{.cert = leaf->cert_pem, .key = leaf->key_pem, .key_uri = "file:a"},
       "an identity has one key"},
      {{.signer = &signer.as}, "a key needs its certificate"},
      {{.key_uri = "file:a"}, "a key needs its certificate"},
      {{.cert = leaf->cert_pem}, "a certificate needs its key"},
      {{.cert = leaf->cert_pem, .signer = &empty}, "it has no `sign`"},
  };
  EACH_ROW_NAMED(i, table, words) {
    check_no_context(
        TLSTREAM_CONTEXT(.identities = &table[i].identity, .identity_count = 1),
        TLSTREAM_ERR_INVALID_ARGUMENT, table[i].words);
  }
  CHECK_INT(signer.released, 0);
}

TEST(a_key_of_another_kind_is_refused) {
  test_signer signer;
  made_cert odd = make_cert(&(cert_plan){.name = "a.test", .kind = "RSA-PSS"});
  test_signer_init(&signer, &odd);
  tlstream_identity identity = {.cert = odd.cert_pem, .signer = &signer.as};
  check_no_context(
      TLSTREAM_CONTEXT(.identities = &identity, .identity_count = 1),
      TLSTREAM_ERR_BAD_KEY, "a signer cannot have a key of this kind");
  CHECK_INT(signer.released, 0);
  made_cert_clear(&odd);
}

/* A context that could not be made leaves the signer to its owner. */
TEST(what_fails_later_releases_nothing) {
  test_signer signer;
  test_signer_init(&signer, test_leaf(KEY_ECDSA));
  tlstream_identity identity = {.cert = signer.own->cert_pem,
                                .signer = &signer.as};
  check_no_context(TLSTREAM_CONTEXT(.identities = &identity,
                                    .identity_count = 1, .ca = {"nothing", 7}),
                   TLSTREAM_ERR_BAD_CERTIFICATE, "ca");
  CHECK_INT(signer.released, 0);
}

static void make_and_use(void *data) {
  test_signer *signer = data;
  tlstream_error error = {0};
  unsigned before = signer->released;
  tlstream_signer own = signer->as;
  own.never_waits = true;
  tlstream_identity identity = {.cert = signer->own->cert_pem, .signer = &own};
  tlstream_context *context = tlstream_context_new(
      TLSTREAM_CONTEXT(.identities = &identity, .identity_count = 1), &error);
  if (context == NULL) CHECK_ERROR(error.code, TLSTREAM_ERR_NO_MEMORY);
  bool made = context != NULL;
  tlstream_context_unref(context);
  CHECK_INT(signer->released, before + made);
}

TEST(memory_may_run_out) {
  test_signer signer;
  test_signer_init(&signer, test_leaf(KEY_ECDSA));
  torture_install();
  make_and_use(&signer); /* what is made once for the process */
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, make_and_use, &signer),
           3);
  CHECK_GT(
      torture_each(TORTURE_LIBRARY, TORTURE_FOREVER, make_and_use, &signer), 3);
}
