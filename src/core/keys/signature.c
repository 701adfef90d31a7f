/* SPDX-License-Identifier: MIT */
/* A signature by a callback: what OpenSSL wants signed is put into the terms of
 * TLS, and what comes back is verified before OpenSSL sees it. */
#include <limits.h>
#include <string.h>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "base/alloc.h"
#include "core/keys/signing.h"
#include "core/keys/state.h"
#include "core/keys/tables.h"
#include "core/openssl/ossl.h"

typedef struct scheme {
  tlstream_signature_scheme number;
  int padding; /* 0: RSA has it alone */
  const char *name;
  const char *kind;   /* of the key */
  const char *digest; /* NULL: the message itself is signed */
} scheme;

static const scheme schemes[] = {
    {TLSTREAM_SIGN_RSA_PKCS1_SHA256, RSA_PKCS1_PADDING, "rsa_pkcs1_sha256",
     "RSA", "SHA256"},
    {TLSTREAM_SIGN_RSA_PKCS1_SHA384, RSA_PKCS1_PADDING, "rsa_pkcs1_sha384",
     "RSA", "SHA384"},
    {TLSTREAM_SIGN_RSA_PKCS1_SHA512, RSA_PKCS1_PADDING, "rsa_pkcs1_sha512",
     "RSA", "SHA512"},
    {TLSTREAM_SIGN_RSA_PSS_SHA256, RSA_PKCS1_PSS_PADDING, "rsa_pss_rsae_sha256",
     "RSA", "SHA256"},
    {TLSTREAM_SIGN_RSA_PSS_SHA384, RSA_PKCS1_PSS_PADDING, "rsa_pss_rsae_sha384",
     "RSA", "SHA384"},
    {TLSTREAM_SIGN_RSA_PSS_SHA512, RSA_PKCS1_PSS_PADDING, "rsa_pss_rsae_sha512",
     "RSA", "SHA512"},
    {TLSTREAM_SIGN_ECDSA_SHA256, 0, "ecdsa_secp256r1_sha256", "EC", "SHA256"},
    {TLSTREAM_SIGN_ECDSA_SHA384, 0, "ecdsa_secp384r1_sha384", "EC", "SHA384"},
    {TLSTREAM_SIGN_ECDSA_SHA512, 0, "ecdsa_secp521r1_sha512", "EC", "SHA512"},
    {TLSTREAM_SIGN_ED25519, 0, "ed25519", "ED25519", NULL},
};

/* One operation. */
typedef struct operation {
  const tlstream__remote_key *key; /* borrowed: OpenSSL holds a reference */
  EVP_MD *digest;                  /* owned; NULL: none */
  int padding;                     /* of RSA */
} operation;

static void *operation_new(void *unused, const char *properties) {
  (void)unused, (void)properties;
  return tlstream__calloc(sizeof(operation));
}

static void operation_free(void *data) {
  operation *self = data;
  if (self == NULL) return;
  EVP_MD_free(self->digest);
  tlstream__free(self);
}

static int read_padding(const OSSL_PARAM *param, int *padding) {
  if (param->data_type != OSSL_PARAM_UTF8_STRING) {
    return OSSL_PARAM_get_int(param, padding);
  }
  if (strcmp(param->data, OSSL_PKEY_RSA_PAD_MODE_PSS) == 0) {
    *padding = RSA_PKCS1_PSS_PADDING;
  } else if (strcmp(param->data, OSSL_PKEY_RSA_PAD_MODE_PKCSV15) == 0) {
    *padding = RSA_PKCS1_PADDING;
  } else {
    return 0;
  }
  return 1;
}

/* The salt and the digest of MGF1 are what TLS wants: that of the message. */
static int operation_set_params(void *data, const OSSL_PARAM params[]) {
  operation *self = data;
  const OSSL_PARAM *param =
      params != NULL
          ? OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PAD_MODE)
          : NULL;
  return param == NULL || read_padding(param, &self->padding);
}

static const OSSL_PARAM *operation_settable_params(void *self, void *unused) {
  static const OSSL_PARAM params[] = {
      OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
      OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
      OSSL_PARAM_END,
  };
  (void)self, (void)unused;
  return params;
}

static int set_digest(operation *self, const char *name) {
  EVP_MD_free(self->digest);
  self->digest = NULL;
  if (name == NULL || name[0] == '\0') return 1;
  self->digest = EVP_MD_fetch(NULL, name, NULL);
  return self->digest != NULL;
}

static int sign_init(void *data, const char *digest, void *key,
                     const OSSL_PARAM params[]) {
  operation *self = data;
  if (key != NULL) self->key = key;
  if (self->key == NULL || self->key->signer == NULL) return 0;
  self->padding = RSA_PKCS1_PADDING;
  return set_digest(self, digest) && operation_set_params(self, params);
}

static bool is_scheme(const operation *self, const scheme *each) {
  if (!EVP_PKEY_is_a(self->key->public_key, each->kind)) return false;
  if (each->padding != 0 && each->padding != self->padding) return false;
  if (each->digest == NULL || self->digest == NULL) {
    return each->digest == NULL && self->digest == NULL;
  }
  return EVP_MD_is_a(self->digest, each->digest);
}

