/* SPDX-License-Identifier: MIT */
/* Private keys: made, encrypted, reused, and refused. */
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "support/issued.h"
#include "support/test.h"

static const char *const hosts[] = {"example.test"};

static tlstream_issued make(const tlstream_issue_key_options *options) {
  tlstream_error error;
  tlstream_issued issued = {0};
  int code = tlstream_issue_key(options, &issued, &error);
  if (code != 0) tlstream_error_print(&error, stdout);
  CHECK_INT(code, 0);
  CHECK(issued.cert == NULL && issued.request == NULL);
  CHECK_INT(ERR_peek_error(), 0);
  return issued;
}

TEST(makes_keys_of_each_kind) {
  static const struct {
    tlstream_key_type type;
    int rsa_bits;
    const char *name;
    int bits;
  } rows[] = {{TLSTREAM_KEY_P256, 0, "EC", 256},
              {TLSTREAM_KEY_P384, 0, "EC", 384},
              {TLSTREAM_KEY_ED25519, 0, "ED25519", 256},
              {TLSTREAM_KEY_RSA, 2048, "RSA", 2048},
              {TLSTREAM_KEY_RSA, 0, "RSA", 3072}};
  EACH_ROW(i, rows) {
    tlstream_issued made = make(
        TLSTREAM_ISSUE_KEY(.type = rows[i].type, .rsa_bits = rows[i].rsa_bits));
    EVP_PKEY *key = read_key(&made);
    CHECK(EVP_PKEY_is_a(key, rows[i].name));
    CHECK_INT(EVP_PKEY_get_bits(key), rows[i].bits);
    CHECK_HAS(made.key, "-----BEGIN PRIVATE KEY-----\n");
    CHECK_INT(strlen(made.key), made.key_len);
    EVP_PKEY_free(key);
    tlstream_issued_clear(&made);
  }
}

TEST(makes_one_of_p256_by_default) {
  tlstream_issued one = make(NULL);
  tlstream_issued other = make(NULL);
  EVP_PKEY *key = read_key(&one);
  CHECK_INT(EVP_PKEY_get_bits(key), 256);
  CHECK(strcmp(one.key, other.key) != 0);
  EVP_PKEY_free(key);
  tlstream_issued_clear(&other);
  tlstream_issued_clear(&one);
}

TEST(issues_for_keys_of_each_kind) {
  static const tlstream_key_type types[] = {
      TLSTREAM_KEY_P256, TLSTREAM_KEY_P384, TLSTREAM_KEY_ED25519,
      TLSTREAM_KEY_RSA};
  static const int signatures[] = {NID_ecdsa_with_SHA256, NID_ecdsa_with_SHA384,
                                   NID_ED25519, NID_sha256WithRSAEncryption};
  EACH_ROW(i, types) {
    int bits = types[i] == TLSTREAM_KEY_RSA ? 2048 : 0;
    tlstream_issued root =
        issue(TLSTREAM_ISSUE(.is_ca = true, .common_name = "Root",
                             .key_type = types[i], .rsa_bits = bits));
    tlstream_issued leaf =
        issue(TLSTREAM_ISSUE(.hosts = hosts, .host_count = 1,
                             .ca_cert = cert_of(&root), .ca_key = key_of(&root),
                             .key_type = types[i], .rsa_bits = bits));
    X509 *x509 = read_cert(&leaf);
    CHECK_INT(X509_get_signature_nid(x509), signatures[i]);
    CHECK_INT(verify(&root, NULL, &root, 0), 0);
    CHECK_INT(verify(&leaf, NULL, &root, X509_PURPOSE_SSL_SERVER), 0);
    X509_free(x509);
    tlstream_issued_clear(&leaf);
    tlstream_issued_clear(&root);
  }
}

static int refuse_to_open(char *out, int cap, int writing, void *data) {
  (void)out, (void)cap, (void)writing, (void)data;
  return -1;
}

