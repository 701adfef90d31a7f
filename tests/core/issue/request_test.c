/* SPDX-License-Identifier: MIT */
/* Signing requests: made, looked at and signed. Those that others make are in
 * odd_request_test.c. */
#include <tlstream/memory.h>

#include "support/issued.h"
#include "support/json_check.h"
#include "support/requested.h"
#include "support/test.h"
#include "support/torture.h"

static const char *const hosts[] = {"example.test", "127.0.0.1",
                                    "me@example.test", "spiffe://a.test/b"};

static tlstream_bytes request_of(const tlstream_issued *issued) {
  return (tlstream_bytes){issued->request, issued->request_len};
}

static tlstream_issued ask(const tlstream_issue_request_options *options) {
  tlstream_error error;
  tlstream_issued issued = {0};
  int code = tlstream_issue_request(options, &issued, &error);
  if (code != 0) tlstream_error_print(&error, stdout);
  CHECK_INT(code, 0);
  CHECK(issued.key == NULL && issued.cert == NULL);
  CHECK_INT(ERR_peek_error(), 0);
  return issued;
}

static tlstream_issued ask_for_all(void) {
  prepare();
  return ask(TLSTREAM_ISSUE_REQUEST(.hosts = hosts, .host_count = 4,
                                    .key = key_of(&key)));
}

static void check_names(const tlstream_alt_name *names, size_t count) {
  static const tlstream_alt_name_kind kinds[] = {
      TLSTREAM_ALT_NAME_DNS, TLSTREAM_ALT_NAME_IP, TLSTREAM_ALT_NAME_EMAIL,
      TLSTREAM_ALT_NAME_URI};
  if (!CHECK_INT(count, 4)) return;
  for (size_t i = 0; i < count; i++)
    CHECK_INT(names[i].kind, kinds[i]);
  CHECK_STR((const char *)names[0].data, "example.test");
  CHECK_STR((const char *)names[2].data, "me@example.test");
  CHECK_STR((const char *)names[3].data, "spiffe://a.test/b");
}

TEST(says_what_it_asks_for) {
  size_t count = 0;
  tlstream_issued asked = ask_for_all();
  tlstream_request *request =
      tlstream_request_parse(asked.request, asked.request_len, NULL);
  CHECK(request != NULL);
  const tlstream_name_entry *subject =
      tlstream_request_subject(request, &count);
  CHECK_INT(count, 1);
  CHECK_STR(subject[0].value, "example.test");
  const tlstream_alt_name *names = tlstream_request_alt_names(request, &count);
  check_names(names, count);
  CHECK_STR(tlstream_request_public_key(request)->nist_curve, "P-256");
  char *json = tlstream_request_json(request);
  CHECK(is_json(json));
  CHECK_HAS(json, "{\"subject\":{\"CN\":\"example.test\"},\"subjectaltname\":"
                  "\"DNS:example.test, IP Address:127.0.0.1, "
                  "email:me@example.test, URI:spiffe://a.test/b\"");
  CHECK_HAS(json, "\"raw\":\"MII");
  tlstream_free(json);
  tlstream_request_free(request);
  tlstream_request_free(NULL);
  tlstream_issued_clear(&asked);
}

static void check_purpose(tlstream_issue_purpose purpose, bool for_servers,
                          bool for_clients) {
  size_t count = 0;
  tlstream_issued asked = ask_for_all();
  tlstream_issue_options options = sign_by_root(request_of(&asked));
  options.purpose = purpose;
  tlstream_issued leaf = issue(&options);
  tlstream_certificate *cert = parse(&leaf);
  const tlstream_alt_name *names = tlstream_certificate_alt_names(cert, &count);
  check_names(names, count);
  CHECK(leaf.key == NULL);
  CHECK_INT(verify(&leaf, NULL, &root, X509_PURPOSE_SSL_SERVER) == 0,
            for_servers);
  CHECK_INT(verify(&leaf, NULL, &root, X509_PURPOSE_SSL_CLIENT) == 0,
            for_clients);
  X509 *x509 = read_cert(&leaf);
  EVP_PKEY *private_key = read_key(&key);
  CHECK_INT(X509_check_private_key(x509, private_key), 1);
  EVP_PKEY_free(private_key);
  X509_free(x509);
  tlstream_certificate_unref(cert);
  tlstream_issued_clear(&leaf);
  tlstream_issued_clear(&asked);
}

