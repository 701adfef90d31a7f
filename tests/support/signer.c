/* SPDX-License-Identifier: MIT */
#include "support/signer.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>

static bool is_pss(tlstream_signature_scheme scheme) {
  return scheme >= TLSTREAM_SIGN_RSA_PSS_SHA256 &&
         scheme <= TLSTREAM_SIGN_RSA_PSS_SHA512;
}

static bool set_padding(EVP_PKEY_CTX *how) {
  return EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static ptrdiff_t sign_well(const test_signer *self,
                           const tlstream_sign_request *request, void *out,
                           size_t cap) {
  EVP_PKEY_CTX *how = NULL;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  size_t len = cap;
  bool good = EVP_DigestSignInit_ex(context, &how, request->digest_name, NULL,
                                    NULL, self->own->key, NULL) == 1 &&
              (!is_pss(request->scheme) || set_padding(how)) &&
              EVP_DigestSign(context, out, &len, request->message.data,
                             request->message.len) == 1;
  EVP_MD_CTX_free(context);
  return good ? (ptrdiff_t)len : -1;
}

/* The digest is that of the message. */
static bool is_consistent(const tlstream_sign_request *request) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  size_t len = 0;
  if (request->digest_name == NULL) {
    return request->scheme == TLSTREAM_SIGN_ED25519 &&
           request->digest.data == NULL && request->digest.len == 0;
  }
  return EVP_Q_digest(NULL, request->digest_name, NULL, request->message.data,
                      request->message.len, digest, &len) == 1 &&
         len == request->digest.len &&
         memcmp(digest, request->digest.data, len) == 0;
}

static ptrdiff_t on_sign(const tlstream_sign_request *request, void *signature,
                         size_t cap, void *data) {
  test_signer *self = data;
  self->scheme = request->scheme;
  self->scheme_name = request->scheme_name;
  self->timeout_ms = request->timeout_ms;
  if (!is_consistent(request)) atomic_fetch_add(&self->odd, 1);
  atomic_fetch_add(&self->asked, 1);
  if (self->before != NULL) self->before(self);
  ptrdiff_t len = sign_well(self, request, signature, cap);
  switch (self->fault) {
    case SIGNS_WRONG: ((unsigned char *)signature)[len - 1] ^= 1; return len;
    case SIGNS_CUT: return len - 1;
    case SIGNS_NOTHING: return 0;
    case SIGNS_TOO_MUCH: return (ptrdiff_t)cap + 1;
    case REFUSES: return -5;
    default: return len;
  }
}

static void on_release(void *data) {
  test_signer *self = data;
  atomic_fetch_add(&self->released, 1);
}

void test_signer_init(test_signer *self, const made_cert *own) {
  *self = (test_signer){.own = own};
  self->as =
      (tlstream_signer){.sign = on_sign, .release = on_release, .data = self};
}
