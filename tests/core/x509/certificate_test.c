/* SPDX-License-Identifier: MIT */
/* Certificates from bytes: what is accepted, the errors for the rest, and the
 * getters. The certificates are fresh ones of tlstream_issue(). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <tlstream/certificate.h>
#include <tlstream/issue.h>
#include <tlstream/memory.h>

#include "support/test.h"
#include "support/torture.h"

static const char *const hosts[] = {"example.test", "*.example.test",
                                    "127.0.0.1", "2001:db8::1"};
static tlstream_issued issued;

/* A text put together of parts. */
static char text[256 * 1024];
static size_t text_len;

static void begin(void) {
  text_len = 0;
}

static void put(const void *bytes, size_t len) {
  CHECK_LT(text_len + len, sizeof(text));
  memcpy(text + text_len, bytes, len);
  text_len += len;
}

static void put_text(const char *words) {
  put(words, strlen(words));
}

static void put_cert(void) {
  put(issued.cert, issued.cert_len);
}

static void issue_one(void) {
  tlstream_error error;
  if (issued.cert != NULL) return;
  CHECK_INT(tlstream_issue(TLSTREAM_ISSUE(.hosts = hosts, .host_count = 4),
                           &issued, &error),
            0);
}

static tlstream_certificate *parse(void) {
  tlstream_error error;
  tlstream_certificate *made =
      tlstream_certificate_parse(text, text_len, &error);
  if (made == NULL) tlstream_error_print(&error, stdout);
  return made;
}

/* The text holds the certificate that was issued. */
static void check_same(void) {
  tlstream_certificate *got = parse();
  size_t count = 0;
  CHECK(got != NULL);
  if (got == NULL) return;
  const tlstream_name_entry *subject =
      tlstream_certificate_subject(got, &count);
  CHECK_INT(count, 1);
  CHECK_STR(subject[0].value, "example.test");
  tlstream_certificate_unref(got);
}

static void put_der(void) {
  BIO *bio = BIO_new_mem_buf(issued.cert, (int)issued.cert_len);
  X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
  unsigned char *der = NULL;
  int len = i2d_X509(x509, &der);
  put(der, (size_t)len);
  OPENSSL_free(der);
  X509_free(x509);
  BIO_free(bio);
}

static void put_trusted(void) {
  char *data = NULL;
  BIO *in = BIO_new_mem_buf(issued.cert, (int)issued.cert_len);
  BIO *out = BIO_new(BIO_s_mem());
  X509 *x509 = PEM_read_bio_X509(in, NULL, NULL, NULL);
  X509_add1_trust_object(x509, OBJ_nid2obj(NID_server_auth));
  PEM_write_bio_X509_AUX(out, x509);
  long len = BIO_get_mem_data(out, &data);
  put(data, (size_t)len);
  X509_free(x509);
  BIO_free(out);
  BIO_free(in);
}

TEST(takes_pem_and_der) {
  issue_one();
  begin(), put_cert(), check_same();
  begin(), put_der(), check_same();
  begin(), put_trusted(), check_same();
  CHECK(strstr(text, "TRUSTED") != NULL);
}

static void put_cert_with_crlf(void) {
  for (size_t i = 0; i < issued.cert_len; i++) {
    if (issued.cert[i] == '\n') put_text("\r");
    put(&issued.cert[i], 1);
  }
}

TEST(takes_pem_as_people_have_it) {
  issue_one();
  begin(), put_text("subject=CN = x\nissuer=y\n\n"), put_cert(), check_same();
  begin(), put_text("\xEF\xBB\xBF"), put_cert(), check_same();
  begin(), put_cert_with_crlf(), check_same();
  begin(), put_text("\r\n\r\n"), put_cert_with_crlf(), check_same();
  begin(), put_cert(), put_text("anything behind\n"), check_same();
  begin(), put_cert(), put_cert(), check_same();
  begin(), put_cert(), put_text("-----BEGIN CERTIFICATE-----\n!"), check_same();
  begin(), put(issued.key, issued.key_len), put_cert(), check_same();
  begin(), put("\0\0\n", 3), put_cert(), check_same();
  begin(), put(issued.cert, issued.cert_len - 1), check_same();
}

static void check_refusal(const char *words) {
  tlstream_error error;
  tlstream_certificate *got =
      tlstream_certificate_parse(text, text_len, &error);
  CHECK(got == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_BAD_CERTIFICATE);
  CHECK_HAS(error.message, words);
  tlstream_certificate_unref(got);
}

static void check_text_refusal(const char *given, const char *words) {
  begin(), put_text(given), check_refusal(words);
}

