/* SPDX-License-Identifier: MIT */
/* Private keys in PEM texts as they are met (I3), and passphrases (I1). */
#include "core/x509/pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "support/make_cert.h"
#include "support/pem_text.h"
#include "support/test.h"
#include "support/torture.h"

static made_cert one;
static made_cert other;

BEFORE_TESTS(make_some) {
  torture_install_openssl();
  one = make_cert(&(cert_plan){.name = "one.test"});
  other = make_cert(&(cert_plan){.name = "other.test", .kind = "RSA"});
}

AFTER_TESTS(drop_them) {
  made_cert_clear(&one);
  made_cert_clear(&other);
}

/* The kind of the key ("EC"), or NULL. */
static const char *key_in(const text *from, const char *passphrase,
                          tlstream_error *error) {
  static char kind[32];
  tlstream__pem pem;
  EVP_PKEY *key = NULL;
  open_text(&pem, from->data, from->len);
  int code = tlstream__pem_key(&pem, passphrase, &key, error);
  CHECK((code == 0) == (key != NULL));
  CHECK_INT(ERR_peek_error(), 0);
  if (key != NULL) {
    snprintf(kind, sizeof(kind), "%s", EVP_PKEY_get0_type_name(key));
  }
  EVP_PKEY_free(key);
  tlstream__pem_clear(&pem);
  return code == 0 ? kind : NULL;
}

static void check_key(text from, const char *passphrase, const char *kind) {
  tlstream_error error = {.message = ""};
  CHECK_STR(key_in(&from, passphrase, &error), kind);
  CHECK_STR(error.message, "");
  free(from.data);
}

static void check_no_key(text from, const char *passphrase, int code,
                         const char *words) {
  tlstream_error error = {.message = ""};
  CHECK_STR(key_in(&from, passphrase, &error), NULL);
  CHECK_ERROR(error.code, code);
  CHECK_HAS(error.message, "ca: ");
  CHECK_HAS(error.message, words);
  free(from.data);
}

static text traditional(EVP_PKEY *key, const char *passphrase) {
  BIO *bio = BIO_new(BIO_s_mem());
  const EVP_CIPHER *cipher = passphrase != NULL ? EVP_aes_128_cbc() : NULL;
  CHECK_INT(PEM_write_bio_PrivateKey_traditional(
                bio, key, cipher, (const unsigned char *)passphrase,
                passphrase != NULL ? (int)strlen(passphrase) : 0, NULL, NULL),
            1);
  return taken(bio);
}

static text encrypted(EVP_PKEY *key, const char *passphrase) {
  BIO *bio = BIO_new(BIO_s_mem());
  CHECK_INT(PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_128_cbc(),
                                          passphrase, (int)strlen(passphrase),
                                          NULL, NULL),
            1);
  return taken(bio);
}

static text of_kind(const char *kind) {
  made_cert made = make_cert(&(cert_plan){.name = "x", .kind = kind});
  text copy = around("", made.key_pem, "");
  made_cert_clear(&made);
  return copy;
}

static text explicit_curve(void) {
  BIO *bio = BIO_new(BIO_s_mem());
  EVP_PKEY *key = EVP_EC_gen("P-256");
  CHECK_INT(EVP_PKEY_set_utf8_string_param(key, "encoding", "explicit"), 1);
  PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
  EVP_PKEY_free(key);
  return taken(bio);
}

TEST(keys_come_in_many_shapes) {
  tlstream_bytes pem = one.key_pem;
  check_key(around("", pem, ""), NULL, "EC");
  check_key(around("\xEF\xBB\xBF", pem, ""), NULL, "EC");
  check_key(around("\xEF\xBB\xBFkey:\n", pem, "more"), NULL, "EC");
  check_key(rewritten(pem, "\n", "\r\n"), NULL, "EC");
  check_key(around("", pem, ""), "not asked for", "EC");
  check_key(traditional(one.key, NULL), NULL, "EC");    /* SEC 1 */
  check_key(traditional(other.key, NULL), NULL, "RSA"); /* PKCS #1 */
  text with_curve = start("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
                          "-----END EC PARAMETERS-----\n");
  text key = traditional(one.key, NULL);
  add_string(&with_curve, key.data);
  free(key.data);
  check_key(with_curve, NULL, "EC"); /* as `openssl ecparam -genkey` writes */
  check_key(of_kind("ED25519"), NULL, "ED25519");
  check_key(of_kind("RSA-PSS"), NULL, "RSA-PSS");
  check_key(explicit_curve(), NULL, "EC");
}

