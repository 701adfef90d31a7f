/* SPDX-License-Identifier: MIT */
/* Getters of a certificate with many fields, of the peer's and of our own. */
#include <string.h>

#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <tlstream/memory.h>
#include <tlstream/pair.h>
#include <tlstream/pair_info.h>

#include "core/x509/certificate.h"
#include "support/json_check.h"
#include "support/odd_cert.h"
#include "support/peers.h"
#include "support/test.h"

#define UPN "1.3.6.1.4.1.311.20.2.3"

static void push(GENERAL_NAMES *names, int type, void *value) {
  GENERAL_NAME *name = GENERAL_NAME_new();
  GENERAL_NAME_set0_value(name, type, value);
  sk_GENERAL_NAME_push(names, name);
}

static X509_NAME *directory(void) {
  X509_NAME *name = X509_NAME_new();
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             (const unsigned char *)"a, O=b", -1, -1, 0);
  X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8,
                             (const unsigned char *)"c", -1, -1, 0);
  return name;
}

static void push_other(GENERAL_NAMES *names) {
  GENERAL_NAME *name = GENERAL_NAME_new();
  ASN1_TYPE *value = ASN1_TYPE_new();
  ASN1_STRING *text = ASN1_UTF8STRING_new();
  ASN1_STRING_set(text, "me@a.test", -1);
  ASN1_TYPE_set(value, V_ASN1_UTF8STRING, text);
  GENERAL_NAME_set0_othername(name, OBJ_txt2obj(UPN, 1), value);
  sk_GENERAL_NAME_push(names, name);
}

static void add_access(X509 *cert) {
  AUTHORITY_INFO_ACCESS *all = AUTHORITY_INFO_ACCESS_new();
  ACCESS_DESCRIPTION *access = ACCESS_DESCRIPTION_new();
  ASN1_IA5STRING *uri = ASN1_IA5STRING_new();
  ASN1_STRING_set(uri, "http://a.test/", -1);
  GENERAL_NAME_set0_value(access->location, GEN_URI, uri);
  ASN1_OBJECT_free(access->method);
  access->method = OBJ_nid2obj(NID_ad_OCSP);
  sk_ACCESS_DESCRIPTION_push(all, access);
  X509_add1_ext_i2d(cert, NID_info_access, all, 0, 0);
  AUTHORITY_INFO_ACCESS_free(all);
}

static void add_usages(X509 *cert, const char *oid) {
  EXTENDED_KEY_USAGE *all = sk_ASN1_OBJECT_new_null();
  if (oid != NULL) sk_ASN1_OBJECT_push(all, OBJ_txt2obj(oid, 1));
  X509_add1_ext_i2d(cert, NID_ext_key_usage, all, 0, 0);
  EXTENDED_KEY_USAGE_free(all);
}

static void add_constraints(X509 *cert) {
  BASIC_CONSTRAINTS *value = BASIC_CONSTRAINTS_new();
  value->ca = 0xff;
  X509_add1_ext_i2d(cert, NID_basic_constraints, value, 1, 0);
  BASIC_CONSTRAINTS_free(value);
}

static tlstream_certificate *wrap(X509 *x509) {
  X509 *got = sent(x509);
  tlstream_certificate *cert = tlstream__certificate_wrap(got, NULL);
  CHECK(cert != NULL);
  X509_free(got);
  return cert;
}

static tlstream_certificate *say_much(void) {
  X509 *x509 = new_cert();
  GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
  add_part(x509, NID_organizationName, V_ASN1_UTF8STRING, "x", 1, 0);
  add_part(x509, NID_organizationalUnitName, V_ASN1_UTF8STRING, "y", 1, 0);
  add_part(x509, NID_commonName, V_ASN1_UTF8STRING, "z", 1, -1);
  add_name(names, GEN_DNS, "a.test", 6);
  push(names, GEN_DIRNAME, directory());
  push(names, GEN_RID, OBJ_txt2obj("1.2.3.4", 1));
  push_other(names);
  set_names(x509, names);
  add_access(x509);
  add_usages(x509, "1.2.3.5");
  add_constraints(x509);
  return wrap(x509);
}