TEST(is_signed_for_a_purpose) {
  check_purpose(TLSTREAM_FOR_BOTH, true, true);
  check_purpose(TLSTREAM_FOR_SERVERS, true, false);
  check_purpose(TLSTREAM_FOR_CLIENTS, false, true);
}

/* A client may have no name but its common one; for a server that name would
 * not be matched. */
TEST(may_ask_for_no_alternative_names) {
  size_t count = 0;
  prepare();
  tlstream_issued asked =
      ask(TLSTREAM_ISSUE_REQUEST(.common_name = "J\xC3\xBCrgen",
                                 .key = key_of(&key)));
  tlstream_issue_options options = sign_by_root(request_of(&asked));
  options.purpose = TLSTREAM_FOR_SERVERS;
  check_refusal(&options, TLSTREAM_ERR_INVALID_ARGUMENT, "name the hosts");
  options.purpose = TLSTREAM_FOR_CLIENTS;
  tlstream_issued leaf = issue(&options);
  tlstream_certificate *cert = parse(&leaf);
  const tlstream_name_entry *subject =
      tlstream_certificate_subject(cert, &count);
  CHECK_STR(subject[0].value, "J\xC3\xBCrgen");
  CHECK(tlstream_certificate_alt_text(cert) == NULL);
  CHECK_INT(verify(&leaf, NULL, &root, X509_PURPOSE_SSL_CLIENT), 0);
  tlstream_certificate_unref(cert);
  tlstream_issued_clear(&leaf);
  tlstream_issued_clear(&asked);
}

TEST(is_signed_by_its_own_key) {
  tlstream_issued asked = ask_for_all();
  tlstream_issued self =
      issue(TLSTREAM_ISSUE(.request = request_of(&asked), .key = key_of(&key)));
  CHECK(self.key == NULL);
  CHECK_INT(verify(&self, NULL, &self, X509_PURPOSE_SSL_SERVER), 0);
  check_refusal(
      TLSTREAM_ISSUE(.request = request_of(&asked), .key = key_of(&root)),
      TLSTREAM_ERR_KEY_MISMATCH, "not the key that the request is for");
  check_refusal(TLSTREAM_ISSUE(.request = request_of(&asked)),
                TLSTREAM_ERR_INVALID_ARGUMENT, "by an authority");
  tlstream_issued_clear(&self);
  tlstream_issued_clear(&asked);
}

/* The signer gives the names; then only the key is the request's. */
TEST(is_signed_for_the_names_the_signer_gives) {
  static const char *const other[] = {"other.test"};
  size_t count = 0;
  tlstream_issued asked = ask_for_all();
  tlstream_issue_options options = sign_by_root(request_of(&asked));
  options.hosts = other;
  options.host_count = 1;
  tlstream_issued leaf = issue(&options);
  tlstream_certificate *cert = parse(&leaf);
  const tlstream_alt_name *names = tlstream_certificate_alt_names(cert, &count);
  CHECK_INT(count, 1);
  CHECK_STR((const char *)names[0].data, "other.test");
  const tlstream_name_entry *subject =
      tlstream_certificate_subject(cert, &count);
  CHECK_INT(count, 1);
  CHECK_STR(subject[0].value, "other.test");
  tlstream_certificate_unref(cert);
  tlstream_issued_clear(&leaf);
  options.is_ca = true;
  check_refusal(&options, TLSTREAM_ERR_INVALID_ARGUMENT, "not made from");
  tlstream_issued_clear(&asked);
}