TEST(the_first_of_many_keys_is_taken) {
  check_key(joined(other.key_pem, one.key_pem), NULL, "RSA");
  check_key(joined(one.cert_pem, one.key_pem), NULL, "EC");
  BIO *bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, other.key);
  text both = taken(bio);
  add(&both, one.key_pem.data, one.key_pem.len);
  check_key(both, NULL, "EC");
  both = spoiled(one.key_pem);
  add(&both, other.key_pem.data, other.key_pem.len);
  check_key(both, NULL, "RSA"); /* OpenSSL passes over a damaged one */
}

TEST(says_what_it_got_instead_of_a_key) {
  int bad = TLSTREAM_ERR_BAD_KEY;
  unsigned char *der = NULL;
  BIO *bio = BIO_new(BIO_s_mem());
  check_no_key(around("", one.cert_pem, ""), NULL, bad, "swapped?");
  check_no_key(start(""), NULL, bad, "it is not PEM");
  check_no_key(start("rubbish"), "x", bad, "it is not PEM");
  PEM_write_bio_PUBKEY(bio, one.key);
  check_no_key(taken(bio), NULL, bad, "it is not PEM");
  int len = i2d_PrivateKey(one.key, &der);
  text binary = start("");
  add(&binary, der, (size_t)len);
  check_no_key(binary, NULL, bad, "it is not PEM");
  OPENSSL_free(der);
  check_no_key(spoiled(one.key_pem), NULL, bad, "damaged");
  for (size_t cut = 1; cut < one.key_pem.len - 1; cut += 3) {
    text part = around("", one.key_pem, "");
    part.len = cut;
    check_no_key(part, NULL, bad, "");
  }
}

static bool openssl_takes_key(const text *from) {
  BIO *bio = BIO_new_mem_buf(from->data, (int)from->len);
  EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
  bool taken_by_it = key != NULL;
  EVP_PKEY_free(key);
  BIO_free(bio);
  ERR_clear_error();
  return taken_by_it;
}

/* Each byte of a text turned into another: what OpenSSL takes, we take. */
TEST(takes_what_openssl_takes) {
  static const char bytes[] = {'A', '-', '\0'};
  text key = around("", one.key_pem, "");
  for (size_t i = 0; i < key.len; i++) {
    tlstream_error error;
    char before = key.data[i];
    key.data[i] = bytes[i % COUNT(bytes)];
    CHECK_INT(key_in(&key, NULL, &error) != NULL, openssl_takes_key(&key));
    key.data[i] = before;
  }
  free(key.data);
}

/* I1: both ways of encrypting a key. */
static text locked(size_t way, const char *passphrase) {
  return way == 0 ? encrypted(one.key, passphrase)
                  : traditional(one.key, passphrase);
}

TEST(opens_an_encrypted_key) {
  static const char *const passphrases[] = {"secret", "", "with \xC3\xA9 in it",
                                            "\n", " "};
  EACH_TEXT(i, passphrases) {
    check_key(locked(0, passphrases[i]), passphrases[i], "EC");
    check_key(locked(1, passphrases[i]), passphrases[i], "EC");
  }
}

TEST(takes_long_passphrases_or_says_that_it_does_not) {
  char passphrase[5001];
  memset(passphrase, 'p', sizeof(passphrase));
  for (size_t way = 0; way < 2; way++) {
    passphrase[1023] = '\0';
    check_key(locked(way, passphrase), passphrase, "EC");
    passphrase[1023] = 'p';
    passphrase[1024] = '\0';
    check_key(locked(way, passphrase), passphrase, "EC");
    passphrase[1024] = 'p';
    passphrase[1025] = '\0';
    check_no_key(locked(way, passphrase), passphrase, TLSTREAM_ERR_PASSPHRASE,
                 "longer than");
    passphrase[1025] = 'p';
    passphrase[5000] = '\0';
    check_no_key(locked(way, passphrase), passphrase, TLSTREAM_ERR_PASSPHRASE,
                 "longer than");
  }
}