/* Which parts stand together cannot be seen in "O=x, OU=y+CN=z" if a value may
 * hold a plus, so it is given by number. */
TEST(numbers_parts_that_stand_together) {
  size_t count = 0;
  tlstream_certificate *cert = say_much();
  const tlstream_name_entry *parts = tlstream_certificate_subject(cert, &count);
  CHECK_INT(count, 3);
  CHECK_INT(parts[0].rdn, 0);
  CHECK_INT(parts[1].rdn, 1);
  CHECK_INT(parts[2].rdn, 1);
  tlstream_certificate_unref(cert);
}

TEST(lists_names_of_every_kind) {
  size_t count = 0;
  tlstream_certificate *cert = say_much();
  const tlstream_alt_name *names = tlstream_certificate_alt_names(cert, &count);
  CHECK_INT(count, 4);
  CHECK_INT(names[0].kind, TLSTREAM_ALT_NAME_DNS);
  CHECK(names[0].entries == NULL && names[0].oid == NULL);
  CHECK_INT(names[1].kind, TLSTREAM_ALT_NAME_DIRECTORY);
  CHECK_INT(names[1].entry_count, 2);
  CHECK_STR(names[1].entries[0].value, "a, O=b");
  CHECK_STR(names[1].entries[1].key, "O");
  CHECK_INT(names[2].kind, TLSTREAM_ALT_NAME_RID);
  CHECK_STR((const char *)names[2].data, "1.2.3.4");
  CHECK_INT(names[2].len, 7);
  CHECK_INT(names[3].kind, TLSTREAM_ALT_NAME_OTHER);
  CHECK_STR(names[3].oid, UPN);
  CHECK(names[3].len > 9 &&
        memcmp((const char *)names[3].data + names[3].len - 9, "me@a.test",
               9) == 0);
  tlstream_certificate_unref(cert);
}

TEST(shows_names_of_every_kind_in_json) {
  tlstream_certificate *cert = say_much();
  CHECK(json_has(cert, "\"subjectaltname\":\"DNS:a.test, "
                       "DirName:\\\"O=c\\\\u002cCN=a\\\\\\\\\\\\u002c O=b\\\", "
                       "Registered ID:1.2.3.4, othername:UPN:me@a.test\""));
  CHECK(json_has(cert, "[{\"kind\":\"DNS\",\"value\":\"a.test\"},"
                       "{\"kind\":\"DIRECTORY\",\"value\":"
                       "{\"CN\":\"a, O=b\",\"O\":\"c\"}},"
                       "{\"kind\":\"RID\",\"value\":\"1.2.3.4\"},"
                       "{\"kind\":\"OTHER\",\"oid\":\"" UPN "\","
                       "\"value\":\"oB"));
  tlstream_certificate_unref(cert);
}

TEST(answers_the_rarer_questions) {
  size_t count = 0;
  tlstream_certificate *cert = say_much();
  const tlstream_access *access = tlstream_certificate_access(cert, &count);
  CHECK_INT(count, 1);
  CHECK_STR(access[0].method, "OCSP");
  CHECK_INT(access[0].location.kind, TLSTREAM_ALT_NAME_URI);
  CHECK_STR((const char *)access[0].location.data, "http://a.test/");
  const char *const *usages = tlstream_certificate_usages(cert, &count);
  CHECK_INT(count, 1);
  CHECK_STR(usages[0], "1.2.3.5");
  CHECK(tlstream_certificate_is_ca(cert));
  CHECK_HAS(tlstream_certificate_alt_text(cert), "DNS:a.test, DirName:\"");
  CHECK_STR(tlstream_certificate_signature_algorithm(cert),
            "ecdsa-with-SHA256");
  CHECK(json_has(cert, "\"signatureAlgorithm\":\"ecdsa-with-SHA256\","
                       "\"signatureAlgorithmOid\":\"1.2.840.10045.4.3.2\""));
  tlstream_certificate_unref(cert);
}