TEST(says_what_is_wrong) {
  issue_one();
  check_text_refusal("", "is empty");
  check_text_refusal("\xEF\xBB\xBF", "no PEM block found");
  check_text_refusal("hello", "no PEM block found");
  check_text_refusal("-----BEGIN CERTIFICATE-----\n", "is damaged");
  check_text_refusal("-----BEGIN CERTIFICATE-----\nMIIB\n"
                     "-----END CERTIFICATE-----\n",
                     "is damaged");
  check_text_refusal("-----BEGIN CERTIFICATE REQUEST-----\n",
                     "signing request");
  check_text_refusal("-----BEGIN NEW CERTIFICATE REQUEST-----\n",
                     "signing request");
  check_text_refusal("-----BEGIN PUBLIC KEY-----\n", "a public key");
  check_text_refusal("-----BEGIN PKCS7-----\n", "PKCS#7");
  check_text_refusal("-----BEGIN X509 CRL-----\n", "no PEM block in the text");
  begin(), put(issued.key, issued.key_len);
  check_refusal("the text holds a private key, not a certificate");
  begin(), put_der(), put_text("12345"), check_refusal("5 trailing bytes");
  begin(), put_der(), text_len -= 1, check_refusal("DER");
  begin(), put("\x30\x80\x00\x00", 4), check_refusal("DER");
  begin(), put("\x30\x84\xff\xff\xff\xff", 6), check_refusal("DER");
  begin(), put_text("x"), text_len = 0;
  CHECK(tlstream_certificate_parse(NULL, 0, NULL) == NULL);
}

/* A second certificate is not taken for the first one. */
TEST(stops_at_a_damaged_first_certificate) {
  issue_one();
  begin();
  put_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  put_cert();
  check_refusal("the first certificate in the text is damaged");
}

/* It would ask on the terminal, and block there. */
TEST(never_asks_for_a_passphrase) {
  check_text_refusal("-----BEGIN CERTIFICATE-----\n"
                     "Proc-Type: 4,ENCRYPTED\n"
                     "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n"
                     "\n"
                     "MIIBMIIBMIIBMIIBMIIBMIIBMIIB\n"
                     "-----END CERTIFICATE-----\n",
                     "is damaged");
}

TEST(survives_being_cut_or_changed_anywhere) {
  issue_one();
  begin(), put_der();
  for (size_t len = 0; len < text_len; len++) {
    CHECK(tlstream_certificate_parse(text, len, NULL) == NULL);
  }
  for (size_t i = 0; i < text_len; i++) {
    for (int bit = 0; bit < 8; bit++) {
      text[i] = (char)(text[i] ^ 1 << bit);
      tlstream_certificate *got =
          tlstream_certificate_parse(text, text_len, NULL);
      if (got != NULL) tlstream_free(tlstream_certificate_json(got));
      tlstream_certificate_unref(got);
      text[i] = (char)(text[i] ^ 1 << bit);
    }
  }
}

static void check_names(const tlstream_certificate *cert) {
  static const tlstream_alt_name_kind kinds[] = {
      TLSTREAM_ALT_NAME_DNS, TLSTREAM_ALT_NAME_DNS, TLSTREAM_ALT_NAME_IP,
      TLSTREAM_ALT_NAME_IP};
  size_t count = 0;
  const tlstream_alt_name *names = tlstream_certificate_alt_names(cert, &count);
  CHECK_INT(count, 4);
  for (size_t i = 0; i < count; i++)
    CHECK_INT(names[i].kind, kinds[i]);
  CHECK_STR((const char *)names[0].data, "example.test");
  CHECK_STR((const char *)names[1].data, "*.example.test");
  CHECK(names[2].len == 4 && memcmp(names[2].data, "\x7f\0\0\1", 4) == 0);
  CHECK_INT(names[3].len, 16);

  const tlstream_name_entry *issuer = tlstream_certificate_issuer(cert, &count);
  CHECK_INT(count, 1);
  CHECK_STR(issuer[0].key, "CN");
  CHECK_STR(issuer[0].value, "example.test");
  CHECK_INT(issuer[0].len, strlen("example.test"));
}

TEST(answers_questions) {
  size_t len = 0;
  issue_one();
  begin(), put_cert();
  tlstream_certificate *cert = parse();
  check_names(cert);
  CHECK_STR(tlstream_certificate_public_key(cert)->type, "EC");
  CHECK_INT(tlstream_certificate_public_key(cert)->bits, 256);
  CHECK_INT(tlstream_certificate_not_after(cert) -
                tlstream_certificate_not_before(cert),
            30 * 86400 + 3600);
  CHECK_LE(strlen(tlstream_certificate_serial(cert)), 32);
  CHECK_INT(strlen(tlstream_certificate_fingerprint(cert, TLSTREAM_SHA1)),
            3 * 20 - 1);
  CHECK_INT(strlen(tlstream_certificate_fingerprint(cert, TLSTREAM_SHA256)),
            3 * 32 - 1);
  CHECK_INT(strlen(tlstream_certificate_fingerprint(cert, TLSTREAM_SHA512)),
            3 * 64 - 1);
  CHECK_INT(strlen(tlstream_certificate_valid_from(cert)),
            strlen("Nov 11 09:52:22 2009 GMT"));
  CHECK(tlstream_certificate_issuer_certificate(cert) == NULL);
  const void *der = tlstream_certificate_der(cert, &len);
  begin(), put_der();
  CHECK(len == text_len && memcmp(der, text, len) == 0);
  tlstream_certificate_unref(cert);
}