static bool opens(const tlstream_issued *made, const char *passphrase) {
  BIO *bio = BIO_new_mem_buf(made->key, (int)made->key_len);
  EVP_PKEY *key = PEM_read_bio_PrivateKey(
      bio, NULL, passphrase == NULL ? refuse_to_open : NULL,
      (void *)passphrase);
  bool opened = key != NULL;
  EVP_PKEY_free(key);
  BIO_free(bio);
  ERR_clear_error();
  return opened;
}

TEST(encrypts_keys) {
  tlstream_issued made = make(TLSTREAM_ISSUE_KEY(.passphrase = "open sesame"));
  CHECK_HAS(made.key, "-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
  CHECK(opens(&made, "open sesame"));
  CHECK(!opens(&made, "open Sesame"));
  CHECK(!opens(&made, NULL));
  tlstream_issued_clear(&made);
}

/* What the file gives away must not be guessed quickly. */
TEST(makes_guessing_slow) {
  static const unsigned char rounds[] = {0x02, 0x03, 0x09, 0x27, 0xC0};
  tlstream_issued made = make(TLSTREAM_ISSUE_KEY(.passphrase = "x"));
  BIO *bio = BIO_new_mem_buf(made.key, (int)made.key_len);
  unsigned char *der = NULL;
  long len = 0;
  bool found = false;
  CHECK_INT(
      PEM_bytes_read_bio(&der, &len, NULL, PEM_STRING_PKCS8, bio, NULL, NULL),
      1);
  for (long i = 0; i + (long)sizeof(rounds) <= len; i++)
    found |= memcmp(der + i, rounds, sizeof(rounds)) == 0; /* 600,000 */
  CHECK(found);
  OPENSSL_free(der);
  BIO_free(bio);
  tlstream_issued_clear(&made);
}

static void check_key_refusal(const tlstream_issue_key_options *options,
                              const char *words) {
  tlstream_error error;
  tlstream_issued issued = {.key = (char *)words};
  CHECK_ERROR(tlstream_issue_key(options, &issued, &error),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_HAS(error.message, words);
  CHECK(issued.key == words);
}

TEST(refuses_keys_that_make_no_sense) {
  char long_one[1026];
  memset(long_one, 'x', 1025);
  long_one[1025] = '\0';
  check_key_refusal(
      TLSTREAM_ISSUE_KEY(.type = TLSTREAM_KEY_RSA, .rsa_bits = 2047),
      "2048 to 8192");
  check_key_refusal(
      TLSTREAM_ISSUE_KEY(.type = TLSTREAM_KEY_RSA, .rsa_bits = 8193),
      "2048 to 8192");
  check_key_refusal(
      TLSTREAM_ISSUE_KEY(.type = TLSTREAM_KEY_RSA, .rsa_bits = -1),
      "2048 to 8192");
  check_key_refusal(TLSTREAM_ISSUE_KEY(.rsa_bits = 2048), "for keys of RSA");
  check_key_refusal(TLSTREAM_ISSUE_KEY(.type = (tlstream_key_type)7), "none");
  check_key_refusal(TLSTREAM_ISSUE_KEY(.type = (tlstream_key_type)-1), "none");
  check_key_refusal(TLSTREAM_ISSUE_KEY(.passphrase = ""), "1 to 1024");
  check_key_refusal(TLSTREAM_ISSUE_KEY(.passphrase = long_one), "1 to 1024");
  check_refusal(TLSTREAM_ISSUE(.common_name = "x", .rsa_bits = 2048),
                TLSTREAM_ERR_INVALID_ARGUMENT, "for keys of RSA");
}

/* The longest passphrase that is taken opens the key again. */
TEST(uses_a_key_that_is_there) {
  char longest[1025];
  memset(longest, 'x', 1024);
  longest[1024] = '\0';
  tlstream_issued key = make(TLSTREAM_ISSUE_KEY(.passphrase = longest));
  tlstream_issued self =
      issue(TLSTREAM_ISSUE(.hosts = hosts, .host_count = 1, .key = key_of(&key),
                           .passphrase = longest));
  CHECK(self.key == NULL && self.key_len == 0);
  CHECK_INT(verify(&self, NULL, &self, X509_PURPOSE_SSL_SERVER), 0);
  check_refusal(TLSTREAM_ISSUE(.common_name = "x", .key = key_of(&key)),
                TLSTREAM_ERR_PASSPHRASE, "key: the key is encrypted");
  check_refusal(TLSTREAM_ISSUE(.common_name = "x", .key = key_of(&key),
                               .passphrase = "no"),
                TLSTREAM_ERR_PASSPHRASE, "wrong");
  check_refusal(TLSTREAM_ISSUE(.common_name = "x", .key = key_of(&key),
                               .passphrase = longest,
                               .key_type = TLSTREAM_KEY_P384),
                TLSTREAM_ERR_INVALID_ARGUMENT, "for a fresh key");
  tlstream_issued_clear(&self);
  tlstream_issued_clear(&key);
}

/* What it signed before goes on being good. */
TEST(renews_an_authority) {
  tlstream_issued root = issue_ca("Root", NULL);
  tlstream_issued leaf =
      issue(TLSTREAM_ISSUE(.hosts = hosts, .host_count = 1,
                           .ca_cert = cert_of(&root), .ca_key = key_of(&root)));
  tlstream_issued next =
      issue(TLSTREAM_ISSUE(.is_ca = true, .common_name = "Root",
                           .key = key_of(&root)));
  CHECK(strcmp(root.cert, next.cert) != 0);
  CHECK_INT(verify(&leaf, NULL, &next, X509_PURPOSE_SSL_SERVER), 0);
  tlstream_issued_clear(&next);
  tlstream_issued_clear(&leaf);
  tlstream_issued_clear(&root);
}

TEST(opens_the_authoritys_key) {
  tlstream_issued root =
      issue(TLSTREAM_ISSUE(.is_ca = true, .common_name = "Root",
                           .passphrase = "sesame"));
  tlstream_issue_options options = {.hosts = hosts,
                                    .host_count = 1,
                                    .ca_cert = cert_of(&root),
                                    .ca_key = key_of(&root),
                                    .ca_passphrase = "sesame"};
  CHECK_HAS(root.key, "ENCRYPTED");
  tlstream_issued leaf = issue(&options);
  CHECK_HAS(leaf.key, "-----BEGIN PRIVATE KEY-----\n");
  options.ca_passphrase = "sesam";
  check_refusal(&options, TLSTREAM_ERR_PASSPHRASE, "ca_key");
  options.ca_passphrase = NULL;
  check_refusal(&options, TLSTREAM_ERR_PASSPHRASE, "ca_key");
  tlstream_issued_clear(&leaf);
  tlstream_issued_clear(&root);
}

/* The curve of P-256, spelled out (CVE-2020-0601). */
static EVP_PKEY *spelled_out(void) {
  EVP_PKEY *key = NULL;
  EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
  EVP_PKEY_keygen_init(maker);
  EVP_PKEY_CTX_set_group_name(maker, "P-256");
  EVP_PKEY_generate(maker, &key);
  EVP_PKEY_set_utf8_string_param(key, "encoding", "explicit");
  EVP_PKEY_CTX_free(maker);
  return key;
}

TEST(refuses_keys_that_are_too_weak) {
  struct {
    EVP_PKEY *key;
    const char *words;
  } rows[] = {{EVP_RSA_gen(1024), "key: the key is too small"},
              {EVP_EC_gen("secp192k1"), "too small"},
              {EVP_PKEY_Q_keygen(NULL, NULL, "X25519"), "no use for"},
              {spelled_out(), "spelled out"}};
  EACH_ROW(i, rows) {
    char *data = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    CHECK_INT(
        PEM_write_bio_PrivateKey(bio, rows[i].key, NULL, NULL, 0, NULL, NULL),
        1);
    size_t len = (size_t)BIO_get_mem_data(bio, &data);
    check_refusal(TLSTREAM_ISSUE(.common_name = "x", .key = {data, len}),
                  TLSTREAM_ERR_WEAK_KEY, rows[i].words);
    EVP_PKEY_free(rows[i].key);
    BIO_free(bio);
  }
}