TEST(answers_them_when_nothing_is_said) {
  size_t count = 9;
  tlstream_certificate *cert = wrap(new_cert());
  CHECK(tlstream_certificate_access(cert, &count) == NULL && count == 0);
  count = 9;
  CHECK(tlstream_certificate_usages(cert, &count) == NULL && count == 0);
  CHECK(tlstream_certificate_alt_text(cert) == NULL);
  CHECK(!tlstream_certificate_is_ca(cert));
  char *json = tlstream_certificate_json(cert);
  CHECK(is_json(json) && strstr(json, "ext_key_usage") == NULL);
  CHECK(strstr(json, "infoAccess") == NULL);
  tlstream_free(json);
  tlstream_certificate_unref(cert);

  X509 *x509 = new_cert();
  add_usages(x509, NULL);
  cert = wrap(x509);
  CHECK(tlstream_certificate_usages(cert, &count) != NULL && count == 0);
  CHECK(json_has(cert, "\"ext_key_usage\":[],"));
  tlstream_certificate_unref(cert);
}

TEST(shows_keys_of_several_kinds) {
  static const struct {
    const char *type;
    const char *group; /* or NULL */
    int bits;
    const char *asn1_curve;
    const char *nist_curve;
  } rows[] = {{"EC", "P-384", 384, "secp384r1", "P-384"},
              {"EC", "secp256k1", 256, "secp256k1", NULL},
              {"ED25519", NULL, 256, NULL, NULL}};
  EACH_ROW_NAMED(i, rows, type) {
    EVP_PKEY *pkey =
        rows[i].group != NULL
            ? EVP_PKEY_Q_keygen(NULL, NULL, rows[i].type, rows[i].group)
            : EVP_PKEY_Q_keygen(NULL, NULL, rows[i].type);
    unsigned char *spki = NULL;
    int len = i2d_PUBKEY(pkey, &spki);
    X509 *x509 = new_cert();
    X509_set_pubkey(x509, pkey);
    tlstream_certificate *cert = wrap(x509);
    const tlstream_public_key *key = tlstream_certificate_public_key(cert);
    CHECK_STR(key->type, rows[i].type);
    CHECK_INT(key->bits, rows[i].bits);
    CHECK_STR(key->asn1_curve, rows[i].asn1_curve);
    CHECK_STR(key->nist_curve, rows[i].nist_curve);
    CHECK_INT(key->spki_len, len);
    CHECK(memcmp(key->spki, spki, key->spki_len) == 0);
    CHECK((key->point != NULL) == (rows[i].group != NULL));
    CHECK(key->modulus == NULL && key->exponent == NULL);
    tlstream_certificate_unref(cert);
    OPENSSL_free(spki);
    EVP_PKEY_free(pkey);
  }
}

static void check_same(tlstream_certificate *one, tlstream_certificate *other) {
  size_t len = 0;
  size_t other_len = 0;
  const void *der = tlstream_certificate_der(one, &len);
  const void *other_der = tlstream_certificate_der(other, &other_len);
  CHECK(len == other_len && memcmp(der, other_der, len) == 0);
}

static void check_root(const tlstream_certificate *peer) {
  const tlstream_certificate *root =
      tlstream_certificate_issuer_certificate(peer);
  CHECK(root != NULL);
  if (root == NULL) return;
  CHECK(tlstream_certificate_is_ca(root));
  CHECK(tlstream_certificate_issuer_certificate(root) == NULL);
  CHECK(json_has(peer, ",\"issuerCertificate\":{\"subject\":"));
}

/* One side's own certificate is what the other sees, and the other sees the
 * root behind it. */
static void shows_the_peers_and_our_own(tlstream_version version,
                                        tlstream_role role) {
  peers both = peers_secure(&(config){.version = version, .mutual = true});
  tlstream_certificate *own = tlstream_pair_own_certificate(both.side[role]);
  tlstream_certificate *seen =
      tlstream_pair_peer_certificate(both.side[other_role(role)]);
  CHECK(own != NULL && seen != NULL);
  peers_free(&both); /* they outlive the connection */
  if (own != NULL && seen != NULL) {
    check_same(own, seen);
    check_root(seen);
  }
  tlstream_certificate_unref(seen);
  tlstream_certificate_unref(own);
}

TEST(shows_both_on_both_sides) {
  each_side(shows_the_peers_and_our_own);
  EVP_PKEY_free(signer);
  signer = NULL;
}
