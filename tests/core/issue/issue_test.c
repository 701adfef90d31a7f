/* SPDX-License-Identifier: MIT */
/* New keys and certificates: their content, what verifies them, and what is
 * refused. I11. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/issued.h"
#include "support/test.h"
#include "support/torture.h"

#define L50     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HOST_65 L50 ".xxxxxxxxx.test"

static const char *const hosts[] = {"Example.test.", "*.example.test",
                                    "127.0.0.1", "::1"};

static tlstream_issued issue_leaf(const tlstream_issued *by) {
  return issue(TLSTREAM_ISSUE(.hosts = hosts, .host_count = 4,
                              .ca_cert = cert_of(by), .ca_key = key_of(by)));
}

TEST(verifies_strictly) {
  tlstream_issued root = issue_ca("Root", NULL);
  tlstream_issued middle = issue_ca("Middle", &root);
  tlstream_issued leaf = issue_leaf(&root);
  tlstream_issued deep = issue_leaf(&middle);
  tlstream_issued self = issue(TLSTREAM_ISSUE(.hosts = hosts, .host_count = 4));
  CHECK_INT(verify(&root, NULL, &root, 0), 0);
  CHECK_INT(verify(&middle, NULL, &root, 0), 0);
  CHECK_INT(verify(&leaf, NULL, &root, X509_PURPOSE_SSL_SERVER), 0);
  CHECK_INT(verify(&leaf, NULL, &root, X509_PURPOSE_SSL_CLIENT), 0);
  CHECK_INT(verify(&deep, &middle, &root, X509_PURPOSE_SSL_SERVER), 0);
  CHECK_INT(verify(&self, NULL, &self, X509_PURPOSE_SSL_SERVER), 0);
  CHECK_NE(verify(&leaf, NULL, &self, 0), 0);
  CHECK_NE(verify(&deep, NULL, &root, 0), 0);
  tlstream_issued_clear(&self);
  tlstream_issued_clear(&deep);
  tlstream_issued_clear(&leaf);
  tlstream_issued_clear(&middle);
  tlstream_issued_clear(&root);
}

TEST(makes_a_key_that_fits) {
  tlstream_issued self = issue(TLSTREAM_ISSUE(.hosts = hosts, .host_count = 1));
  X509 *x509 = read_cert(&self);
  EVP_PKEY *key = read_key(&self);
  CHECK_INT(X509_check_private_key(x509, key), 1);
  CHECK(EVP_PKEY_is_a(key, "EC"));
  CHECK_INT(EVP_PKEY_get_bits(key), 256);
  CHECK(strncmp(self.key, "-----BEGIN PRIVATE KEY-----\n", 28) == 0);
  CHECK_INT(strlen(self.key), self.key_len);
  CHECK_INT(strlen(self.cert), self.cert_len);
  EVP_PKEY_free(key);
  X509_free(x509);
  tlstream_issued_clear(&self);
  tlstream_issued_clear(&self);
  CHECK(self.key == NULL && self.key_len == 0 && self.cert == NULL);
}

TEST(says_what_a_leaf_says) {
  tlstream_issued root = issue_ca("Root", NULL);
  tlstream_issued leaf = issue_leaf(&root);
  X509 *x509 = read_cert(&leaf);
  CHECK_INT(X509_get_version(x509), X509_VERSION_3);
  CHECK_INT(X509_get_ext_count(x509), 6);
  check_extension(x509, NID_basic_constraints, 1);
  check_extension(x509, NID_key_usage, 1);
  check_extension(x509, NID_ext_key_usage, 0);
  check_extension(x509, NID_subject_key_identifier, 0);
  check_extension(x509, NID_authority_key_identifier, 0);
  check_extension(x509, NID_subject_alt_name, 0);
  CHECK_INT(X509_check_ca(x509), 0);
  CHECK_INT(X509_get_key_usage(x509), KU_DIGITAL_SIGNATURE);
  CHECK_INT(X509_get_extended_key_usage(x509), XKU_SSL_SERVER | XKU_SSL_CLIENT);
  CHECK_INT(X509_get_signature_nid(x509), NID_ecdsa_with_SHA256);
  X509_free(x509);
  tlstream_issued_clear(&leaf);
  tlstream_issued_clear(&root);
}

TEST(says_what_an_authority_says) {
  tlstream_issued root = issue_ca("Root", NULL);
  X509 *x509 = read_cert(&root);
  CHECK_INT(X509_get_ext_count(x509), 4);
  check_extension(x509, NID_basic_constraints, 1);
  check_extension(x509, NID_key_usage, 1);
  CHECK_INT(X509_check_ca(x509), 1);
  CHECK_INT(X509_get_pathlen(x509), -1);
  CHECK_INT(X509_get_key_usage(x509), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
  X509_free(x509);
  tlstream_issued_clear(&root);
}

TEST(is_good_for_its_hosts) {
  tlstream_issued self = issue(TLSTREAM_ISSUE(.hosts = hosts, .host_count = 4));
  tlstream_certificate *cert = parse(&self);
  size_t count = 0;
  const tlstream_alt_name *names = tlstream_certificate_alt_names(cert, &count);
  CHECK_INT(count, 4);
  CHECK_STR((const char *)names[0].data, "example.test");
  CHECK_STR((const char *)names[1].data, "*.example.test");
  CHECK_INT(names[2].kind, TLSTREAM_ALT_NAME_IP);
  CHECK_INT(names[3].kind, TLSTREAM_ALT_NAME_IP);
  CHECK(tlstream_certificate_matches_host(cert, "example.test", NULL));
  CHECK(tlstream_certificate_matches_host(cert, "x.example.test", NULL));
  CHECK(tlstream_certificate_matches_host(cert, "127.0.0.1", NULL));
  CHECK(tlstream_certificate_matches_host(cert, "::1", NULL));
  CHECK(!tlstream_certificate_matches_host(cert, "::2", NULL));
  CHECK(!tlstream_certificate_matches_host(cert, "test", NULL));
  tlstream_certificate_unref(cert);
  tlstream_issued_clear(&self);
}

static void check_life(int days, int want) {
  long long now = (long long)time(NULL);
  tlstream_issued self =
      issue(TLSTREAM_ISSUE(.hosts = hosts, .host_count = 1, .days = days));
  tlstream_certificate *cert = parse(&self);
  long long from = tlstream_certificate_not_before(cert);
  long long to = tlstream_certificate_not_after(cert);
  CHECK(from >= now - 3600 && from <= now - 3590);
  CHECK_INT(to - from, want * 86400LL + 3600);
  tlstream_certificate_unref(cert);
  tlstream_issued_clear(&self);
}

TEST(lives_as_long_as_asked) {
  check_life(0, 30);
  check_life(1, 1);
  check_life(3650, 3650);
}

/* 127 bits in 300 numbers: every bit is seen both ways. */
TEST(has_a_random_positive_serial_number) {
  unsigned char ones[16] = {0};
  unsigned char zeros[16] = {0};
  for (int i = 0; i < 300; i++) {
    unsigned char bytes[16];
    tlstream_issued self =
        issue(TLSTREAM_ISSUE(.hosts = hosts, .host_count = 1));
    X509 *x509 = read_cert(&self);
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), NULL);
    CHECK(!BN_is_negative(number) && !BN_is_zero(number));
    CHECK_INT(BN_bn2binpad(number, bytes, 16), 16);
    for (int k = 0; k < 16; k++)
      ones[k] |= bytes[k];
    for (int k = 0; k < 16; k++)
      zeros[k] |= (unsigned char)~bytes[k];
    BN_free(number);
    X509_free(x509);
    tlstream_issued_clear(&self);
  }
  CHECK_INT(ones[0], 0x7f);
  for (int k = 1; k < 16; k++)
    CHECK_INT(ones[k], 0xff);
  for (int k = 0; k < 16; k++)
    CHECK_INT(zeros[k], 0xff);
}