TEST(says_what_is_wrong_with_a_passphrase) {
  int code = TLSTREAM_ERR_PASSPHRASE;
  for (size_t way = 0; way < 2; way++) {
    check_no_key(locked(way, "secret"), NULL, code, "give its passphrase");
    check_no_key(locked(way, "secret"), "Secret", code, "is wrong");
    check_no_key(locked(way, "secret"), "", code, "is wrong");
    check_no_key(locked(way, ""), NULL, code, "give its passphrase");
    check_no_key(locked(way, ""), "x", code, "is wrong");
  }
}

/* Where OpenSSL never came to ask, no passphrase would help. */
TEST(a_damaged_key_is_not_blamed_on_the_passphrase) {
  for (size_t i = 0; i < 4; i++) {
    text key = locked(i % 2, "secret");
    text bad = spoiled((tlstream_bytes){key.data, key.len});
    check_no_key(bad, i < 2 ? NULL : "secret", TLSTREAM_ERR_BAD_KEY, "damaged");
    free(key.data);
  }
  text key = spoiled(one.key_pem);
  check_no_key(
      around("ENCRYPTED, or not?\n", (tlstream_bytes){key.data, key.len}, ""),
      NULL, TLSTREAM_ERR_BAD_KEY, "damaged");
  free(key.data);
}

static void read_a_key(void *data) {
  tlstream__pem pem;
  EVP_PKEY *key = NULL;
  tlstream_error error;
  int code = tlstream__pem_open(&pem, "key", NULL, *(tlstream_bytes *)data,
                                NULL, &error);
  if (code == 0) code = tlstream__pem_key(&pem, NULL, &key, &error);
  CHECK((code == 0) == (key != NULL));
  CHECK(code == 0 || torture_struck());
  CHECK_INT(ERR_peek_error(), 0);
  EVP_PKEY_free(key);
  tlstream__pem_clear(&pem);
}

/* H7 */
TEST(survives_any_allocation_failing) {
  torture_install();
  CHECK_INT(
      torture_each(TORTURE_LIBRARY, TORTURE_ONCE, read_a_key, &one.key_pem), 2);
  CHECK_GT(
      torture_some(TORTURE_OPENSSL, TORTURE_ONCE, 7, read_a_key, &one.key_pem),
      200);
}

TEST(says_when_memory_is_out) {
  tlstream__pem pem;
  tlstream_error error;
  EVP_PKEY *key = NULL;
  torture_install();
  CHECK_ERROR(tlstream__pem_open(&pem, "key", NULL, one.key_pem, NULL, &error),
              0);
  for (size_t nth = 1; nth < 20; nth++) {
    torture_arm(TORTURE_OPENSSL, TORTURE_FOREVER, nth);
    CHECK_ERROR(tlstream__pem_key(&pem, NULL, &key, &error),
                TLSTREAM_ERR_NO_MEMORY);
    torture_disarm();
    CHECK(key == NULL);
    CHECK_ERROR(error.code, TLSTREAM_ERR_NO_MEMORY);
  }
  tlstream__pem_clear(&pem);
}

/* I6 */
static void check_leaves_no_trace(text key, const char *secret, size_t len) {
  torture_install();
  torture_watch(secret, len);
  check_key(key, "a passphrase to look for", "EC");
  CHECK_INT(torture_spilled(TORTURE_LIBRARY), 0);
  CHECK_INT(torture_spilled(TORTURE_OPENSSL), 0);
  torture_watch(NULL, 0);
}

TEST(leaves_no_secret_behind) {
  static const char passphrase[] = "a passphrase to look for";
  text line = around("", one.key_pem, "");
  char *body = strchr(line.data, '\n') + 1;
  check_leaves_no_trace(around("", one.key_pem, ""), body, 60);
  check_leaves_no_trace(encrypted(one.key, passphrase), passphrase,
                        strlen(passphrase));
  check_leaves_no_trace(traditional(one.key, passphrase), passphrase,
                        strlen(passphrase));
  free(line.data);
}
