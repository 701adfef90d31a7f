/* SPDX-License-Identifier: MIT */
/* From bytes to a certificate, and what to say when they are none. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/error.h"
#include "core/certificate.h"
#include "core/ossl.h"

typedef struct span {
  const char *data;
  size_t len;
} span;

/* Without a callback OpenSSL would ask for a passphrase on the terminal. */
static int refuse_passphrase(char *out, int cap, int writing, void *unused) {
  (void)out, (void)cap, (void)writing, (void)unused;
  return -1;
}

/* Where `word` begins, or NULL. */
static const char *find(span text, const char *word) {
  size_t len = strlen(word);
  const char *at = text.data;
  const char *end = text.data + text.len;
  while ((size_t)(end - at) >= len) {
    at = memchr(at, word[0], (size_t)(end - at) - len + 1);
    if (at == NULL) return NULL;
    if (memcmp(at, word, len) == 0) return at;
    at++;
  }
  return NULL;
}

static bool mentions(span text, const char *word) {
  return find(text, word) != NULL;
}

/* DER begins with a byte pair that no text begins with. */
static bool is_der(span text) {
  const unsigned char *bytes = (const unsigned char *)text.data;
  return text.len >= 2 && bytes[0] == 0x30 && bytes[1] >= 0x80;
}

static const char *blame_pem(span text) {
  if (mentions(text, "-----BEGIN CERTIFICATE-----") ||
      mentions(text, "-----BEGIN TRUSTED CERTIFICATE-----") ||
      mentions(text, "-----BEGIN X509 CERTIFICATE-----")) {
    return "the first certificate in the text is damaged";
  }
  if (mentions(text, "PRIVATE KEY-----")) {
    return "the text holds a private key, not a certificate";
  }
  if (mentions(text, "PUBLIC KEY-----")) {
    return "the text holds a public key, not a certificate";
  }
  if (mentions(text, "CERTIFICATE REQUEST-----")) {
    return "the text holds a signing request, which an authority has yet to "
           "sign";
  }
  if (mentions(text, "-----BEGIN PKCS7-----")) {
    return "the text holds PKCS#7; `openssl pkcs7 -print_certs` takes the "
           "certificates out of it";
  }
  if (mentions(text, "-----BEGIN ")) {
    return "no PEM block in the text is a certificate";
  }
  return "no PEM block found, and the bytes are not DER";
}

static int explain(tlstream_error *error, const char *why) {
  if (tlstream__ossl_refusal() == TLSTREAM__REFUSED_NO_MEMORY) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  return tlstream__error_set(error, TLSTREAM_ERR_BAD_CERTIFICATE, "%s", why);
}

static X509 *read_der(span text, tlstream_error *error) {
  const unsigned char *start = (const unsigned char *)text.data;
  const unsigned char *end = start;
  X509 *x509 = d2i_X509(NULL, &end, (long)text.len);
  if (x509 == NULL) {
    explain(error, "the bytes look like DER, but not like a whole certificate");
    return NULL;
  }
  size_t trailing = text.len - (size_t)(end - start);
  if (trailing == 0) return x509;
  tlstream__error_set(error, TLSTREAM_ERR_BAD_CERTIFICATE,
                      "DER with %zu trailing bytes", trailing);
  X509_free(x509);
  return NULL;
}

static X509 *read_pem(span text, tlstream_error *error) {
  BIO *bio = BIO_new_mem_buf(text.data, (int)text.len);
  X509 *x509 = NULL;
  if (bio != NULL) {
    x509 = PEM_read_bio_X509_AUX(bio, NULL, refuse_passphrase, NULL);
  }
  if (x509 == NULL) explain(error, blame_pem(text));
  BIO_free(bio);
  return x509;
}

/* Editors on Windows put a byte order mark in front, which would hide the
 * first line from OpenSSL. */
static span skip_mark(span text) {
  static const char mark[] = "\xEF\xBB\xBF";
  if (text.len < 3 || memcmp(text.data, mark, 3) != 0) return text;
  return (span){text.data + 3, text.len - 3};
}

static X509 *read_any(span text, tlstream_error *error) {
  if (text.len == 0) {
    tlstream__error_set(error, TLSTREAM_ERR_BAD_CERTIFICATE,
                        "the text is empty");
    return NULL;
  }
  if (text.len > INT_MAX) {
    tlstream__error_set(error, TLSTREAM_ERR_BAD_CERTIFICATE,
                        "the text is longer than any certificate");
    return NULL;
  }
  tlstream__ossl_clear();
  return is_der(text) ? read_der(text, error)
                      : read_pem(skip_mark(text), error);
}

tlstream_certificate *tlstream_certificate_parse(const void *data, size_t len,
                                                 tlstream_error *error) {
  tlstream_certificate *made = NULL;
  tlstream__error_clear(error);
  X509 *x509 = read_any((span){data, len}, error);
  if (x509 != NULL) {
    made = tlstream__certificate_wrap(x509, NULL);
    if (made == NULL) tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  X509_free(x509);
  tlstream__ossl_clear();
  return made;
}