static void check_subject(const tlstream_issue_options *options,
                          const char *key, const char *value) {
  size_t count = 0;
  tlstream_issued self = issue(options);
  tlstream_certificate *cert = parse(&self);
  const tlstream_name_entry *name = tlstream_certificate_subject(cert, &count);
  CHECK_INT(count, 1);
  CHECK_STR(name[0].key, key);
  CHECK_STR(name[0].value,
            value != NULL ? value : tlstream_certificate_serial(cert));
  CHECK_INT(verify(&self, NULL, &self, 0), 0);
  tlstream_certificate_unref(cert);
  tlstream_issued_clear(&self);
}

TEST(names_its_subject) {
  static const char *const long_one[] = {HOST_65};
  static const char *const both[] = {HOST_65, "short.test"};
  check_subject(TLSTREAM_ISSUE(.hosts = hosts, .host_count = 2), "CN",
                "Example.test.");
  check_subject(TLSTREAM_ISSUE(.hosts = both, .host_count = 2), "CN",
                "short.test");
  check_subject(TLSTREAM_ISSUE(.hosts = long_one, .host_count = 1),
                "serialNumber", NULL);
  check_subject(TLSTREAM_ISSUE(.common_name = "alice"), "CN", "alice");
  check_subject(TLSTREAM_ISSUE(.common_name = "J\xC3\xBCrgen"), "CN",
                "J\xC3\xBCrgen");
  check_subject(TLSTREAM_ISSUE(.common_name = "DNS:a,IP:1.2.3.4/CN=b+O=\"c\""),
                "CN", "DNS:a,IP:1.2.3.4/CN=b+O=\"c\"");
  check_subject(TLSTREAM_ISSUE(.is_ca = true, .common_name = "critical,@x"),
                "CN", "critical,@x");
}

