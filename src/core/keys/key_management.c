/* SPDX-License-Identifier: MIT */
/* What OpenSSL asks a key that signs by a callback, which is what it asks the
 * public key of its certificate. */
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/alloc.h"
#include "core/keys/state.h"
#include "core/keys/tables.h"

static void *key_new(void *unused) {
  (void)unused;
  return tlstream__calloc(sizeof(tlstream__remote_key));
}

static void key_free(void *data) {
  tlstream__remote_key *key = data;
  if (key == NULL) return;
  tlstream__signer_unref(key->signer);
  EVP_PKEY_free(key->public_key);
  tlstream__free(key);
}

static int key_has(const void *data, int selection) {
  const tlstream__remote_key *key = data;
  if (key == NULL || key->public_key == NULL) return 0;
  return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0 ||
         key->signer != NULL;
}

static int key_match(const void *one, const void *other, int selection) {
  const tlstream__remote_key *a = one;
  const tlstream__remote_key *b = other;
  (void)selection;
  return EVP_PKEY_eq(a->public_key, b->public_key) == 1;
}

/* A public key of OpenSSL's own, which ours is to be compared with. */
static int import_public(tlstream__remote_key *key, const char *kind,
                         const OSSL_PARAM params[]) {
  EVP_PKEY_CTX *from = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
  int done = from != NULL && EVP_PKEY_fromdata_init(from) == 1 &&
             EVP_PKEY_fromdata(from, &key->public_key, EVP_PKEY_PUBLIC_KEY,
                               (OSSL_PARAM *)params) == 1;
  EVP_PKEY_CTX_free(from);
  return done;
}

static int import_any(tlstream__remote_key *key, const char *kind,
                      const OSSL_PARAM params[]) {
  const void *made = NULL;
  size_t len = 0;
  const OSSL_PARAM *param =
      OSSL_PARAM_locate_const(params, TLSTREAM__REMOTE_KEY);
  if (param == NULL) return import_public(key, kind, params);
  if (OSSL_PARAM_get_octet_ptr(param, &made, &len) != 1) return 0;
  tlstream__remote_key *parts = (tlstream__remote_key *)made;
  *key = *parts;
  *parts = (tlstream__remote_key){0};
  return 1;
}

/* The private part is not ours to give: so OpenSSL signs with this provider,
 * and with no other that it could give the key to. */
static int key_export(void *data, int selection, OSSL_CALLBACK *take,
                      void *arg) {
  const tlstream__remote_key *key = data;
  if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0) return 0;
  return EVP_PKEY_export(key->public_key, EVP_PKEY_PUBLIC_KEY, take, arg);
}

static int key_get_params(void *data, OSSL_PARAM params[]) {
  const tlstream__remote_key *key = data;
  return EVP_PKEY_get_params(key->public_key, params);
}

static const OSSL_PARAM *key_gettable_params(void *unused) {
  static const OSSL_PARAM params[] = {
      OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
      OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
      OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
      OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, NULL, 0),
      OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_MANDATORY_DIGEST, NULL, 0),
      OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
      OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
      OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, NULL, 0),
      OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
      OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
      OSSL_PARAM_END,
  };
  (void)unused;
  return params;
}

/* What can be imported and exported: public keys. */

static const OSSL_PARAM *rsa_types(int selection) {
  static const OSSL_PARAM params[] = {
      OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
      OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
      OSSL_PARAM_END,
  };
  (void)selection;
  return params;
}

static const OSSL_PARAM *ec_types(int selection) {
  static const OSSL_PARAM params[] = {
      OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
      OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
      OSSL_PARAM_END,
  };
  (void)selection;
  return params;
}

static const OSSL_PARAM *ed25519_types(int selection) {
  static const OSSL_PARAM params[] = {
      OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
      OSSL_PARAM_END,
  };
  (void)selection;
  return params;
}

/* What differs between the kinds besides. */

static int rsa_import(void *key, int selection, const OSSL_PARAM params[]) {
  (void)selection;
  return import_any(key, "RSA", params);
}

static int ec_import(void *key, int selection, const OSSL_PARAM params[]) {
  (void)selection;
  return import_any(key, "EC", params);
}

static int ed25519_import(void *key, int selection, const OSSL_PARAM params[]) {
  (void)selection;
  return import_any(key, "ED25519", params);
}

static const char *rsa_operation(int operation) {
  return operation == OSSL_OP_SIGNATURE ? TLSTREAM__SIGNATURE_RSA : NULL;
}

static const char *ec_operation(int operation) {
  return operation == OSSL_OP_SIGNATURE ? TLSTREAM__SIGNATURE_EC : NULL;
}

static const char *ed25519_operation(int operation) {
  return operation == OSSL_OP_SIGNATURE ? TLSTREAM__SIGNATURE_ED25519 : NULL;
}

#define FUNCTION(name, function) \
  { OSSL_FUNC_KEYMGMT_##name, (void (*)(void))(function) }

#define MANAGEMENT(kind)                                \
  const OSSL_DISPATCH tlstream__manage_##kind[] = {     \
      FUNCTION(NEW, key_new),                           \
      FUNCTION(FREE, key_free),                         \
      FUNCTION(HAS, key_has),                           \
      FUNCTION(MATCH, key_match),                       \
      FUNCTION(IMPORT, kind##_import),                  \
      FUNCTION(IMPORT_TYPES, kind##_types),             \
      FUNCTION(EXPORT, key_export),                     \
      FUNCTION(EXPORT_TYPES, kind##_types),             \
      FUNCTION(GET_PARAMS, key_get_params),             \
      FUNCTION(GETTABLE_PARAMS, key_gettable_params),   \
      FUNCTION(QUERY_OPERATION_NAME, kind##_operation), \
      {0, NULL},                                        \
  }

MANAGEMENT(rsa);
MANAGEMENT(ec);
MANAGEMENT(ed25519);
