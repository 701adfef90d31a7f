/* SPDX-License-Identifier: MIT */
/* What a peer's certificates may cost: time and memory have a bound, whatever
 * is in them (A17, A18), and nothing of a connection is left behind (A19). */
#include <time.h>

#include <openssl/err.h>

#include <tlstream/pair_info.h>

#include "support/chain.h"
#include "support/odd_cert.h"
#include "support/peers.h"
#include "support/torture.h"

static made_cert root;

BEFORE_TESTS(make_root) {
  torture_install_openssl();
  root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
}

AFTER_TESTS(drop_root) {
  made_cert_clear(&root);
}

static void sign_again(const made_cert *leaf, const made_cert *by) {
  CHECK_GT(X509_sign(leaf->cert, by->key, EVP_sha256()), 0);
}

static GENERAL_NAMES *many_names(int count) {
  char name[64];
  GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
  for (int i = 0; i < count; i++) {
    int len = snprintf(name, sizeof(name), "host-%05d.a.test", i);
    add_name(names, GEN_DNS, name, (size_t)len);
  }
  return names;
}

static made_cert leaf_of_many_names(const made_cert *by, int count) {
  made_cert leaf =
      make_cert(&(cert_plan){.name = "a", .by = by, .no_name = true});
  set_names(leaf.cert, many_names(count));
  sign_again(&leaf, by);
  return leaf;
}

static made_cert leaf_with_a_long_serial(size_t len) {
  made_cert leaf = make_cert(&(cert_plan){.name = "a.test", .by = &root});
  unsigned char *digits = malloc(len);
  memset(digits, 0x5A, len);
  CHECK_INT(ASN1_STRING_set(X509_get_serialNumber(leaf.cert), digits, (int)len),
            1);
  free(digits);
  sign_again(&leaf, &root);
  return leaf;
}

/* Each name is to be compared with each of an authority's limits. */
static made_cert authority_of_many_limits(int count) {
  made_cert made =
      make_cert(&(cert_plan){.name = "Middle", .by = &root, .basic = CERT_CA});
  NAME_CONSTRAINTS *limits = NAME_CONSTRAINTS_new();
  GENERAL_NAMES *names = many_names(count);
  limits->excludedSubtrees = sk_GENERAL_SUBTREE_new_null();
  while (sk_GENERAL_NAME_num(names) > 0) {
    GENERAL_SUBTREE *one = GENERAL_SUBTREE_new();
    GENERAL_NAME_free(one->base);
    one->base = sk_GENERAL_NAME_pop(names);
    sk_GENERAL_SUBTREE_push(limits->excludedSubtrees, one);
  }
  CHECK_INT(X509_add1_ext_i2d(made.cert, NID_name_constraints, limits, 1,
                              X509V3_ADD_APPEND),
            1);
  NAME_CONSTRAINTS_free(limits);
  GENERAL_NAMES_free(names);
  sign_again(&made, &root);
  return made;
}

/* The side that judges is done within a second of CPU time, with this code. */
static void check_bounded(const made_cert *leaf, const made_cert *issuer,
                          const char *host, int want) {
  for (int i = 0; i < 4; i++) {
    tlstream_role role = (tlstream_role)(i % 2);
    tlstream_version version = i < 2 ? TLSTREAM_TLS_1_2 : TLSTREAM_TLS_1_3;
    tlstream_context *judge = judge_of(&root, role, false);
    tlstream_context *other = presenter(leaf, issuer, version);
    clock_t start = clock();
    connection both = role == TLSTREAM_ROLE_CLIENT
                          ? connect_pairs(judge, other, host)
                          : connect_pairs(other, judge, NULL);
    CHECK_LT(clock() - start, CLOCKS_PER_SEC);
    CHECK_ERROR(
        error_code(role == TLSTREAM_ROLE_CLIENT ? both.client : both.server),
        want);
    disconnect_pairs(&both);
    tlstream_context_unref(other);
    tlstream_context_unref(judge);
  }
}

/* A17: what is longer than 100 KB is not even read. (Above 64 KB, a server of
 * OpenSSL's cannot make a ticket of TLS 1.2 with it.) */
TEST(a_certificate_of_many_names_costs_little) {
  made_cert leaf = leaf_of_many_names(&root, 3000);
  check_bounded(&leaf, NULL, "host-02999.a.test", 0);
  made_cert_clear(&leaf);
  leaf = leaf_of_many_names(&root, 10000);
  check_bounded(&leaf, NULL, "host-00000.a.test", TLSTREAM_ERR_PROTOCOL);
  made_cert_clear(&leaf);
}

/* A17 */
TEST(a_serial_of_sixty_kilobytes_costs_little) {
  made_cert leaf = leaf_with_a_long_serial(60000);
  check_bounded(&leaf, NULL, "a.test", 0);
  made_cert_clear(&leaf);
}

/* A17: limbo's "nc-dos". OpenSSL counts the comparisons, and has enough of
 * them at some point. */
TEST(limits_times_names_cost_little) {
  made_cert middle = authority_of_many_limits(2000);
  made_cert leaf = leaf_of_many_names(&middle, 1500);
  check_bounded(&leaf, &middle, "host-00000.a.test", TLSTREAM_ERR_UNTRUSTED);
  made_cert_clear(&leaf);
  made_cert_clear(&middle);
}

