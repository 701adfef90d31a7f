/* SPDX-License-Identifier: MIT */
/* Certificates in PEM texts as they are met (I3). */
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

/* How many, or the error. */
static int certificates_in(const text *from, tlstream_error *error) {
  tlstream__pem pem;
  STACK_OF(X509) *list = NULL;
  open_text(&pem, from->data, from->len);
  int code = tlstream__pem_certificates(&pem, &list, error);
  int count = code == 0 ? sk_X509_num(list) : code;
  CHECK((code == 0) == (list != NULL));
  CHECK_INT(ERR_peek_error(), 0);
  sk_X509_pop_free(list, X509_free);
  tlstream__pem_clear(&pem);
  return count;
}

/* Releases the text. */
static void check_certificates(text from, int want) {
  tlstream_error error = {.message = ""};
  CHECK_INT(certificates_in(&from, &error), want);
  CHECK_STR(error.message, "");
  free(from.data);
}

static void check_no_certificate(text from, const char *words) {
  tlstream_error error = {.message = ""};
  CHECK_ERROR(certificates_in(&from, &error), TLSTREAM_ERR_BAD_CERTIFICATE);
  CHECK_ERROR(error.code, TLSTREAM_ERR_BAD_CERTIFICATE);
  CHECK_HAS(error.message, "ca: ");
  CHECK_HAS(error.message, words);
  free(from.data);
}

TEST(certificates_come_in_many_shapes) {
  tlstream_bytes pem = one.cert_pem;
  check_certificates(around("", pem, ""), 1);
  check_certificates(around("subject=CN = one.test\n\n", pem, ""), 1);
  check_certificates(around("", pem, "\n\nand that was it"), 1);
  check_certificates(around("\xEF\xBB\xBF", pem, ""), 1);
  check_certificates(rewritten(pem, "\n", "\r\n"), 1);
  check_certificates(rewritten(pem, "\n", " \t\n"), 1);
  check_certificates(rewritten(pem, "CERTIFICATE", "X509 CERTIFICATE"), 1);
  check_certificates(rewritten(pem, "CERTIFICATE", "TRUSTED CERTIFICATE"), 1);
  text short_one = around("", pem, "");
  short_one.len--; /* no line break at the end */
  check_certificates(short_one, 1);
}

TEST(many_certificates_in_one_text) {
  check_certificates(joined(one.cert_pem, other.cert_pem), 2);
  check_certificates(joined(one.cert_pem, one.cert_pem), 2); /* twice */
  check_certificates(joined(one.key_pem, one.cert_pem), 1);
  check_certificates(joined(one.cert_pem, one.key_pem), 1);
  text marked = around("", one.cert_pem, "\xEF\xBB\xBF");
  add(&marked, other.cert_pem.data, other.cert_pem.len);
  check_certificates(marked, 2); /* two files of Windows, joined */
  text many = start("");
  for (int i = 0; i < 500; i++)
    add(&many, one.cert_pem.data, one.cert_pem.len);
  check_certificates(many, 500);
}

TEST(ten_megabytes_of_comment) {
  enum { LEN = 10 * 1024 * 1024 };
  char *comment = malloc(LEN + 1);
  memset(comment, 'x', LEN);
  comment[LEN - 1] = '\n';
  comment[LEN] = '\0';
  check_certificates(around(comment, one.cert_pem, ""), 1);
  check_certificates(around("", one.cert_pem, comment), 1);
  for (size_t i = 60; i < LEN; i += 60)
    comment[i] = '\n';
  check_certificates(around(comment, one.cert_pem, ""), 1);
  check_no_certificate(start(comment), "it is not PEM");
  free(comment);
}

TEST(says_what_it_got_instead_of_a_certificate) {
  unsigned char *der = NULL;
  X509_REQ *request = X509_to_X509_REQ(one.cert, one.key, EVP_sha256());
  BIO *bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509_REQ(bio, request);
  X509_REQ_free(request);
  check_no_certificate(taken(bio), "a signing request");
  check_no_certificate(around("", one.key_pem, ""), "swapped?");
  check_no_certificate(start(""), "it is empty");
  check_no_certificate(start(" \r\n\t\n"), "it is not PEM");
  check_no_certificate(start("rubbish"), "it is not PEM");
  text binary = start("");
  add(&binary, "-\0-\0-\0-\0-\0B\0E\0", 14); /* UTF-16 */
  check_no_certificate(binary, "it is not PEM");
  int len = i2d_X509(one.cert, &der);
  binary = start("");
  add(&binary, der, (size_t)len);
  check_no_certificate(binary, "it is not PEM");
  OPENSSL_free(der);
}

