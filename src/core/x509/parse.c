/* SPDX-License-Identifier: MIT */
/* From bytes to a certificate, and the error when they are none. */
#include <limits.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/error.h"
#include "core/openssl/ossl.h"
#include "core/x509/certificate.h"
#include "core/x509/pem.h"

static const char *blame_pem(const tlstream__pem *text) {
  if (tlstream__pem_mentions(text, "-----BEGIN CERTIFICATE-----") ||
      tlstream__pem_mentions(text, "-----BEGIN TRUSTED CERTIFICATE-----") ||
      tlstream__pem_mentions(text, "-----BEGIN X509 CERTIFICATE-----")) {
    return "the first certificate in the text is damaged";
  }
  if (tlstream__pem_mentions(text, "PRIVATE KEY-----")) {
    return "the text holds a private key, not a certificate";
  }
  if (tlstream__pem_mentions(text, "PUBLIC KEY-----")) {
    return "the text holds a public key, not a certificate";
  }
  if (tlstream__pem_mentions(text, "CERTIFICATE REQUEST-----")) {
    return "the text holds a signing request, which an authority has yet to "
           "sign";
  }
  if (tlstream__pem_mentions(text, "-----BEGIN PKCS7-----")) {
    return "the text holds PKCS#7; `openssl pkcs7 -print_certs` takes the "
           "certificates out of it";
  }
  if (tlstream__pem_mentions(text, "-----BEGIN ")) {
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

static X509 *read_der(const tlstream__pem *text, tlstream_error *error) {
  const unsigned char *start = (const unsigned char *)text->data;
  const unsigned char *end = start;
  X509 *x509 = d2i_X509(NULL, &end, (long)text->len);
  if (x509 == NULL) {
    explain(error, "the bytes look like DER, but not like a whole certificate");
    return NULL;
  }
  size_t trailing = text->len - (size_t)(end - start);
  if (trailing == 0) return x509;
  tlstream__error_set(error, TLSTREAM_ERR_BAD_CERTIFICATE,
                      "DER with %zu trailing bytes", trailing);
  X509_free(x509);
  return NULL;
}

static X509 *read_pem(const tlstream__pem *text, tlstream_error *error) {
  BIO *bio = tlstream__pem_reader(text);
  X509 *x509 = NULL;
  if (bio != NULL) {
    x509 = PEM_read_bio_X509_AUX(bio, NULL, tlstream__pem_passphrase, NULL);
  }
  if (x509 == NULL) explain(error, blame_pem(text));
  BIO_free(bio);
  return x509;
}

static X509 *read_any(const tlstream__pem *text, tlstream_error *error) {
  if (text->len == 0) {
    tlstream__error_set(error, TLSTREAM_ERR_BAD_CERTIFICATE,
                        "the text is empty");
    return NULL;
  }
  if (text->len > INT_MAX) {
    tlstream__error_set(error, TLSTREAM_ERR_BAD_CERTIFICATE,
                        "the text is longer than any certificate");
    return NULL;
  }
  tlstream__ossl_clear();
  return tlstream__pem_is_der(text) ? read_der(text, error)
                                    : read_pem(text, error);
}

tlstream_certificate *tlstream_certificate_parse(const void *data, size_t len,
                                                 tlstream_error *error) {
  tlstream_certificate *made = NULL;
  const tlstream__pem text = {.data = (char *)data, .len = len};
  tlstream__error_clear(error);
  X509 *x509 = read_any(&text, error);
  if (x509 != NULL) {
    made = tlstream__certificate_wrap(x509, NULL);
    if (made == NULL) tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  X509_free(x509);
  tlstream__ossl_clear();
  return made;
}