/* An authority with a key on an unknown curve. */
static made_cert authority_with_an_odd_key(void) {
  made_cert made =
      make_cert(&(cert_plan){.name = "Middle", .by = &root, .basic = CERT_CA});
  unsigned char *bytes = OPENSSL_zalloc(4);
  CHECK_INT(X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(made.cert),
                                   OBJ_nid2obj(NID_X9_62_id_ecPublicKey),
                                   V_ASN1_OBJECT, OBJ_txt2obj("1.2.3.5", 1),
                                   bytes, 4),
            1);
  sign_again(&made, &root);
  return made;
}

/* A18: in the chain of a peer that is let in, and looked at. */
TEST(an_issuer_with_an_unknown_key_is_not_trusted) {
  made_cert middle = authority_with_an_odd_key();
  made_cert leaf = make_cert(&(cert_plan){.name = "a.test", .by = &middle});
  tlstream_context *client = judge_of(&root, TLSTREAM_ROLE_CLIENT, true);
  tlstream_context *server = presenter(&leaf, &middle, TLSTREAM_TLS_1_3);
  connection both = connect_pairs(client, server, "a.test");
  CHECK(tlstream_pair_is_secure(both.client));
  CHECK(!tlstream_pair_authorized(both.client));
  CHECK_STR(tlstream_pair_authorization_error(both.client)->name,
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE");
  CHECK_INT(tlstream_pair_authorization_error(both.client)->depth, 0);
  tlstream_certificate *seen = tlstream_pair_peer_certificate(both.client);
  CHECK(tlstream_certificate_issuer_certificate(seen) == NULL);
  CHECK(json_has(seen, "\"issuer\":{\"CN\":\"Middle\"}"));
  CHECK_INT(ERR_peek_error(), 0);
  tlstream_certificate_unref(seen);
  disconnect_pairs(&both);
  tlstream_context_unref(server);
  tlstream_context_unref(client);
  made_cert_clear(&leaf);
  made_cert_clear(&middle);
}

static void ask_about(tlstream_certificate *cert) {
  size_t count = 0;
  tlstream_error error;
  if (!CHECK(cert != NULL)) return;
  CHECK(tlstream_certificate_subject(cert, &count) != NULL);
  CHECK(tlstream_certificate_issuer(cert, &count) != NULL);
  CHECK(tlstream_certificate_alt_names(cert, &count) != NULL);
  CHECK(tlstream_certificate_alt_text(cert) != NULL);
  tlstream_certificate_access(cert, &count);
  tlstream_certificate_usages(cert, &count);
  CHECK(!tlstream_certificate_is_ca(cert));
  CHECK(tlstream_certificate_valid_from(cert) != NULL);
  CHECK(tlstream_certificate_valid_to(cert) != NULL);
  CHECK_LT(tlstream_certificate_not_before(cert),
           tlstream_certificate_not_after(cert));
  CHECK(tlstream_certificate_serial(cert) != NULL);
  for (int i = TLSTREAM_SHA1; i <= TLSTREAM_SHA512; i++)
    CHECK(tlstream_certificate_fingerprint(cert, (tlstream_digest)i) != NULL);
  CHECK_GT(tlstream_certificate_public_key(cert)->spki_len, 0);
  CHECK(tlstream_certificate_signature_algorithm(cert) != NULL);
  CHECK(tlstream_certificate_der(cert, &count) != NULL);
  tlstream_certificate_issuer_certificate(cert);
  CHECK(!tlstream_certificate_matches_host(cert, "b.test", &error));
  char *json = tlstream_certificate_json(cert);
  CHECK(json != NULL);
  tlstream_free(json);
  tlstream_certificate_unref(cert);
}

static void ask_everything(const tlstream_pair *pair) {
  size_t count = 0;
  CHECK(tlstream_pair_is_secure(pair) && tlstream_pair_authorized(pair));
  CHECK(tlstream_pair_authorization_error(pair) == NULL);
  CHECK(tlstream_pair_authorization_errors(pair, &count) == NULL);
  CHECK_NE(tlstream_pair_tls_version(pair), TLSTREAM_VERSION_DEFAULT);
  CHECK(tlstream_pair_cipher(pair) != NULL);
  tlstream_pair_servername(pair);
  tlstream_pair_alpn_protocol(pair);
  tlstream_pair_npn_protocol(pair);
  tlstream_pair_npn_picked(pair, &count);
  ask_about(tlstream_pair_peer_certificate(pair));
  ask_about(tlstream_pair_own_certificate(pair));
}

static void connect_and_ask(tlstream_version version) {
  peers both = peers_secure(&(config){.version = version, .mutual = true});
  ask_everything(both.side[TLSTREAM_ROLE_CLIENT]);
  ask_everything(both.side[TLSTREAM_ROLE_SERVER]);
  peers_free(&both);
}

/* A19: CVE-2025-59464 lost something with every question. Blocks are counted,
 * so that a few hundred connections show it as well as many thousands. */
TEST(questions_leave_nothing_behind) {
  enum { CONNECTIONS = 500 };
  torture_install();
  for (int v = TLSTREAM_TLS_1_2; v <= TLSTREAM_TLS_1_3; v++) {
    connect_and_ask((tlstream_version)v); /* what is made once for all */
    size_t ours = torture_live(TORTURE_LIBRARY);
    size_t theirs = torture_live(TORTURE_OPENSSL);
    for (int i = 0; i < CONNECTIONS; i++)
      connect_and_ask((tlstream_version)v);
    CHECK_INT(torture_live(TORTURE_LIBRARY), ours);
    CHECK_INT(torture_live(TORTURE_OPENSSL), theirs);
  }
}
