/* SPDX-License-Identifier: MIT */
#include "core/x509/pem.h"

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
#include "core/openssl/ossl.h"

static int open_file(tlstream__pem *pem, const char *what, const char *path,
                     tlstream__pipes *pipes, tlstream_error *error) {
  char option[32];
  char shown[96];
  snprintf(option, sizeof(option), "%s_file", what);
  tlstream_escape(shown, sizeof(shown), path, strlen(path));
  snprintf(pem->label, sizeof(pem->label), "%s %s", option, shown);
  return tlstream__file_read(path, option, pipes, &pem->data, &pem->len, error);
}

int tlstream__pem_open(tlstream__pem *pem, const char *what, const char *path,
                       tlstream_bytes bytes, tlstream__pipes *pipes,
                       tlstream_error *error) {
  memset(pem, 0, sizeof(*pem));
  if (path != NULL && bytes.data != NULL) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "give %s or %s_file, not both", what, what);
  }
  if (bytes.data == NULL && bytes.len > 0) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "%s: there is a length and no bytes", what);
  }
  if (path != NULL) return open_file(pem, what, path, pipes, error);
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

BIO *tlstream__pem_reader(const tlstream__pem *pem) {
  return BIO_new_mem_buf(pem->data, (int)pem->len);
}

bool tlstream__pem_is_der(const tlstream__pem *pem) {
  const unsigned char *bytes = (const unsigned char *)pem->data;
  return pem->len >= 2 && bytes[0] == 0x30 && bytes[1] >= 0x80;
}

/* OpenSSL asks on the terminal, and so blocks the loop, unless it is given a
 * callback. */
int tlstream__pem_passphrase(char *out, int cap, int writing,
                             void *passphrase) {
  (void)writing;
  size_t len = passphrase != NULL ? strlen(passphrase) : 0;
  if (passphrase == NULL || len > (size_t)cap) return -1;
  memcpy(out, passphrase, len);
  return (int)len;
}

bool tlstream__pem_mentions(const tlstream__pem *pem, const char *word) {
  size_t len = strlen(word);
  for (size_t i = 0; i + len <= pem->len; i++) {
    if (memcmp(pem->data + i, word, len) == 0) return true;
  }
  return false;
}

static bool holds_certificate(const tlstream__pem *pem) {
  return tlstream__pem_mentions(pem, "-----BEGIN " PEM_STRING_X509 "-----") ||
         tlstream__pem_mentions(pem,
                                "-----BEGIN " PEM_STRING_X509_OLD "-----") ||
         tlstream__pem_mentions(pem,
                                "-----BEGIN " PEM_STRING_X509_TRUSTED "-----");
}

static const char *why_no_certificate(const tlstream__pem *pem) {
  if (holds_certificate(pem)) return "the certificate in it is damaged";
  if (tlstream__pem_mentions(pem, "PRIVATE KEY-----")) {
    return "it holds a private key: are key and certificate swapped?";
  }
  if (tlstream__pem_mentions(pem, "-----BEGIN CERTIFICATE REQUEST-----")) {
    return "it holds a signing request, which an authority has yet to sign";
  }
  if (pem->len == 0) return "it is empty";
  return "it is not PEM (no line says -----BEGIN CERTIFICATE-----)";
}

/* The reader stops at the end of the text and at damage alike: it is damage if
 * there was one more to read. */
static int judge_end(const tlstream__pem *pem, const tlstream__pem *rest,
                     int count, tlstream_error *error) {
  if (tlstream__ossl_refusal() == TLSTREAM__REFUSED_NO_MEMORY) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  if (count == 0) {
    return tlstream__error_set(error, TLSTREAM_ERR_BAD_CERTIFICATE, "%s: %s",
                               pem->label, why_no_certificate(pem));
  }
  if (!holds_certificate(rest)) return 0;
  return tlstream__error_set(error, TLSTREAM_ERR_BAD_CERTIFICATE,
                             "%s: certificate %d in it is damaged", pem->label,
                             count + 1);
}

