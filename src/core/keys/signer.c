/* SPDX-License-Identifier: MIT */
#include "core/keys/signer.h"

#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/x509.h>

#include "base/error.h"
#include "core/keys/state.h"
#include "core/openssl/ossl.h"

/* The kind of a key that can be elsewhere, or NULL. */
static const char *kind_of(const EVP_PKEY *key) {
  static const char *const kinds[] = {"RSA", "EC", "ED25519"};
  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
    if (key != NULL && EVP_PKEY_is_a(key, kinds[i])) return kinds[i];
  }
  return NULL;
}

/* OpenSSL calls key_management.c, which takes what is in `parts`. */
static EVP_PKEY *make(const char *kind, tlstream__remote_key *parts) {
  EVP_PKEY *made = NULL;
  void *at = parts;
  OSSL_PARAM params[] = {
      OSSL_PARAM_octet_ptr(TLSTREAM__REMOTE_KEY, &at, sizeof(*parts)),
      OSSL_PARAM_END,
  };
  OSSL_LIB_CTX *library = tlstream__signer_library();
  EVP_PKEY_CTX *from =
      library != NULL ? EVP_PKEY_CTX_new_from_name(library, kind, NULL) : NULL;
  bool done = from != NULL && EVP_PKEY_fromdata_init(from) == 1 &&
              EVP_PKEY_fromdata(from, &made, EVP_PKEY_KEYPAIR, params) == 1;
  EVP_PKEY_CTX_free(from);
  return done ? made : NULL;
}

static EVP_PKEY *make_for(EVP_PKEY *public_key, const char *kind,
                          tlstream__signer *signer) {
  if (EVP_PKEY_up_ref(public_key) != 1) return NULL;
  tlstream__remote_key parts = {.public_key = public_key,
                                .signer = tlstream__signer_ref(signer)};
  EVP_PKEY *made = make(kind, &parts);
  EVP_PKEY_free(parts.public_key); /* what was not taken */
  tlstream__signer_unref(parts.signer);
  return made;
}

int tlstream__signer_key(const X509 *cert, const char *label,
                         const tlstream_signer *signer,
                         tlstream__remote_keys *keys, EVP_PKEY **key,
                         tlstream_error *error) {
  EVP_PKEY *public_key = X509_get0_pubkey(cert);
  const char *kind = kind_of(public_key);
  tlstream__ossl_clear();
  if (kind == NULL) {
    return tlstream__error_set(
        error, TLSTREAM_ERR_BAD_KEY,
        "%s: a signer cannot have a key of this kind; use P-256, RSA or "
        "Ed25519",
        label);
  }
  tlstream__signer *kept = tlstream__signer_keep(keys, signer);
  if (kept == NULL) return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  *key = make_for(public_key, kind, kept);
  return *key != NULL ? 0 : tlstream__ossl_failed(error, "make a signer's key");
}
