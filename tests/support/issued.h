/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_ISSUED_H
#define TESTS_SUPPORT_ISSUED_H

/* Keys, requests and certificates that the library made, read back by OpenSSL.
 */
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <tlstream/certificate.h>
#include <tlstream/issue.h>

#include "support/test.h"

static inline tlstream_issued issue(const tlstream_issue_options *options) {
  tlstream_error error;
  tlstream_issued issued = {0};
  int code = tlstream_issue(options, &issued, &error);
  if (code != 0) tlstream_error_print(&error, stdout);
  CHECK_INT(code, 0);
  CHECK_ERROR(error.code, 0);
  CHECK_INT(ERR_peek_error(), 0);
  return issued;
}

static inline tlstream_bytes cert_of(const tlstream_issued *issued) {
  return (tlstream_bytes){issued->cert, issued->cert_len};
}

static inline tlstream_bytes key_of(const tlstream_issued *issued) {
  return (tlstream_bytes){issued->key, issued->key_len};
}

static inline tlstream_issued issue_ca(const char *name,
                                       const tlstream_issued *by) {
  tlstream_issue_options options = {.is_ca = true, .common_name = name};
  if (by != NULL) {
    options.ca_cert = cert_of(by);
    options.ca_key = key_of(by);
  }
  return issue(&options);
}

static inline X509 *read_cert(const tlstream_issued *issued) {
  BIO *bio = BIO_new_mem_buf(issued->cert, (int)issued->cert_len);
  X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
  BIO_free(bio);
  CHECK(x509 != NULL);
  return x509;
}

static inline EVP_PKEY *read_key(const tlstream_issued *issued) {
  BIO *bio = BIO_new_mem_buf(issued->key, (int)issued->key_len);
  EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
  BIO_free(bio);
  CHECK(key != NULL);
  return key;
}

/* As `openssl verify -x509_strict -purpose ...` does it. */
static inline int verify(const tlstream_issued *leaf,
                         const tlstream_issued *middle,
                         const tlstream_issued *root, int purpose) {
  X509_STORE *store = X509_STORE_new();
  X509_STORE_CTX *check = X509_STORE_CTX_new();
  STACK_OF(X509) *others = sk_X509_new_null();
  X509 *cert = read_cert(leaf);
  X509 *anchor = read_cert(root);
  if (middle != NULL) sk_X509_push(others, read_cert(middle));
  X509_STORE_add_cert(store, anchor);
  X509_STORE_CTX_init(check, store, cert, others);
  X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(check);
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT |
                                         X509_V_FLAG_CHECK_SS_SIGNATURE);
  X509_VERIFY_PARAM_set_auth_level(param, 2);
  if (purpose != 0) X509_STORE_CTX_set_purpose(check, purpose);
  X509_verify_cert(check);
  int number = X509_STORE_CTX_get_error(check);
  if (number != 0) printf("# %s\n", X509_verify_cert_error_string(number));
  sk_X509_pop_free(others, X509_free);
  X509_STORE_CTX_free(check);
  X509_STORE_free(store);
  X509_free(anchor);
  X509_free(cert);
  return number;
}

static inline void check_extension(const X509 *x509, int nid, int critical) {
  int index = X509_get_ext_by_NID(x509, nid, -1);
  CHECK_GE(index, 0);
  if (index < 0) return;
  CHECK_INT(X509_EXTENSION_get_critical(X509_get_ext(x509, index)), critical);
  CHECK_INT(X509_get_ext_by_NID(x509, nid, index), -1);
}

static inline tlstream_certificate *parse(const tlstream_issued *issued) {
  tlstream_certificate *cert =
      tlstream_certificate_parse(issued->cert, issued->cert_len, NULL);
  CHECK(cert != NULL);
  return cert;
}

static inline void check_refusal(const tlstream_issue_options *options,
                                 int want, const char *words) {
  tlstream_error error;
  tlstream_issued issued = {.key = (char *)words};
  CHECK_INT(tlstream_issue(options, &issued, &error), want);
  CHECK_ERROR(error.code, want);
  CHECK(issued.key == words); /* only written on success */
  if (strstr(error.message, words) == NULL) printf("# %s\n", error.message);
  CHECK(strstr(error.message, words) != NULL);
  CHECK_INT(ERR_peek_error(), 0);
}

#endif
