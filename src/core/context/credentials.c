/* SPDX-License-Identifier: MIT */
#include "core/context/credentials.h"

#include <assert.h>
#include <stdio.h>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/error.h"
#include "core/openssl/ossl.h"
#include "core/x509/issuer.h"
#include "core/x509/pem.h"
#include "core/x509/pfx.h"

enum { LABEL_LEN = 40, DEFAULT_BITS = 112 };

/* OpenSSL's own measure; at level 2 it is 112, which SHA-1 and MD5 miss. */
static int wanted_bits(const SSL_CTX *ctx) {
  static const int bits[] = {0, 80, 112, 128, 192, 256};
  return bits[SSL_CTX_get_security_level(ctx)];
}

/* Newer versions (3.5.9 is one) leave our own signatures to the peer. Setting a
 * certificate does not check it. */
static bool is_signed_weakly(X509 *cert, int wanted) {
  int bits = 0;
  return X509_get_signature_info(cert, NULL, NULL, &bits, NULL) == 1 &&
         bits < wanted && !tlstream__issuer_is_self(cert);
}

static bool are_signed_weakly(X509 *leaf, const STACK_OF(X509) * chain,
                              int wanted) {
  bool weak = is_signed_weakly(leaf, wanted);
  for (int i = 0; !weak && i < sk_X509_num(chain); i++)
    weak = is_signed_weakly(sk_X509_value(chain, i), wanted);
  return weak;
}

static int refuse_weak(const char *cert, int wanted, tlstream_error *error) {
  if (wanted > DEFAULT_BITS) {
    return tlstream__error_set(
        error, TLSTREAM_ERR_WEAK_KEY,
        "%s: the key or a signature is weaker than the %d bits of "
        "`security_level`",
        cert, wanted);
  }
  return tlstream__error_set(
      error, TLSTREAM_ERR_WEAK_KEY,
      "%s: the key is too small or the signature's hash broken; use P-256 or "
      "RSA of 2048 bits, and SHA-256",
      cert);
}

static int explain_refusal(const char *key, const char *cert, int wanted,
                           tlstream_error *error) {
  switch (tlstream__ossl_refusal()) {
    case TLSTREAM__REFUSED_MISMATCH:
      return tlstream__error_set(error, TLSTREAM_ERR_KEY_MISMATCH,
                                 "%s is not the key of the certificate in %s",
                                 key, cert);
    case TLSTREAM__REFUSED_WEAK: return refuse_weak(cert, wanted, error);
    case TLSTREAM__REFUSED_SAME_KIND:
      return tlstream__error_set(
          error, TLSTREAM_ERR_INVALID_ARGUMENT,
          "%s: there is another certificate with the same kind of key; give "
          "one of each kind",
          cert);
    case TLSTREAM__REFUSED_ODD_KIND:
      return tlstream__error_set(
          error, TLSTREAM_ERR_BAD_KEY,
          "%s: TLS has no signature for a key of this kind; use P-256 or RSA",
          key);
    default: return tlstream__ossl_failed(error, "use the certificate");
  }
}

static int use(SSL_CTX *ctx, STACK_OF(X509) * certs, EVP_PKEY *key,
               const char *key_label, const char *cert_label,
               tlstream_error *error) {
  assert(sk_X509_num(certs) > 0);
  X509 *leaf = sk_X509_shift(certs);
  tlstream__ossl_clear();
  bool fits = X509_check_private_key(leaf, key) == 1;
  int wanted = wanted_bits(ctx);
  bool weak = fits && are_signed_weakly(leaf, certs, wanted);
  bool fine =
      fits && !weak &&
      SSL_CTX_use_cert_and_key(ctx, leaf, key, certs, /* override = */ 0) == 1;
  X509_free(leaf);
  if (weak) return refuse_weak(cert_label, wanted, error);
  return fine ? 0 : explain_refusal(key_label, cert_label, wanted, error);
}