static text with_bytes_behind_the_der(void) {
  unsigned char *der = NULL;
  BIO *bio = BIO_new(BIO_s_mem());
  int len = i2d_X509(one.cert, &der);
  der = OPENSSL_realloc(der, (size_t)len + 2);
  memcpy(der + len, "\x05", 2);
  PEM_write_bio(bio, PEM_STRING_X509, "", der, len + 2);
  OPENSSL_free(der);
  return taken(bio);
}

TEST(says_that_a_certificate_is_damaged) {
  tlstream_bytes pem = one.cert_pem;
  const char *words = "the certificate in it is damaged";
  check_no_certificate(spoiled(pem), words);
  check_no_certificate(around("no line of its own: ", pem, ""), words);
  check_no_certificate(around(" ", pem, ""), words);
  check_no_certificate(rewritten(pem, "\n", "\r"), words);
  check_no_certificate(rewritten(pem, "-----END", "----END"), words);
  check_no_certificate(rewritten(pem, "END CERT", "END XERT"), words);
  check_no_certificate(with_bytes_behind_the_der(), words);
  text holed = around("", pem, "");
  holed.data[holed.len / 2] = '\0';
  check_no_certificate(holed, words);
}

/* Nothing is half loaded: a bundle with one damaged certificate is refused,
 * whatever label the damaged one has. */
TEST(says_which_certificate_is_damaged) {
  static const char *const labels[] = {"CERTIFICATE", "X509 CERTIFICATE",
                                       "TRUSTED CERTIFICATE"};
  EACH_TEXT(i, labels) {
    text renamed = rewritten(other.cert_pem, "CERTIFICATE", labels[i]);
    text bad = spoiled((tlstream_bytes){renamed.data, renamed.len});
    tlstream_bytes bad_pem = {bad.data, bad.len};
    check_no_certificate(joined(one.cert_pem, bad_pem),
                         "certificate 2 in it is damaged");
    check_no_certificate(joined(bad_pem, one.cert_pem),
                         "the certificate in it is damaged");
    free(bad.data);
    free(renamed.data);
  }
}

/* A file that was not written to its end. As long as the last line that begins
 * a certificate is whole, it is noticed. */
TEST(a_cut_text_is_never_half_a_bundle) {
  text both = joined(one.cert_pem, other.cert_pem);
  size_t begin = strlen("-----BEGIN CERTIFICATE-----");
  size_t second = one.cert_pem.len;
  for (size_t len = 1; len <= both.len; len++) {
    tlstream_error error;
    text cut = {both.data, len};
    int want = TLSTREAM_ERR_BAD_CERTIFICATE;
    if (len >= second - 1 && len < second + begin) want = 1;
    if (len >= both.len - 1) want = 2;
    CHECK_INT(certificates_in(&cut, &error), want);
  }
  free(both.data);
}

static bool openssl_takes_certificate(const text *from) {
  BIO *bio = BIO_new_mem_buf(from->data, (int)from->len);
  X509 *cert = PEM_read_bio_X509_AUX(bio, NULL, no_passphrase, NULL);
  bool taken_by_it = cert != NULL;
  X509_free(cert);
  BIO_free(bio);
  ERR_clear_error();
  return taken_by_it;
}

/* Each byte of a text turned into others: what OpenSSL takes, we take. */
TEST(takes_what_openssl_takes) {
  static const char bytes[] = {'\0', '\n', 'A', '-', '='};
  text cert = around("", one.cert_pem, "");
  for (size_t i = 0; i < cert.len * COUNT(bytes); i++) {
    tlstream_error error;
    char before = cert.data[i / COUNT(bytes)];
    cert.data[i / COUNT(bytes)] = bytes[i % COUNT(bytes)];
    CHECK_INT(certificates_in(&cert, &error) == 1,
              openssl_takes_certificate(&cert));
    cert.data[i / COUNT(bytes)] = before;
  }
  free(cert.data);
}