static const scheme *find_scheme(const operation *self) {
  for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
    if (is_scheme(self, &schemes[i])) return &schemes[i];
  }
  return NULL;
}

static int set_padding(const scheme *how, EVP_PKEY_CTX *verifying) {
  if (how->padding == 0) return 1;
  if (EVP_PKEY_CTX_set_rsa_padding(verifying, how->padding) != 1) return 0;
  return how->padding != RSA_PKCS1_PSS_PADDING ||
         EVP_PKEY_CTX_set_rsa_pss_saltlen(verifying, RSA_PSS_SALTLEN_DIGEST) ==
             1;
}

static bool begin_verifying(const operation *self, const scheme *how,
                            EVP_MD_CTX *context) {
  EVP_PKEY_CTX *verifying = NULL;
  return context != NULL &&
         EVP_DigestVerifyInit_ex(context, &verifying, how->digest, NULL, NULL,
                                 self->key->public_key, NULL) == 1 &&
         set_padding(how, verifying);
}

/* It can only begin to fail for want of memory. */
static tlstream__sign_failure verify(const operation *self, const scheme *how,
                                     const tlstream_sign_request *request,
                                     const unsigned char *signature,
                                     size_t len) {
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  bool begun = begin_verifying(self, how, context);
  bool good =
      begun && EVP_DigestVerify(context, signature, len, request->message.data,
                                request->message.len) == 1;
  EVP_MD_CTX_free(context);
  if (good) return TLSTREAM__SIGN_FAILED_NOT;
  return !begun || tlstream__ossl_refusal() == TLSTREAM__REFUSED_NO_MEMORY
             ? TLSTREAM__SIGN_NO_MEMORY
             : TLSTREAM__SIGN_FAILED_FIT;
}

/* One fault in an RSA signature of PKCS #1 v1.5 that is sent reveals the key.
 */
static tlstream__sign_failure judge(const operation *self, const scheme *how,
                                    const tlstream_sign_request *request,
                                    const unsigned char *signature,
                                    ptrdiff_t len, size_t cap) {
  if (len < 0) return TLSTREAM__SIGN_FAILED;
  if (len == 0 || (size_t)len > cap) return TLSTREAM__SIGN_NO_LENGTH;
  return verify(self, how, request, signature, (size_t)len);
}

static int ask(const operation *self, const scheme *how,
               const tlstream_sign_request *request, unsigned char *signature,
               size_t *len, size_t cap) {
  tlstream__signing unknown = {0};
  tlstream__signing *step = tlstream__signing_current();
  const tlstream_signer *signer = &self->key->signer->given;
  if (step == NULL) step = &unknown;
  ptrdiff_t got = signer->sign(request, signature, cap, signer->data);
  step->failure = judge(self, how, request, signature, got, cap);
  if (step->failure != TLSTREAM__SIGN_FAILED_NOT) {
    step->system = got >= INT_MIN && got < 0 ? (int)got : INT_MIN;
    OPENSSL_cleanse(signature, cap);
    return 0;
  }
  *len = (size_t)got;
  step->done = true;
  return 1;
}

static int sign_message(const operation *self, unsigned char *signature,
                        size_t *len, size_t cap, const unsigned char *message,
                        size_t message_len) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned digest_len = 0;
  const tlstream__signing *step = tlstream__signing_current();
  const scheme *how = find_scheme(self);
  if (how == NULL) return 0;
  if (self->digest != NULL &&
      EVP_Digest(message, message_len, digest, &digest_len, self->digest,
                 NULL) != 1) {
    return 0;
  }
  const tlstream_sign_request request = {
      .scheme = how->number,
      .scheme_name = how->name,
      .digest_name = how->digest,
      .message = {message, message_len},
      .digest = {digest_len > 0 ? digest : NULL, digest_len},
      .timeout_ms = step != NULL ? step->timeout_ms : UINT_MAX,
  };
  return ask(self, how, &request, signature, len, cap);
}

/* Without room for it OpenSSL asks how long a signature may be. */
static int sign(void *data, unsigned char *signature, size_t *len, size_t cap,
                const unsigned char *message, size_t message_len) {
  const operation *self = data;
  int most = EVP_PKEY_get_size(self->key->public_key);
  if (most <= 0) return 0;
  if (signature == NULL) {
    *len = (size_t)most;
    return 1;
  }
  if (cap < (size_t)most) return 0;
  return sign_message(self, signature, len, (size_t)most, message, message_len);
}

#define FUNCTION(name, function) \
  { OSSL_FUNC_SIGNATURE_##name, (void (*)(void))(function) }

const OSSL_DISPATCH tlstream__signature[] = {
    FUNCTION(NEWCTX, operation_new),
    FUNCTION(FREECTX, operation_free),
    FUNCTION(DIGEST_SIGN_INIT, sign_init),
    FUNCTION(DIGEST_SIGN, sign),
    FUNCTION(SET_CTX_PARAMS, operation_set_params),
    FUNCTION(SETTABLE_CTX_PARAMS, operation_settable_params),
    {0, NULL},
};
