/* SPDX-License-Identifier: MIT */
/* Signing requests as other programs make them, and what of them is not
 * believed. */
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "support/issued.h"
#include "support/requested.h"
#include "support/test.h"

AFTER_TESTS(drop_them) {
  tlstream_issued_clear(&key);
  tlstream_issued_clear(&root);
}

/* A request as another program makes it. */
typedef struct odd_request {
  const char *subject;     /* a common name, or NULL for an empty subject */
  size_t subject_len;      /* 0: up to its NUL */
  const char *names;       /* subjectAltName, in OpenSSL's notation */
  const char *other_names; /* the same once more */
  const char *basic;       /* basicConstraints */
  int raw_kind;            /* GEN_DNS, ... of a name of these bytes */
  const char *raw;
  size_t raw_len;
  bool is_broken; /* in place of extensions */
} odd_request;

static void add_extension(STACK_OF(X509_EXTENSION) * all, int nid,
                          const char *value) {
  if (value == NULL) return;
  X509_EXTENSION *made = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
  CHECK(made != NULL);
  sk_X509_EXTENSION_push(all, made);
}

static void add_raw_name(STACK_OF(X509_EXTENSION) * *all,
                         const odd_request *how) {
  if (how->raw == NULL) return;
  GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
  GENERAL_NAME *name = GENERAL_NAME_new();
  ASN1_STRING *value = ASN1_STRING_type_new(
      how->raw_kind == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
  ASN1_STRING_set(value, how->raw, (int)how->raw_len);
  GENERAL_NAME_set0_value(name, how->raw_kind, value);
  sk_GENERAL_NAME_push(names, name);
  X509V3_add1_i2d(all, NID_subject_alt_name, names, 0, 0);
  GENERAL_NAMES_free(names);
}

static tlstream_bytes make_odd(const odd_request *how, EVP_PKEY *signer) {
  X509_REQ *request = X509_REQ_new();
  unsigned char *der = NULL;
  STACK_OF(X509_EXTENSION) *all = sk_X509_EXTENSION_new_null();
  if (how->subject != NULL) {
    size_t len = how->subject_len;
    if (len == 0) len = strlen(how->subject);
    X509_NAME_add_entry_by_NID(
        X509_REQ_get_subject_name(request), NID_commonName, V_ASN1_UTF8STRING,
        (const unsigned char *)how->subject, (int)len, -1, 0);
  }
  add_extension(all, NID_subject_alt_name, how->names);
  add_extension(all, NID_subject_alt_name, how->other_names);
  add_extension(all, NID_basic_constraints, how->basic);
  if (how->basic != NULL) {
    add_extension(all, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(all, NID_ext_key_usage, "codeSigning,anyExtendedKeyUsage");
    add_extension(all, NID_netscape_comment, "hello");
  }
  add_raw_name(&all, how);
  if (how->is_broken) {
    X509_REQ_add1_attr_by_NID(request, NID_ext_req, V_ASN1_OCTET_STRING,
                              (const unsigned char *)"x", 1);
  } else {
    X509_REQ_add_extensions(request, all);
  }
  X509_REQ_set_pubkey(request, signer);
  CHECK_GT(X509_REQ_sign(request, signer, EVP_sha256()), 0);
  int len = i2d_X509_REQ(request, &der);
  sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
  X509_REQ_free(request);
  return (tlstream_bytes){der, (size_t)len};
}

static void forget(tlstream_bytes bytes) {
  OPENSSL_free((void *)bytes.data);
}

/* I11: whatever it asks for beside. */
TEST(takes_over_nothing_but_names) {
  prepare();
  EVP_PKEY *signer = read_key(&key);
  tlstream_bytes odd = make_odd(&(odd_request){.subject = "a.test",
                                               .names = "DNS:a.test",
                                               .basic = "critical,CA:TRUE"},
                                signer);
  tlstream_issue_options options = sign_by_root(odd);
  tlstream_issued leaf = issue(&options);
  X509 *x509 = read_cert(&leaf);
  CHECK_INT(X509_check_ca(x509), 0);
  CHECK_INT(X509_get_ext_count(x509), 6);
  CHECK_INT(X509_get_key_usage(x509), KU_DIGITAL_SIGNATURE);
  CHECK_INT(X509_get_extended_key_usage(x509), XKU_SSL_SERVER | XKU_SSL_CLIENT);
  CHECK_INT(X509_get_ext_by_NID(x509, NID_netscape_comment, -1), -1);
  X509_free(x509);
  tlstream_issued_clear(&leaf);
  forget(odd);
  EVP_PKEY_free(signer);
}

TEST(takes_a_request_without_a_subject) {
  size_t count = 0;
  prepare();
  EVP_PKEY *signer = read_key(&key);
  tlstream_bytes odd = make_odd(&(odd_request){.names = "DNS:a.test"}, signer);
  tlstream_issue_options options = sign_by_root(odd);
  tlstream_issued leaf = issue(&options);
  tlstream_certificate *cert = parse(&leaf);
  const tlstream_name_entry *subject =
      tlstream_certificate_subject(cert, &count);
  CHECK_INT(count, 1);
  CHECK_STR(subject[0].key, "serialNumber");
  CHECK_INT(verify(&leaf, NULL, &root, X509_PURPOSE_SSL_SERVER), 0);
  tlstream_certificate_unref(cert);
  tlstream_issued_clear(&leaf);
  forget(odd);
  EVP_PKEY_free(signer);
}

#define RAW(kind, bytes) \
  { .raw_kind = (kind), .raw = (bytes), .raw_len = sizeof(bytes) - 1 }

TEST(signs_no_odd_names) {
  static const struct {
    odd_request how;
    const char *words;
  } rows[] = {
      {RAW(GEN_DNS, "good.test\0.hostile_peer.test"),
       "good.test\\x00.hostile_peer.test"},
      {RAW(GEN_DNS, "a.test, DNS:b.test"), "a.test, DNS:b.test"},
      {RAW(GEN_DNS, "\x1b[31m"), "\\x1b[31m"},
      {RAW(GEN_DNS, "b\xfc.test"), "xn--"},
      {RAW(GEN_DNS, "127.0.0.1"), "dressed as a name"},
      {RAW(GEN_DNS, "*"), "wildcard"},
      {RAW(GEN_DNS, "*.test"), "two parts"},
      {RAW(GEN_DNS, "*.*.example.test"), "wildcard"},
      {RAW(GEN_DNS, ""), "is empty"},
      {RAW(GEN_IPADD, "abcde"), "odd length"},
      {RAW(GEN_IPADD, ""), "odd length"},
      {RAW(GEN_EMAIL, "me@a.test\n"), "a.test\\n"},
      {RAW(GEN_EMAIL, "me\0@a.test"), "no e-mail"},
      {RAW(GEN_EMAIL, "a.test"), "no e-mail"},
      {RAW(GEN_EMAIL, "@a.test"), "no e-mail"},
      {RAW(GEN_EMAIL, "a..b@a.test"), "no e-mail"},
      {RAW(GEN_EMAIL, "a b@a.test"), "no e-mail"},
      {RAW(GEN_EMAIL, "a@1.2.3.4"), "domain name"},
      {RAW(GEN_URI, "javascript:alert(1)"), "no URI"},
      {RAW(GEN_URI, "http://a.test/\n"), "no URI"},
      {RAW(GEN_URI, "http://a.test/\xff"), "no URI"},
      {RAW(GEN_URI, "http://a b"), "no URI"},
      {RAW(GEN_URI, "://a"), "no URI"},
      {RAW(GEN_URI, ""), "no URI"},
      {{.names = "RID:1.2.3"}, "kind that is not signed"},
      {{.names = "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:root@a.test"},
       "kind that is not signed"},
      {{.names = "DNS:a.test", .other_names = "DNS:b.test"}, "there twice"},
      {{.subject = "a.test", .is_broken = true}, "extensions that it asks"},
      {{.subject = "a\nb"}, "control characters"},
      {{.subject = "a\0b", .subject_len = 3}, "control characters"},
      {{.subject = NULL}, "no subject and no names"},
  };
  prepare();
  EVP_PKEY *signer = read_key(&key);
  EACH_ROW(i, rows) {
    tlstream_bytes odd = make_odd(&rows[i].how, signer);
    tlstream_issue_options options = sign_by_root(odd);
    check_refusal(&options, TLSTREAM_ERR_BAD_REQUEST, rows[i].words);
    forget(odd);
  }
  EVP_PKEY_free(signer);
}

TEST(makes_no_odd_names_either) {
  static const struct {
    const char *host;
    const char *words;
  } rows[] = {{"me@a.test\n", "a.test\\n"},  {"@", "e-mail"},
              {"me@", "is empty"},           {"me@*.a.test", "wildcard"},
              {"a@b@c.test", "@"},           {"://x", "no URI"},
              {"http://", "no URI"},         {"1http://x", "no URI"},
              {"http://a.test/\"", "no URI"}};
  prepare();
  EACH_ROW(i, rows) {
    tlstream_error error;
    tlstream_issued issued = {0};
    CHECK_ERROR(
        tlstream_issue_request(TLSTREAM_ISSUE_REQUEST(.hosts = &rows[i].host,
                                                      .host_count = 1,
                                                      .key = key_of(&key)),
                               &issued, &error),
        TLSTREAM_ERR_INVALID_ARGUMENT);
    CHECK_HAS(error.message, rows[i].words);
    CHECK(issued.request == NULL);
  }
}

TEST(signs_no_weak_key) {
  prepare();
  EVP_PKEY *weak = EVP_RSA_gen(1024);
  tlstream_bytes odd = make_odd(&(odd_request){.subject = "a.test"}, weak);
  tlstream_issue_options options = sign_by_root(odd);
  check_refusal(&options, TLSTREAM_ERR_WEAK_KEY, "request: the key is too");
  forget(odd);
  EVP_PKEY_free(weak);
}
