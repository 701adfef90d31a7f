/* SPDX-License-Identifier: MIT */
#include "core/session/fingerprint.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "base/alloc.h"

enum { NUMBER_LEN = 8 };

static void add(tlstream__digest *digest, const void *data, size_t len) {
  if (!digest->failed && EVP_DigestUpdate(digest->md, data, len) != 1)
    digest->failed = true;
}

static void add_number(tlstream__digest *digest, unsigned long long number) {
  unsigned char bytes[NUMBER_LEN];
  for (int i = NUMBER_LEN - 1; i >= 0; i--, number >>= 8)
    bytes[i] = (unsigned char)number;
  add(digest, bytes, sizeof(bytes));
}

void tlstream__digest_begin(tlstream__digest *digest, const char *label) {
  digest->md = EVP_MD_CTX_new();
  digest->failed = digest->md == NULL ||
                   EVP_DigestInit_ex(digest->md, EVP_sha256(), NULL) != 1;
  tlstream__digest_text(digest, label);
}

void tlstream__digest_bytes(tlstream__digest *digest, const void *data,
                            size_t len) {
  add_number(digest, len);
  add(digest, data, len);
}

void tlstream__digest_text(tlstream__digest *digest, const char *text) {
  if (text == NULL) {
    add_number(digest, UINT64_MAX); /* no text is that long */
  } else {
    tlstream__digest_bytes(digest, text, strlen(text));
  }
}

void tlstream__digest_number(tlstream__digest *digest, long long number) {
  add_number(digest, (unsigned long long)number);
}

bool tlstream__digest_end(tlstream__digest *digest,
                          tlstream__fingerprint *out) {
  tlstream__fingerprint made;
  if (!digest->failed && EVP_DigestFinal_ex(digest->md, made.bytes, NULL) != 1)
    digest->failed = true;
  EVP_MD_CTX_free(digest->md);
  digest->md = NULL;
  if (!digest->failed) *out = made;
  return !digest->failed;
}

bool tlstream__fingerprint_equal(const tlstream__fingerprint *a,
                                 const tlstream__fingerprint *b) {
  return CRYPTO_memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

void tlstream__digest_suites(tlstream__digest *digest, SSL_CTX *ctx) {
  const STACK_OF(SSL_CIPHER) *suites = SSL_CTX_get_ciphers(ctx);
  tlstream__digest_number(digest, SSL_CTX_get_min_proto_version(ctx));
  tlstream__digest_number(digest, SSL_CTX_get_max_proto_version(ctx));
  tlstream__digest_number(digest, SSL_CTX_get_security_level(ctx));
  tlstream__digest_number(digest, sk_SSL_CIPHER_num(suites));
  for (int i = 0; i < sk_SSL_CIPHER_num(suites); i++) {
    tlstream__digest_number(digest,
                            SSL_CIPHER_get_id(sk_SSL_CIPHER_value(suites, i)));
  }
}

static bool digest_object(const X509_OBJECT *object,
                          tlstream__fingerprint *out) {
  const X509 *cert = X509_OBJECT_get0_X509(object);
  const X509_CRL *list = X509_OBJECT_get0_X509_CRL((X509_OBJECT *)object);
  return cert != NULL
             ? X509_digest(cert, EVP_sha256(), out->bytes, NULL) == 1
             : X509_CRL_digest(list, EVP_sha256(), out->bytes, NULL) == 1;
}

static int compare(const void *a, const void *b) {
  return memcmp(a, b, sizeof(tlstream__fingerprint));
}

/* OpenSSL may sort them at any time. */
static void add_objects(tlstream__digest *digest,
                        const STACK_OF(X509_OBJECT) * objects) {
  size_t count = (size_t)sk_X509_OBJECT_num(objects);
  tlstream__digest_number(digest, (long long)count);
  if (count == 0) return;
  tlstream__fingerprint *each = tlstream__calloc(count * sizeof(*each));
  if (each == NULL) digest->failed = true;
  for (size_t i = 0; i < count && !digest->failed; i++) {
    const X509_OBJECT *object = sk_X509_OBJECT_value(objects, (int)i);
    if (!digest_object(object, &each[i])) digest->failed = true;
  }
  if (!digest->failed) {
    qsort(each, count, sizeof(*each), compare);
    tlstream__digest_bytes(digest, each, count * sizeof(*each));
  }
  tlstream__free(each);
}

void tlstream__digest_trust(tlstream__digest *digest, SSL_CTX *ctx) {
  X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);
  X509_STORE *store = SSL_CTX_get_cert_store(ctx);
  tlstream__digest_number(digest,
                          (long long)X509_VERIFY_PARAM_get_flags(param));
  tlstream__digest_number(digest, X509_VERIFY_PARAM_get_depth(param));
  add_objects(digest, X509_STORE_get0_objects(store));
}

static void add_whole(tlstream__digest *digest, const X509 *cert) {
  tlstream__fingerprint whole;
  if (X509_digest(cert, EVP_sha256(), whole.bytes, NULL) != 1) {
    digest->failed = true;
    return;
  }
  tlstream__digest_bytes(digest, whole.bytes, sizeof(whole.bytes));
}

/* Its subject where it has no list of names. */
static void add_names(tlstream__digest *digest, const X509 *cert) {
  int at = X509_get_ext_by_NID(cert, NID_subject_alt_name, -1);
  if (at >= 0) {
    const ASN1_OCTET_STRING *names =
        X509_EXTENSION_get_data(X509_get_ext(cert, at));
    tlstream__digest_bytes(digest, ASN1_STRING_get0_data(names),
                           (size_t)ASN1_STRING_length(names));
    return;
  }
  unsigned char *der = NULL;
  int len = i2d_X509_NAME(X509_get_subject_name(cert), &der);
  if (len >= 0) {
    tlstream__digest_bytes(digest, der, (size_t)len);
  } else {
    digest->failed = true;
  }
  OPENSSL_free(der);
}

/* Iterating moves the cursor of the current certificate, so this takes a
 * private SSL. */
void tlstream__digest_credentials(tlstream__digest *digest, SSL_CTX *ctx,
                                  bool is_server) {
  SSL *ssl = SSL_new(ctx);
  if (ssl == NULL) digest->failed = true;
  long more = ssl != NULL ? SSL_set_current_cert(ssl, SSL_CERT_SET_FIRST) : 0;
  while (more == 1) {
    const X509 *cert = SSL_get_certificate(ssl);
    if (is_server) {
      add_names(digest, cert);
    } else {
      add_whole(digest, cert);
    }
    more = SSL_set_current_cert(ssl, SSL_CERT_SET_NEXT);
  }
  SSL_free(ssl);
}
