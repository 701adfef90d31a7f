/* SPDX-License-Identifier: MIT */
/*
 * The provider of keys that sign by a callback. It is alone in a library
 * context of its own: in the default one its "RSA" would stand beside
 * OpenSSL's, for every key of the process. See decision 20.
 */
#include <stdatomic.h>

#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>

#include "core/keys/state.h"
#include "core/keys/tables.h"

#define NAME       "tlstream"
#define PROPERTIES "provider=" NAME

/* Under all names that OpenSSL knows a kind of key by. */
static const OSSL_ALGORITHM key_managements[] = {
    {"RSA:rsaEncryption:1.2.840.113549.1.1.1", PROPERTIES, tlstream__manage_rsa,
     "RSA by a callback"},
    {"EC:id-ecPublicKey:1.2.840.10045.2.1", PROPERTIES, tlstream__manage_ec,
     "EC by a callback"},
    {"ED25519:1.3.101.112", PROPERTIES, tlstream__manage_ed25519,
     "Ed25519 by a callback"},
    {NULL, NULL, NULL, NULL},
};

static const OSSL_ALGORITHM signatures[] = {
    {TLSTREAM__SIGNATURE_RSA, PROPERTIES, tlstream__signature,
     "RSA by a callback"},
    {TLSTREAM__SIGNATURE_EC, PROPERTIES, tlstream__signature,
     "ECDSA by a callback"},
    {TLSTREAM__SIGNATURE_ED25519, PROPERTIES, tlstream__signature,
     "Ed25519 by a callback"},
    {NULL, NULL, NULL, NULL},
};

static const OSSL_ALGORITHM *query(void *unused, int operation, int *no_cache) {
  (void)unused;
  *no_cache = 0;
  switch (operation) {
    case OSSL_OP_KEYMGMT: return key_managements;
    case OSSL_OP_SIGNATURE: return signatures;
    default: return NULL;
  }
}

static int init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core,
                const OSSL_DISPATCH **out, void **context) {
  static const OSSL_DISPATCH functions[] = {
      {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query},
      {0, NULL},
  };
  (void)core;
  *out = functions;
  *context = (void *)handle;
  return 1;
}

static OSSL_LIB_CTX *make_library(void) {
  OSSL_LIB_CTX *made = OSSL_LIB_CTX_new();
  if (made != NULL && OSSL_PROVIDER_add_builtin(made, NAME, init) == 1 &&
      OSSL_PROVIDER_load(made, NAME) != NULL) {
    return made;
  }
  OSSL_LIB_CTX_free(made);
  return NULL;
}

/* Two threads that come here first at once both make one, and one is dropped.
 */
OSSL_LIB_CTX *tlstream__signer_library(void) {
  static _Atomic(OSSL_LIB_CTX *) shared;
  OSSL_LIB_CTX *current = atomic_load(&shared);
  if (current != NULL) return current;
  OSSL_LIB_CTX *made = make_library();
  if (made == NULL) return NULL;
  if (atomic_compare_exchange_strong(&shared, &current, made)) return made;
  OSSL_LIB_CTX_free(made);
  return current;
}