TEST(refuses_what_is_no_host) {
  static const struct {
    const char *host;
    const char *words;
  } rows[] = {
      {"DNS:a,IP:1.2.3.4", "DNS:a,IP:1.2.3.4"},
      {"a.test,DNS:b.test", "a.test,DNS:b.test"},
      {"a.test\nDNS.2=b.test", "a.test\\nDNS.2=b.test"},
      {"a.test,b.test", "letters, digits"},
      {"\"a.test\"", "letters, digits"},
      {"a.test ", "letters, digits"},
      {"", "is empty"},
      {"*", "wildcard"},
      {"*.test", "two parts"},
      {"*.1.2.3.4", "two parts"},
      {"*.::1", "two parts"},
      {"*.*.example.test", "wildcard"},
      {"a.*.example.test", "wildcard"},
      {"f*.example.test", "wildcard"},
      {"1.2.3", "IPv4"},
      {"010.0.0.1", "IPv4"},
      {"fe80::1%eth0", "zone"},
      {"[::1]", "brackets"},
      {"b\xFC.test", "xn--"},
      {NULL, "NULL"},
  };
  EACH_ROW(i, rows) {
    const char *const given[] = {"good.test", rows[i].host};
    check_refusal(TLSTREAM_ISSUE(.hosts = given, .host_count = 2),
                  TLSTREAM_ERR_INVALID_ARGUMENT, rows[i].words);
  }
}

TEST(refuses_what_makes_no_sense) {
  int invalid = TLSTREAM_ERR_INVALID_ARGUMENT;
  tlstream_bytes bytes = {"x", 1};
  check_refusal(NULL, invalid, "at least one host");
  check_refusal(TLSTREAM_ISSUE(.days = 5), invalid, "at least one host");
  check_refusal(TLSTREAM_ISSUE(.host_count = 1), invalid, "hosts is NULL");
  check_refusal(TLSTREAM_ISSUE(.is_ca = true), invalid, "needs a common_name");
  check_refusal(TLSTREAM_ISSUE(.is_ca = true, .common_name = "x",
                               .hosts = hosts, .host_count = 1),
                invalid, "has no hosts");
  check_refusal(TLSTREAM_ISSUE(.common_name = "x", .days = -1), invalid,
                "3650");
  check_refusal(TLSTREAM_ISSUE(.common_name = "x", .days = 3651), invalid,
                "3650");
  check_refusal(TLSTREAM_ISSUE(.common_name = ""), invalid, "is empty");
  check_refusal(TLSTREAM_ISSUE(.common_name = HOST_65), invalid, "64 bytes");
  check_refusal(TLSTREAM_ISSUE(.common_name = "a\nb"), invalid, "\"a\\nb\"");
  check_refusal(TLSTREAM_ISSUE(.common_name = "\x1b[31m"), invalid, "control");
  check_refusal(TLSTREAM_ISSUE(.common_name = "\xff\xfe"), invalid, "UTF-8");
  check_refusal(TLSTREAM_ISSUE(.common_name = "x", .ca_cert = bytes), invalid,
                "or neither");
  check_refusal(TLSTREAM_ISSUE(.common_name = "x", .ca_key = bytes), invalid,
                "or neither");
}

TEST(refuses_options_of_another_size) {
  struct {
    tlstream_issue_options options;
    char newer[16];
  } grown = {{.size = sizeof(grown), .common_name = "x"}, {0}};
  tlstream_issued issued = issue(&grown.options);
  tlstream_issued_clear(&issued);
  grown.newer[3] = 1;
  check_refusal(&grown.options, TLSTREAM_ERR_INVALID_ARGUMENT, "newer version");
}