static int read_certificates(BIO *text, const tlstream__pem *pem,
                             STACK_OF(X509) * list, tlstream_error *error) {
  for (;;) {
    char *before = NULL;
    size_t remaining = (size_t)BIO_get_mem_data(text, &before);
    tlstream__pem rest = {.data = before, .len = remaining};
    tlstream__ossl_clear();
    X509 *cert =
        PEM_read_bio_X509_AUX(text, NULL, tlstream__pem_passphrase, NULL);
    if (cert == NULL) return judge_end(pem, &rest, sk_X509_num(list), error);
    if (sk_X509_push(list, cert) == 0) {
      X509_free(cert);
      return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
    }
  }
}

int tlstream__pem_certificates(const tlstream__pem *pem, STACK_OF(X509) * *out,
                               tlstream_error *error) {
  int code = 0;
  BIO *text = tlstream__pem_reader(pem);
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

/* The passphrase, and whether OpenSSL asked for it: it asks when it has an
 * encrypted key in its hands. */
typedef struct answer {
  const char *passphrase;
  bool asked;
} answer;

static int answer_openssl(char *out, int cap, int writing, void *data) {
  answer *given = data;
  given->asked = true;
  return tlstream__pem_passphrase(out, cap, writing, (void *)given->passphrase);
}

static const char *why_no_passphrase(const char *passphrase) {
  if (passphrase == NULL) return "the key is encrypted: give its passphrase";
  if (strlen(passphrase) > PEM_BUFSIZE) {
    return "the passphrase is longer than OpenSSL takes (1024 bytes)";
  }
  return "the passphrase is wrong";
}

static const char *why_no_key(const tlstream__pem *pem) {
  if (tlstream__pem_mentions(pem, "PRIVATE KEY-----")) {
    return "the key in it is damaged, or of a kind that OpenSSL does not know";
  }
  if (holds_certificate(pem)) {
    return "it holds a certificate: are key and certificate swapped?";
  }
  return "it is not PEM (no line says -----BEGIN PRIVATE KEY-----)";
}

/* Encrypted as a whole, or as the lines in front of it say. */
static int explain_encryption(const tlstream__pem *pem, tlstream_error *error) {
  if (!tlstream__pem_mentions(pem, "ENCRYPTED")) return 0;
  return tlstream__ossl_explain_encryption(
      error, pem->label,
      "encrypt it anew (`openssl pkey -provider legacy -provider default "
      "-aes256`)");
}

static int explain_key(const tlstream__pem *pem, const answer *given,
                       tlstream_error *error) {
  int code = explain_encryption(pem, error);
  if (code != 0) return code;
  if (tlstream__ossl_refusal() == TLSTREAM__REFUSED_NO_MEMORY) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  if (given->asked) {
    return tlstream__error_set(error, TLSTREAM_ERR_PASSPHRASE, "%s: %s",
                               pem->label,
                               why_no_passphrase(given->passphrase));
  }
  return tlstream__error_set(error, TLSTREAM_ERR_BAD_KEY, "%s: %s", pem->label,
                             why_no_key(pem));
}

int tlstream__pem_key(const tlstream__pem *pem, const char *passphrase,
                      EVP_PKEY **out, tlstream_error *error) {
  int code = 0;
  answer given = {.passphrase = passphrase};
  EVP_PKEY *key = NULL;
  BIO *text = tlstream__pem_reader(pem);
  tlstream__ossl_clear();
  if (text == NULL) {
    code = tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  } else {
    key = PEM_read_bio_PrivateKey(text, NULL, answer_openssl, &given);
    if (key == NULL) code = explain_key(pem, &given, error);
  }
  if (code == 0) *out = key;
  BIO_free(text);
  tlstream__ossl_clear();
  return code;
}
