/* SPDX-License-Identifier: MIT */
#include "core/x509/pfx.h"

#include <limits.h>
#include <stdbool.h>

#include <openssl/pkcs12.h>

#include "base/error.h"
#include "core/openssl/ossl.h"
#include "core/x509/issuer.h"

static int refuse(tlstream_error *error, int code, const char *label,
                  const char *why) {
  if (tlstream__ossl_refusal() == TLSTREAM__REFUSED_NO_MEMORY) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  return tlstream__error_set(error, code, "%s: %s", label, why);
}

/* Without the passphrase it may be sealed with none or with an empty one. */
static bool is_opened(PKCS12 *sealed, const char *passphrase) {
  bool is_empty = passphrase == NULL || passphrase[0] == '\0';
  if (PKCS12_mac_present(sealed) == 0) return true; /* it cannot be checked */
  if (!is_empty) return PKCS12_verify_mac(sealed, passphrase, -1) == 1;
  return PKCS12_verify_mac(sealed, NULL, 0) == 1 ||
         PKCS12_verify_mac(sealed, "", 0) == 1;
}

/* Not opened, or not all of it. */
static int refuse_sealed(tlstream_error *error, int code, const char *label,
                         const char *why) {
  int other = tlstream__ossl_explain_encryption(
      error, label, "export it anew (`openssl pkcs12 -legacy` opens it)");
  return other != 0 ? other : refuse(error, code, label, why);
}

/* Some versions open none without a MAC, and without one a wrong passphrase
 * cannot be distinguished from damage. */
static int refuse_contents(tlstream_error *error, PKCS12 *sealed,
                           const char *label) {
  return refuse_sealed(
      error, TLSTREAM_ERR_BAD_KEY, label,
      PKCS12_mac_present(sealed) != 0
          ? "it is damaged"
          : "it has no MAC: it is damaged, or the passphrase is wrong, or this "
            "OpenSSL opens no such file");
}

static int open_up(PKCS12 *sealed, const char *passphrase, const char *label,
                   EVP_PKEY **key, STACK_OF(X509) * *certs,
                   tlstream_error *error) {
  int code = 0;
  X509 *leaf = NULL;
  if (!is_opened(sealed, passphrase)) {
    return refuse_sealed(error, TLSTREAM_ERR_PASSPHRASE, label,
                         passphrase != NULL
                             ? "the passphrase is wrong"
                             : "it is encrypted: give its passphrase");
  }
  tlstream__ossl_clear();
  if (PKCS12_parse(sealed, passphrase, key, &leaf, certs) != 1) {
    return refuse_contents(error, sealed, label);
  }
  if (*certs == NULL) *certs = sk_X509_new_null();
  if (*key == NULL) {
    code = refuse(error, TLSTREAM_ERR_BAD_KEY, label,
                  "there is no private key in it");
  } else if (leaf == NULL) {
    code = refuse(error, TLSTREAM_ERR_BAD_CERTIFICATE, label,
                  "there is no certificate for its key in it");
  } else if (*certs == NULL || sk_X509_unshift(*certs, leaf) <= 0) {
    code = tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  if (code != 0) X509_free(leaf);
  return code;
}

/* The file has no order, and TLS 1.2 wants one: each behind the one that it
 * certifies (RFC 5246, section 7.4.2). */
static void put_in_order(STACK_OF(X509) * certs) {
  for (int i = 1; i < sk_X509_num(certs); i++) {
    X509 *below = sk_X509_value(certs, i - 1);
    int at = i;
    while (at < sk_X509_num(certs) &&
           !tlstream__issuer_is(sk_X509_value(certs, at), below)) {
      at++;
    }
    if (at == sk_X509_num(certs)) return;
    X509 *above = sk_X509_value(certs, at);
    sk_X509_set(certs, at, sk_X509_value(certs, i));
    sk_X509_set(certs, i, above);
  }
}

int tlstream__pfx_open(const tlstream_pfx *from, const char *label,
                       EVP_PKEY **key, STACK_OF(X509) * *certs,
                       tlstream_error *error) {
  const unsigned char *bytes = from->data.data;
  if (from->data.len == 0 || from->data.len > INT_MAX) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "%s: it is empty, or too large", label);
  }
  tlstream__ossl_clear();
  PKCS12 *sealed = d2i_PKCS12(NULL, &bytes, (long)from->data.len);
  int code = sealed != NULL
                 ? open_up(sealed, from->passphrase, label, key, certs, error)
                 : refuse(error, TLSTREAM_ERR_BAD_CERTIFICATE, label,
                          "it is not PKCS #12");
  if (code == 0) put_in_order(*certs);
  PKCS12_free(sealed);
  return code;
}