static void check_ca_refusal(tlstream_bytes cert, tlstream_bytes key, int want,
                             const char *words) {
  check_refusal(TLSTREAM_ISSUE(.hosts = hosts, .host_count = 1, .ca_cert = cert,
                               .ca_key = key),
                want, words);
}

TEST(refuses_authorities_that_are_none) {
  tlstream_issued root = issue_ca("Root", NULL);
  tlstream_issued other = issue_ca("Other", NULL);
  tlstream_issued leaf = issue_leaf(&root);
  tlstream_bytes rubbish = {"rubbish", 7};
  tlstream_bytes empty = {"", 0};
  int bad_cert = TLSTREAM_ERR_BAD_CERTIFICATE;
  check_ca_refusal(cert_of(&leaf), key_of(&leaf), bad_cert,
                   "not an authority's");
  check_ca_refusal(cert_of(&root), key_of(&other), TLSTREAM_ERR_KEY_MISMATCH,
                   "is not the key of");
  check_ca_refusal(key_of(&root), key_of(&root), bad_cert, "ca_cert");
  check_ca_refusal(rubbish, key_of(&root), bad_cert, "ca_cert");
  check_ca_refusal(empty, key_of(&root), bad_cert, "ca_cert");
  check_ca_refusal(cert_of(&root), cert_of(&root), TLSTREAM_ERR_BAD_KEY,
                   "ca_key");
  check_ca_refusal(cert_of(&root), rubbish, TLSTREAM_ERR_BAD_KEY, "ca_key");
  tlstream_issued_clear(&leaf);
  tlstream_issued_clear(&other);
  tlstream_issued_clear(&root);
}

/* What a root of ours would be with other dates, constraints or key. */
typedef struct odd_root {
  long from; /* seconds from now */
  long to;
  int pathlen;     /* or -1 */
  bool unnamed;    /* an empty subject */
  const char *key; /* "ED25519", or NULL for P-256 */
} odd_root;

static void constrain(X509 *x509, int pathlen) {
  BASIC_CONSTRAINTS *value = BASIC_CONSTRAINTS_new();
  value->ca = 0xff;
  if (pathlen >= 0) {
    value->pathlen = ASN1_INTEGER_new();
    ASN1_INTEGER_set(value->pathlen, pathlen);
  }
  X509_add1_ext_i2d(x509, NID_basic_constraints, value, 1, 0);
  BASIC_CONSTRAINTS_free(value);
}

static char *text_of(BIO *bio, size_t *len) {
  char *data = NULL;
  *len = (size_t)BIO_get_mem_data(bio, &data);
  char *copy = malloc(*len + 1);
  CHECK(copy != NULL);
  memcpy(copy, data, *len);
  copy[*len] = '\0';
  return copy;
}

static tlstream_issued make_root(const odd_root *how) {
  tlstream_issued made = {0};
  BIO *cert = BIO_new(BIO_s_mem());
  BIO *key = BIO_new(BIO_s_mem());
  X509 *x509 = X509_new();
  EVP_PKEY *pkey = how->key != NULL
                       ? EVP_PKEY_Q_keygen(NULL, NULL, how->key)
                       : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 7);
  X509_gmtime_adj(X509_getm_notBefore(x509), how->from);
  X509_gmtime_adj(X509_getm_notAfter(x509), how->to);
  if (!how->unnamed) {
    X509_NAME_add_entry_by_NID(X509_get_subject_name(x509), NID_commonName,
                               MBSTRING_UTF8, (const unsigned char *)"odd", -1,
                               -1, 0);
  }
  X509_set_issuer_name(x509, X509_get_subject_name(x509));
  X509_set_pubkey(x509, pkey);
  constrain(x509, how->pathlen);
  CHECK_GT(X509_sign(x509, pkey, how->key != NULL ? NULL : EVP_sha256()), 0);
  PEM_write_bio_X509(cert, x509);
  PEM_write_bio_PrivateKey(key, pkey, NULL, NULL, 0, NULL, NULL);
  made.cert = text_of(cert, &made.cert_len);
  made.key = text_of(key, &made.key_len);
  EVP_PKEY_free(pkey);
  X509_free(x509);
  BIO_free(key);
  BIO_free(cert);
  return made;
}

