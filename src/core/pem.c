/* SPDX-License-Identifier: MIT */
#include "core/pem.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "core/ossl.h"

static int open_file(tlstream__pem *pem, const char *what, const char *path,
                     tlstream_error *error) {
  char option[32];
  char shown[96];
  snprintf(option, sizeof(option), "%s_file", what);
  tlstream_escape(shown, sizeof(shown), path, strlen(path));
  snprintf(pem->label, sizeof(pem->label), "%s %s", option, shown);
  return tlstream__file_read(path, option, &pem->data, &pem->len, error);
}

int tlstream__pem_open(tlstream__pem *pem, const char *what, const char *path,
                       tlstream_bytes bytes, tlstream_error *error) {
  memset(pem, 0, sizeof(*pem));
  if (path != NULL && bytes.data != NULL) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "give %s or %s_file, not both", what, what);
  }
  if (path != NULL) return open_file(pem, what, path, error);
  if (bytes.data == NULL) return 0;
  if (bytes.len > INT_MAX) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "%s is longer than any PEM text", what);
  }
  snprintf(pem->label, sizeof(pem->label), "%s", what);
  pem->data = tlstream__memdup(bytes.data, bytes.len);
  pem->len = bytes.len;
  if (pem->data == NULL) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  return 0;
}

void tlstream__pem_clear(tlstream__pem *pem) {
  if (pem->data != NULL) OPENSSL_cleanse(pem->data, pem->len);
  tlstream__free(pem->data);
  memset(pem, 0, sizeof(*pem));
}

/* Editors on Windows put a byte order mark in front, which would hide the
 * first line from OpenSSL. */
static BIO *open_text(const tlstream__pem *pem) {
  static const char mark[] = "\xEF\xBB\xBF";
  size_t skip = pem->len >= 3 && memcmp(pem->data, mark, 3) == 0 ? 3 : 0;
  return BIO_new_mem_buf(pem->data + skip, (int)(pem->len - skip));
}

/* OpenSSL asks on the terminal, and so blocks the loop, unless it is given a
 * callback. */
static int give_passphrase(char *out, int cap, int writing, void *passphrase) {
  (void)writing;
  size_t len = passphrase != NULL ? strlen(passphrase) : 0;
  if (passphrase == NULL || len > (size_t)cap) return -1;
  memcpy(out, passphrase, len);
  return (int)len;
}

static bool mentions(const tlstream__pem *pem, const char *word) {
  size_t len = strlen(word);
  for (size_t i = 0; i + len <= pem->len; i++) {
    if (memcmp(pem->data + i, word, len) == 0) return true;
  }
  return false;
}

static const char *why_no_certificate(const tlstream__pem *pem, size_t index) {
  if (index > 0) return "a later certificate in it is damaged";
  if (mentions(pem, "-----BEGIN CERTIFICATE-----")) {
    return "the certificate in it is damaged";
  }
  if (mentions(pem, "PRIVATE KEY-----")) {
    return "it holds a private key: are key and certificate swapped?";
  }
  if (mentions(pem, "-----BEGIN CERTIFICATE REQUEST-----")) {
    return "it holds a signing request, which an authority has yet to sign";
  }
  if (pem->len == 0) return "it is empty";
  return "it is not PEM (no line says -----BEGIN CERTIFICATE-----)";
}

static int read_certificates(BIO *text, const tlstream__pem *pem,
                             STACK_OF(X509) * list, tlstream_error *error) {
  for (;;) {
    char *before = NULL;
    long remaining = BIO_get_mem_data(text, &before);
    tlstream__pem rest = {.data = before, .len = (size_t)remaining};
    bool expected = mentions(&rest, "-----BEGIN CERTIFICATE-----");
    tlstream__ossl_clear();
    X509 *cert = PEM_read_bio_X509_AUX(text, NULL, give_passphrase, NULL);
    if (cert != NULL && sk_X509_push(list, cert) == 0) {
      X509_free(cert);
      return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
    }
    if (cert != NULL) continue;
    if (tlstream__ossl_refusal() == TLSTREAM__REFUSED_NO_MEMORY) {
      return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
    }
    /* The reader stops at the end of the text and at damage alike. */
    if (sk_X509_num(list) > 0 && !expected) return 0;
    return tlstream__error_set(
        error, TLSTREAM_ERR_BAD_CERTIFICATE, "%s: %s", pem->label,
        why_no_certificate(pem, (size_t)sk_X509_num(list)));
  }
}

int tlstream__pem_certificates(const tlstream__pem *pem, STACK_OF(X509) * *out,
                               tlstream_error *error) {
  int code = 0;
  BIO *text = open_text(pem);
  STACK_OF(X509) *list = sk_X509_new_null();
  if (text == NULL || list == NULL) {
    code = tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  } else {
    code = read_certificates(text, pem, list, error);
  }
  if (code == 0) {
    *out = list;
    list = NULL; /* now the caller's */
  }
  sk_X509_pop_free(list, X509_free);
  BIO_free(text);
  tlstream__ossl_clear();
  return code;
}

static int explain_key(const tlstream__pem *pem, const char *passphrase,
                       tlstream_error *error) {
  switch (tlstream__ossl_refusal()) {
    case TLSTREAM__REFUSED_NO_MEMORY:
      return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
    case TLSTREAM__REFUSED_PASSPHRASE:
      return tlstream__error_set(
          error, TLSTREAM_ERR_PASSPHRASE, "%s: %s", pem->label,
          passphrase == NULL ? "the key is encrypted: give its passphrase"
                             : "the passphrase is wrong");
    default: break;
  }
  const char *why = "it is not PEM (no line says -----BEGIN PRIVATE KEY-----)";
  if (mentions(pem, "ENCRYPTED")) {
    return tlstream__error_set(error, TLSTREAM_ERR_PASSPHRASE,
                               "%s: the passphrase is wrong", pem->label);
  }
  if (mentions(pem, "PRIVATE KEY-----")) {
    why = "the key in it is damaged, or of a kind that OpenSSL does not know";
  } else if (mentions(pem, "-----BEGIN CERTIFICATE-----")) {
    why = "it holds a certificate: are key and certificate swapped?";
  }
  return tlstream__error_set(error, TLSTREAM_ERR_BAD_KEY, "%s: %s", pem->label,
                             why);
}

int tlstream__pem_key(const tlstream__pem *pem, const char *passphrase,
                      EVP_PKEY **out, tlstream_error *error) {
  int code = 0;
  BIO *text = open_text(pem);
  if (text == NULL) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  tlstream__ossl_clear();
  *out =
      PEM_read_bio_PrivateKey(text, NULL, give_passphrase, (void *)passphrase);
  if (*out == NULL) code = explain_key(pem, passphrase, error);
  BIO_free(text);
  tlstream__ossl_clear();
  return code;
}
