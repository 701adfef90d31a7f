/* SPDX-License-Identifier: MIT */
#include "core/context/credentials.h"

#include <assert.h>
#include <stdio.h>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/error.h"
#include "core/keys/store.h"
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

/* What one identity is loaded from, and what for. */
typedef struct source {
  const tlstream_identity *given;
  tlstream__pem key;
  tlstream__pem cert;
  tlstream__remote_keys *remote;
} source;

/* The private key, in one of the forms that it may be given in; `label` is what
 * to call it. */
static int open_key(source *from, X509 *leaf, char *label, EVP_PKEY **key,
                    tlstream_error *error) {
  const tlstream_identity *given = from->given;
  if (given->signer != NULL) {
    snprintf(label, TLSTREAM__URI_LABEL, "signer");
    return tlstream__signer_key(leaf, from->cert.label, given->signer,
                                from->remote, key, error);
  }
  if (given->key_uri != NULL) {
    tlstream__store_label(label, given->key_uri);
    return tlstream__store_key(given->key_uri, given->passphrase, key,
                               &from->remote->may_wait, error);
  }
  snprintf(label, TLSTREAM__URI_LABEL, "%s", from->key.label);
  return tlstream__pem_key(&from->key, given->passphrase, key, error);
}

static int load(SSL_CTX *ctx, source *from, tlstream_error *error) {
  char label[TLSTREAM__URI_LABEL];
  EVP_PKEY *key = NULL;
  STACK_OF(X509) *certs = NULL;
  int code = tlstream__pem_certificates(&from->cert, &certs, error);
  if (code == 0) {
    code = open_key(from, sk_X509_value(certs, 0), label, &key, error);
  }
  if (code == 0) code = use(ctx, certs, key, label, from->cert.label, error);
  EVP_PKEY_free(key);
  sk_X509_pop_free(certs, X509_free);
  tlstream__ossl_clear();
  return code;
}

/* How many keys there are: it must be one, and one certificate. */
static int count_keys(const source *from) {
  return (from->key.data != NULL) + (from->given->key_uri != NULL) +
         (from->given->signer != NULL);
}

static int check_halves(const source *from, tlstream_error *error) {
  int keys = count_keys(from);
  const char *wrong = NULL;
  if (keys > 1) {
    wrong =
        "an identity has one key: give one of `key`, `key_file`, `key_uri` and "
        "`signer`";
  } else if (keys == 1 && from->cert.data == NULL) {
    wrong = "a key needs its certificate: give `cert` or `cert_file` too";
  } else if (keys == 0 && from->cert.data != NULL) {
    wrong = "a certificate needs its key: give `key` or `key_file` too";
  } else if (from->given->signer != NULL && from->given->signer->sign == NULL) {
    wrong = "signer: it has no `sign`";
  }
  if (wrong == NULL) return 0;
  return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT, "%s", wrong);
}

static int load_identity(SSL_CTX *ctx, const tlstream_identity *given,
                         tlstream__remote_keys *remote, tlstream__pipes *pipes,
                         tlstream_error *error) {
  source from = {.given = given, .remote = remote};
  int code = tlstream__pem_open(&from.key, "key", given->key_file, given->key,
                                pipes, error);
  if (code == 0) {
    code = tlstream__pem_open(&from.cert, "cert", given->cert_file, given->cert,
                              pipes, error);
  }
  if (code == 0) code = check_halves(&from, error);
  if (code == 0 && from.cert.data != NULL) code = load(ctx, &from, error);
  tlstream__pem_clear(&from.cert);
  tlstream__pem_clear(&from.key);
  return code;
}

static bool is_empty(const tlstream_identity *identity) {
  return identity->key_file == NULL && identity->cert_file == NULL &&
         identity->key.data == NULL && identity->cert.data == NULL &&
         identity->key_uri == NULL && identity->signer == NULL;
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
                               tlstream__remote_keys *remote,
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
  int code = load_identity(ctx, &first, remote, pipes, error);
  for (size_t i = 0; code == 0 && i < options->identity_count; i++) {
    if (is_empty(&options->identities[i])) {
      return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                                 "identities: number %zu is empty", i + 1);
    }
    code = load_identity(ctx, &options->identities[i], remote, pipes, error);
  }
  return code == 0 ? load_pfxs(ctx, options, error) : code;
}