TEST(counts_references) {
  issue_one();
  begin(), put_cert();
  tlstream_certificate *cert = parse();
  CHECK(tlstream_certificate_ref(cert) == cert);
  tlstream_certificate_unref(cert);
  CHECK_STR(tlstream_certificate_public_key(cert)->type, "EC");
  tlstream_certificate_unref(cert);
  tlstream_certificate_unref(NULL);
}

TEST(says_which_hosts_it_is_for) {
  static const struct {
    const char *host;
    int code;
  } rows[] = {{"example.test", 0},
              {"a.EXAMPLE.test.", 0},
              {"127.0.0.1", 0},
              {"2001:DB8:0::1", 0},
              {"a.b.example.test", TLSTREAM_ERR_WRONG_NAME},
              {"127.0.0.2", TLSTREAM_ERR_WRONG_NAME},
              {"*.example.test", TLSTREAM_ERR_INVALID_ARGUMENT},
              {"", TLSTREAM_ERR_INVALID_ARGUMENT}};
  tlstream_error error;
  issue_one();
  begin(), put_cert();
  tlstream_certificate *cert = parse();
  EACH_ROW_NAMED(i, rows, host) {
    bool got = tlstream_certificate_matches_host(cert, rows[i].host, &error);
    CHECK_INT(got, rows[i].code == 0);
    CHECK_ERROR(error.code, rows[i].code);
    CHECK_INT(tlstream_certificate_matches_host(cert, rows[i].host, NULL), got);
  }
  CHECK(!tlstream_certificate_matches_host(cert, "other.test", &error));
  CHECK_STR(error.message,
            "the certificate is for example.test, *.example.test, 127.0.0.1, "
            "2001:db8::1, not for other.test");
  tlstream_certificate_unref(cert);
}

TEST(writes_json) {
  issue_one();
  begin(), put_cert();
  tlstream_certificate *cert = parse();
  char *json = tlstream_certificate_json(cert);
  CHECK(json != NULL);
  static const char *const pieces[] = {
      "{\"subject\":{\"CN\":\"example.test\"},"
      "\"issuer\":{\"CN\":\"example.test\"},"
      "\"subjectaltname\":\"DNS:example.test, DNS:*.example.test, "
      "IP Address:127.0.0.1, IP Address:2001:DB8:0:0:0:0:0:1\","
      "\"subjectAltNames\":[{\"kind\":\"DNS\",\"value\":\"example.test\"},"
      "{\"kind\":\"DNS\",\"value\":\"*.example.test\"},"
      "{\"kind\":\"IP\",\"value\":\"127.0.0.1\"},"
      "{\"kind\":\"IP\",\"value\":\"2001:db8::1\"}],"
      "\"ca\":false,\"bits\":256,\"pubkey\":\"B",
      "=\",\"asn1Curve\":\"prime256v1\",\"nistCurve\":\"P-256\","
      "\"valid_from\":\"",
      "\"ext_key_usage\":[\"1.3.6.1.5.5.7.3.1\",\"1.3.6.1.5.5.7.3.2\"],"
      "\"serialNumber\":\"",
      "\"raw\":\"MII"};
  for (size_t i = 0; json != NULL && i < COUNT(pieces); i++) {
    CHECK(strstr(json, pieces[i]) != NULL);
  }
  tlstream_free(json);
  tlstream_certificate_unref(cert);
}

static void parse_and_print(void *unused) {
  tlstream_error error;
  (void)unused;
  tlstream_certificate *cert =
      tlstream_certificate_parse(text, text_len, &error);
  if (cert == NULL) {
    CHECK_ERROR(error.code, TLSTREAM_ERR_NO_MEMORY);
    CHECK(torture_struck());
    return;
  }
  char *json = tlstream_certificate_json(cert);
  CHECK(json != NULL || torture_struck());
  tlstream_free(json);
  tlstream_certificate_unref(cert);
}

TEST(survives_any_allocation_failing) {
  torture_install();
  issue_one();
  begin(), put_cert();
  CHECK_GT(
      torture_each(TORTURE_LIBRARY, TORTURE_FOREVER, parse_and_print, NULL), 3);
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, parse_and_print, NULL),
           3);
}

TEST(forgets_what_was_issued) {
  issue_one();
  tlstream_issued_clear(&issued);
  CHECK(issued.key == NULL && issued.cert == NULL);
}