TEST(asks_only_with_a_key) {
  tlstream_error error;
  tlstream_issued issued = {0};
  CHECK_ERROR(tlstream_issue_request(TLSTREAM_ISSUE_REQUEST(.common_name = "x"),
                                     &issued, &error),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_HAS(error.message, "key is missing");
  CHECK_ERROR(tlstream_issue_request(NULL, &issued, &error),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_HAS(error.message, "at least one host");
}

static void check_bad(const void *data, size_t len, const char *words) {
  tlstream_error error;
  tlstream_issue_options options = sign_by_root((tlstream_bytes){data, len});
  CHECK(tlstream_request_parse(data, len, &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_BAD_REQUEST);
  CHECK_HAS(error.message, words);
  check_refusal(&options, TLSTREAM_ERR_BAD_REQUEST, words);
}

TEST(says_why_it_is_no_request) {
  static const char cut[] = "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n";
  tlstream_issued asked = ask_for_all();
  check_bad("", 0, "is empty");
  check_bad("hello", 5, "neither PEM");
  check_bad(cut, sizeof(cut) - 1, "is damaged");
  check_bad(root.cert, root.cert_len, "signed already");
  check_bad(root.key, root.key_len, "a private key");
  check_bad("\x30\x80\x00\x00", 4, "neither PEM");
  tlstream_issued_clear(&asked);
}

static tlstream_bytes der_of(const tlstream_issued *asked) {
  BIO *bio = BIO_new_mem_buf(asked->request, (int)asked->request_len);
  X509_REQ *request = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
  unsigned char *der = NULL;
  int len = i2d_X509_REQ(request, &der);
  X509_REQ_free(request);
  BIO_free(bio);
  return (tlstream_bytes){der, (size_t)len};
}

/* Nothing that is not signed as it stands gets through. A bit of the encoding
 * may change without changing what is meant: then the names are the same. */
TEST(believes_nothing_that_was_changed) {
  tlstream_issued asked = ask_for_all();
  tlstream_bytes der = der_of(&asked);
  unsigned char *bytes = (unsigned char *)der.data;
  for (size_t len = 0; len < der.len; len++)
    CHECK(tlstream_request_parse(bytes, len, NULL) == NULL);
  for (size_t i = 0; i < der.len; i++) {
    size_t count = 0;
    bytes[i] ^= 4;
    tlstream_request *got = tlstream_request_parse(bytes, der.len, NULL);
    if (got != NULL) {
      const tlstream_alt_name *names = tlstream_request_alt_names(got, &count);
      check_names(names, count);
    }
    tlstream_request_free(got);
    bytes[i] ^= 4;
  }
  OPENSSL_free((void *)der.data);
  tlstream_issued_clear(&asked);
}

BEFORE_TESTS(take_over_memory) {
  torture_install_openssl();
}

static int look(tlstream_bytes bytes, tlstream_error *error) {
  size_t count = 0;
  tlstream_request *request =
      tlstream_request_parse(bytes.data, bytes.len, error);
  if (request == NULL) return error->code;
  char *json = tlstream_request_json(request);
  int code = json != NULL ? 0 : TLSTREAM_ERR_NO_MEMORY;
  tlstream_request_alt_names(request, &count);
  CHECK_INT(count, 4);
  tlstream_free(json);
  tlstream_request_free(request);
  return code;
}

/* Nothing of it is lost on the way without a word. */
static int check_leaf(const tlstream_issued *leaf, tlstream_error *error) {
  size_t count = 0;
  tlstream_certificate *cert =
      tlstream_certificate_parse(leaf->cert, leaf->cert_len, error);
  if (cert == NULL) return error->code;
  tlstream_certificate_alt_names(cert, &count);
  CHECK_INT(count, 4);
  tlstream_certificate_unref(cert);
  return 0;
}

static void ask_look_and_sign(void *data) {
  tlstream_issued asked = {0};
  tlstream_issued leaf = {0};
  tlstream_error error;
  (void)data;
  int code = tlstream_issue_request(TLSTREAM_ISSUE_REQUEST(.hosts = hosts,
                                                           .host_count = 4,
                                                           .key = key_of(&key)),
                                    &asked, &error);
  if (code == 0) code = look(request_of(&asked), &error);
  if (code == 0) {
    tlstream_issue_options options = sign_by_root(request_of(&asked));
    code = tlstream_issue(&options, &leaf, &error);
  }
  if (code == 0) code = check_leaf(&leaf, &error);
  /* OpenSSL does not always report that it was memory. */
  CHECK(code == 0 || torture_struck());
  CHECK_INT(ERR_peek_error(), 0);
  tlstream_issued_clear(&leaf);
  tlstream_issued_clear(&asked);
}

TEST(survives_any_allocation_failing) {
  tlstream_issued_clear(&key);
  tlstream_issued_clear(&root);
  torture_install();
  prepare();
  ask_look_and_sign(NULL); /* what OpenSSL keeps for the process is there now */
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, ask_look_and_sign, NULL),
           10);
  tlstream_issued_clear(&key);
  tlstream_issued_clear(&root);
}

/* One in so many, the more the further, because there are thousands. */
TEST(survives_openssl_running_out_of_memory) {
  bool struck = true;
  torture_install();
  prepare();
  ask_look_and_sign(NULL);
  for (size_t nth = 1; struck; nth += 1 + nth / 40) {
    torture_arm(TORTURE_OPENSSL, TORTURE_ONCE, nth);
    ask_look_and_sign(NULL);
    struck = torture_disarm();
  }
  tlstream_issued_clear(&key);
  tlstream_issued_clear(&root);
}