TEST(refuses_authorities_past_their_time) {
  static const struct {
    odd_root root;
    const char *words;
  } rows[] = {{{-7200, -3600, -1, false, NULL}, "has expired"},
              {{3600, 7200, -1, false, NULL}, "not valid yet"},
              {{-10, 3600, -1, true, NULL}, "empty subject"}};
  EACH_ROW(i, rows) {
    tlstream_issued root = make_root(&rows[i].root);
    check_ca_refusal(cert_of(&root), key_of(&root),
                     TLSTREAM_ERR_BAD_CERTIFICATE, rows[i].words);
    tlstream_issued_clear(&root);
  }
}

TEST(minds_the_path_length) {
  const odd_root how = {-10, 3600, 0, false, NULL};
  tlstream_issued root = make_root(&how);
  tlstream_issued leaf = issue_leaf(&root);
  check_refusal(TLSTREAM_ISSUE(.is_ca = true, .common_name = "x",
                               .ca_cert = cert_of(&root),
                               .ca_key = key_of(&root)),
                TLSTREAM_ERR_BAD_CERTIFICATE, "path length");
  tlstream_issued_clear(&leaf);
  tlstream_issued_clear(&root);
}

/* No digest goes with its signature, and it has no subject key identifier. */
TEST(lets_an_edwards_key_sign) {
  const odd_root how = {-10, 3600, -1, false, "ED25519"};
  tlstream_issued root = make_root(&how);
  tlstream_issued leaf = issue_leaf(&root);
  X509 *x509 = read_cert(&leaf);
  EVP_PKEY *key = read_key(&root);
  CHECK_INT(X509_verify(x509, key), 1);
  check_extension(x509, NID_authority_key_identifier, 0);
  EVP_PKEY_free(key);
  X509_free(x509);
  tlstream_issued_clear(&leaf);
  tlstream_issued_clear(&root);
}

/* It would ask on the terminal, and block there. */
TEST(never_asks_for_a_passphrase) {
  tlstream_issued root = issue_ca("Root", NULL);
  EVP_PKEY *key = read_key(&root);
  BIO *bio = BIO_new(BIO_s_mem());
  char *data = NULL;
  CHECK_INT(PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_128_cbc(), "secret",
                                          6, NULL, NULL),
            1);
  long len = BIO_get_mem_data(bio, &data);
  check_ca_refusal(cert_of(&root), (tlstream_bytes){data, (size_t)len},
                   TLSTREAM_ERR_PASSPHRASE, "ca_key");
  BIO_free(bio);
  EVP_PKEY_free(key);
  tlstream_issued_clear(&root);
}

TEST(takes_many_hosts) {
  enum { MANY = 10000 };
  static char names[MANY][32];
  static const char *given[MANY];
  size_t count = 0;
  for (int i = 0; i < MANY; i++) {
    snprintf(names[i], sizeof(names[i]), "host-%d.example.test", i);
    given[i] = names[i];
  }
  tlstream_issued self =
      issue(TLSTREAM_ISSUE(.hosts = given, .host_count = MANY));
  tlstream_certificate *cert = parse(&self);
  tlstream_certificate_alt_names(cert, &count);
  CHECK_INT(count, MANY);
  tlstream_certificate_unref(cert);
  tlstream_issued_clear(&self);
}

static void issue_or_not(void *data) {
  const tlstream_issued *root = data;
  tlstream_issued leaf = {0};
  int code = tlstream_issue(TLSTREAM_ISSUE(.hosts = hosts, .host_count = 4,
                                           .ca_cert = cert_of(root),
                                           .ca_key = key_of(root)),
                            &leaf, NULL);
  CHECK_INT(code, torture_struck() ? TLSTREAM_ERR_NO_MEMORY : 0);
  CHECK((code == 0) == (leaf.key != NULL));
  tlstream_issued_clear(&leaf);
}

TEST(survives_any_allocation_failing) {
  torture_install();
  tlstream_issued root = issue_ca("Root", NULL);
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, issue_or_not, &root), 2);
  tlstream_issued_clear(&root);
}

TEST(wipes_the_key) {
  char text[100];
  torture_install();
  tlstream_issued self = issue(TLSTREAM_ISSUE(.hosts = hosts, .host_count = 1));
  memcpy(text, self.key, sizeof(text));
  torture_watch(text, sizeof(text));
  tlstream_issued_clear(&self);
  CHECK_INT(torture_spilled(TORTURE_LIBRARY), 0);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
  torture_watch(NULL, 0);
}