TEST(takes_a_file_or_bytes_but_not_both) {
  tlstream__pem pem;
  tlstream_error error;
  tlstream_bytes bytes = {"x", 1};
  CHECK_ERROR(tlstream__pem_open(&pem, "ca", "/dev/null", bytes, NULL, &error),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_STR(error.message, "give ca or ca_file, not both");
  CHECK(pem.data == NULL);
  bytes = (tlstream_bytes){NULL, 0};
  CHECK_ERROR(tlstream__pem_open(&pem, "ca", NULL, bytes, NULL, &error), 0);
  CHECK(pem.data == NULL);
  tlstream__pem_clear(&pem);
  bytes = (tlstream_bytes){"x", 1ull << 31}; /* it is not read */
  CHECK_ERROR(tlstream__pem_open(&pem, "ca", NULL, bytes, NULL, &error),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_HAS(error.message, "ca is longer than");
  CHECK_ERROR(tlstream__pem_open(&pem, "ca", "/no/\x1b\n", (tlstream_bytes){0},
                                 NULL, &error),
              TLSTREAM_ERR_FILE);
  CHECK_HAS(error.message, "ca_file: cannot read /no/\\x1b\\n: ");
  CHECK_STR(pem.label, "ca_file /no/\\x1b\\n");
  tlstream__pem_clear(&pem);
}

static bool is_der(const char *bytes, size_t len) {
  tlstream__pem pem;
  open_text(&pem, bytes, len);
  bool der = tlstream__pem_is_der(&pem);
  tlstream__pem_clear(&pem);
  return der;
}

TEST(der_is_distinguished_from_text) {
  unsigned char *der = NULL;
  int len = i2d_X509(one.cert, &der);
  CHECK(is_der((const char *)der, (size_t)len));
  OPENSSL_free(der);
  CHECK(is_der("\x30\x80", 2));
  CHECK(!is_der("", 0));
  CHECK(!is_der("\x30", 1));
  CHECK(!is_der("01", 2));
  CHECK(!is_der("\x31\x82", 2));
  CHECK(!is_der(one.cert_pem.data, one.cert_pem.len));
}

/* What is half read is not taken for all of it. OpenSSL does not always report
 * that memory was the reason. */
static void read_two_certificates(void *data) {
  tlstream__pem pem;
  STACK_OF(X509) *list = NULL;
  tlstream_error error;
  int code = tlstream__pem_open(&pem, "ca", NULL, *(tlstream_bytes *)data, NULL,
                                &error);
  if (code == 0) code = tlstream__pem_certificates(&pem, &list, &error);
  CHECK(code != 0 || sk_X509_num(list) == 2);
  CHECK(code == 0 || torture_struck());
  CHECK_INT(ERR_peek_error(), 0);
  sk_X509_pop_free(list, X509_free);
  tlstream__pem_clear(&pem);
}

/* H7 */
TEST(survives_any_allocation_failing) {
  text certs = joined(one.cert_pem, other.cert_pem);
  tlstream_bytes bytes = {certs.data, certs.len};
  torture_install();
  CHECK_INT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, read_two_certificates,
                         &bytes),
            2);
  CHECK_GT(torture_some(TORTURE_OPENSSL, TORTURE_ONCE, 3, read_two_certificates,
                        &bytes),
           200);
  free(certs.data);
}

TEST(says_when_memory_is_out) {
  tlstream__pem pem;
  tlstream_error error;
  STACK_OF(X509) *list = NULL;
  torture_install();
  torture_arm(TORTURE_LIBRARY, TORTURE_ONCE, 1);
  CHECK_ERROR(tlstream__pem_open(&pem, "ca", NULL, one.cert_pem, NULL, &error),
              TLSTREAM_ERR_NO_MEMORY);
  torture_disarm();
  CHECK_ERROR(tlstream__pem_open(&pem, "ca", NULL, one.cert_pem, NULL, &error),
              0);
  for (size_t nth = 1; nth < 20; nth++) {
    torture_arm(TORTURE_OPENSSL, TORTURE_FOREVER, nth);
    CHECK_ERROR(tlstream__pem_certificates(&pem, &list, &error),
                TLSTREAM_ERR_NO_MEMORY);
    torture_disarm();
    CHECK(list == NULL);
    CHECK_ERROR(error.code, TLSTREAM_ERR_NO_MEMORY);
  }
  tlstream__pem_clear(&pem);
}