static int load(SSL_CTX *ctx, const tlstream__pem *key_pem,
                const tlstream__pem *cert_pem, const char *passphrase,
                tlstream_error *error) {
  EVP_PKEY *key = NULL;
  STACK_OF(X509) *certs = NULL;
  int code = tlstream__pem_certificates(cert_pem, &certs, error);
  if (code == 0) code = tlstream__pem_key(key_pem, passphrase, &key, error);
  if (code == 0) {
    code = use(ctx, certs, key, key_pem->label, cert_pem->label, error);
  }
  EVP_PKEY_free(key);
  sk_X509_pop_free(certs, X509_free);
  tlstream__ossl_clear();
  return code;
}

static int half_given(const tlstream__pem *key, tlstream_error *error) {
  return tlstream__error_set(
      error, TLSTREAM_ERR_INVALID_ARGUMENT, "%s",
      key->data != NULL ? "a key needs its certificate: give `cert` or "
                          "`cert_file` too"
                        : "a certificate needs its key: give `key` or "
                          "`key_file` too");
}

static int load_identity(SSL_CTX *ctx, const tlstream_identity *from,
                         tlstream__pipes *pipes, tlstream_error *error) {
  tlstream__pem key = {0};
  tlstream__pem cert = {0};
  int code =
      tlstream__pem_open(&key, "key", from->key_file, from->key, pipes, error);
  if (code == 0) {
    code = tlstream__pem_open(&cert, "cert", from->cert_file, from->cert, pipes,
                              error);
  }
  if (code == 0 && (key.data != NULL) != (cert.data != NULL)) {
    code = half_given(&key, error);
  } else if (code == 0 && key.data != NULL) {
    code = load(ctx, &key, &cert, from->passphrase, error);
  }
  tlstream__pem_clear(&cert);
  tlstream__pem_clear(&key);
  return code;
}

static bool is_empty(const tlstream_identity *identity) {
  return identity->key_file == NULL && identity->cert_file == NULL &&
         identity->key.data == NULL && identity->cert.data == NULL;
}

static int load_pfx(SSL_CTX *ctx, const tlstream_pfx *from, size_t number,
                    tlstream_error *error) {
  char label[LABEL_LEN];
  EVP_PKEY *key = NULL;
  STACK_OF(X509) *certs = NULL;
  snprintf(label, sizeof(label), "pfx number %zu", number);
  int code = tlstream__pfx_open(from, label, &key, &certs, error);
  if (code == 0) code = use(ctx, certs, key, label, label, error);
  sk_X509_pop_free(certs, X509_free);
  EVP_PKEY_free(key);
  tlstream__ossl_clear();
  return code;
}

static int load_pfxs(SSL_CTX *ctx, const tlstream_context_options *options,
                     tlstream_error *error) {
  int code = 0;
  if (options->pfx_count > 0 && options->pfx == NULL) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "pfx: there is a count and no list");
  }
  for (size_t i = 0; code == 0 && i < options->pfx_count; i++) {
    code = load_pfx(ctx, &options->pfx[i], i + 1, error);
  }
  return code;
}

int tlstream__credentials_load(SSL_CTX *ctx,
                               const tlstream_context_options *options,
                               tlstream__pipes *pipes, tlstream_error *error) {
  const tlstream_identity first = {
      .key_file = options->key_file,
      .cert_file = options->cert_file,
      .key = options->key,
      .cert = options->cert,
      .passphrase = options->passphrase,
  };
  if (options->identity_count > 0 && options->identities == NULL) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "identities: there is a count and no list");
  }
  int code = load_identity(ctx, &first, pipes, error);
  for (size_t i = 0; code == 0 && i < options->identity_count; i++) {
    if (is_empty(&options->identities[i])) {
      return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                                 "identities: number %zu is empty", i + 1);
    }
    code = load_identity(ctx, &options->identities[i], pipes, error);
  }
  return code == 0 ? load_pfxs(ctx, options, error) : code;
}
