/* SPDX-License-Identifier: MIT */
#include "core/credentials.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/error.h"
#include "core/ossl.h"
#include "core/pem.h"

static int explain_refusal(const tlstream__pem *key, const tlstream__pem *cert,
                           tlstream_error *error) {
  switch (tlstream__ossl_refusal()) {
    case TLSTREAM__REFUSED_MISMATCH:
      return tlstream__error_set(error, TLSTREAM_ERR_KEY_MISMATCH,
                                 "%s is not the key of the certificate in %s",
                                 key->label, cert->label);
    case TLSTREAM__REFUSED_WEAK:
      return tlstream__error_set(
          error, TLSTREAM_ERR_WEAK_KEY,
          "%s: the key is too small or the signature's hash broken; use P-256 "
          "or RSA of 2048 bits, and SHA-256",
          cert->label);
    default: return tlstream__ossl_failed(error, "use the certificate");
  }
}

/* The first certificate is ours; the rest is the chain that goes with it. */
static int install(SSL_CTX *ctx, STACK_OF(X509) * certs, EVP_PKEY *key) {
  X509 *leaf = sk_X509_shift(certs);
  tlstream__ossl_clear();
  int fine = X509_check_private_key(leaf, key) == 1 &&
             SSL_CTX_use_cert_and_key(ctx, leaf, key, certs, 1) == 1;
  X509_free(leaf);
  return fine;
}

static int load(SSL_CTX *ctx, const tlstream__pem *key_pem,
                const tlstream__pem *cert_pem, const char *passphrase,
                tlstream_error *error) {
  EVP_PKEY *key = NULL;
  STACK_OF(X509) *certs = NULL;
  int code = tlstream__pem_certificates(cert_pem, &certs, error);
  if (code == 0) code = tlstream__pem_key(key_pem, passphrase, &key, error);
  if (code == 0 && !install(ctx, certs, key)) {
    code = explain_refusal(key_pem, cert_pem, error);
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

int tlstream__credentials_load(SSL_CTX *ctx,
                               const tlstream_context_options *options,
                               tlstream_error *error) {
  tlstream__pem key = {0};
  tlstream__pem cert = {0};
  int code =
      tlstream__pem_open(&key, "key", options->key_file, options->key, error);
  if (code == 0) {
    code = tlstream__pem_open(&cert, "cert", options->cert_file, options->cert,
                              error);
  }
  if (code == 0 && (key.data != NULL) != (cert.data != NULL)) {
    code = half_given(&key, error);
  } else if (code == 0 && key.data != NULL) {
    code = load(ctx, &key, &cert, options->passphrase, error);
  }
  tlstream__pem_clear(&cert);
  tlstream__pem_clear(&key);
  return code;
}

/* Whom we trust is also what a server names when it asks for a certificate. */
static bool add_authority(SSL_CTX *ctx, X509 *cert) {
  return X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), cert) == 1 &&
         SSL_CTX_add_client_CA(ctx, cert) == 1;
}

static int add_authorities(SSL_CTX *ctx, const tlstream__pem *pem,
                           tlstream_error *error) {
  STACK_OF(X509) *certs = NULL;
  int code = tlstream__pem_certificates(pem, &certs, error);
  for (int i = 0; code == 0 && i < sk_X509_num(certs); i++) {
    tlstream__ossl_clear();
    if (!add_authority(ctx, sk_X509_value(certs, i))) {
      code = tlstream__ossl_failed(error, "trust a certificate");
    }
  }
  sk_X509_pop_free(certs, X509_free);
  return code;
}

static int add_pem(SSL_CTX *ctx, const char *path, tlstream_bytes bytes,
                   tlstream_error *error) {
  tlstream__pem pem = {0};
  int code = tlstream__pem_open(&pem, "ca", path, bytes, error);
  if (code == 0 && pem.data != NULL) code = add_authorities(ctx, &pem, error);
  if (code == TLSTREAM_ERR_BAD_CERTIFICATE && pem.len == 0) {
    code =
        tlstream__error_set(error, TLSTREAM_ERR_EMPTY_TRUST,
                            "%s: there is nothing in it to trust", pem.label);
  }
  tlstream__pem_clear(&pem);
  return code;
}

static int add_system_roots(SSL_CTX *ctx, tlstream_error *error) {
  tlstream__ossl_clear();
  if (SSL_CTX_set_default_verify_paths(ctx) == 1) return 0;
  return tlstream__ossl_failed(error, "load the system's roots");
}

int tlstream__trust_load(SSL_CTX *ctx, const tlstream_context_options *options,
                         tlstream_error *error) {
  static const tlstream_bytes none = {NULL, 0};
  bool given = options->ca_file != NULL || options->ca.data != NULL;
  int code = 0;
  if (options->ca_file != NULL) {
    code = add_pem(ctx, options->ca_file, none, error);
  }
  if (code == 0 && options->ca.data != NULL) {
    code = add_pem(ctx, NULL, options->ca, error);
  }
  if (code == 0 && (!given || options->add_system_roots)) {
    code = add_system_roots(ctx, error);
  }
  return code;
}
