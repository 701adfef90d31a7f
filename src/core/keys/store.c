/* SPDX-License-Identifier: MIT */
#include "core/keys/store.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include "base/error.h"
#include "base/text.h"
#include "core/openssl/ossl.h"
#include "core/x509/pem.h"

void tlstream__store_label(char label[TLSTREAM__URI_LABEL], const char *uri) {
  char shown[TLSTREAM__URI_LABEL - sizeof("key_uri ")];
  tlstream_escape(shown, sizeof(shown), uri, strcspn(uri, "?"));
  snprintf(label, TLSTREAM__URI_LABEL, "key_uri %s", shown);
}

/* What a store asks for: a passphrase, or the PIN of a token. */
typedef struct prompt {
  const char *passphrase;
  bool asked;
} prompt;

static int on_prompt(char *out, int cap, int writing, void *data) {
  prompt *self = data;
  self->asked = true;
  return tlstream__pem_passphrase(out, cap, writing, (void *)self->passphrase);
}

static EVP_PKEY *next_key(OSSL_STORE_CTX *store) {
  OSSL_STORE_INFO *info = OSSL_STORE_load(store);
  EVP_PKEY *key = info != NULL ? OSSL_STORE_INFO_get1_PKEY(info) : NULL;
  OSSL_STORE_INFO_free(info);
  return key;
}

/* A file may begin with what is no key, and that is no error. */
static EVP_PKEY *find_key(OSSL_STORE_CTX *store) {
  EVP_PKEY *key = NULL;
  if (OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY) != 1) return NULL;
  while (key == NULL && OSSL_STORE_error(store) == 0 &&
         OSSL_STORE_eof(store) == 0) {
    key = next_key(store);
  }
  return key;
}

static EVP_PKEY *load(const char *uri, prompt *asks) {
  UI_METHOD *method = UI_UTIL_wrap_read_pem_callback(on_prompt, 0);
  OSSL_STORE_CTX *store =
      method != NULL ? OSSL_STORE_open(uri, method, asks, NULL, NULL) : NULL;
  EVP_PKEY *key = store != NULL ? find_key(store) : NULL;
  if (store != NULL) OSSL_STORE_close(store);
  UI_destroy_method(method);
  return key;
}

/* The store may have come to its end without an error. */
static int explain(const char *uri, const prompt *asks, tlstream_error *error) {
  char label[TLSTREAM__URI_LABEL];
  char reason[160];
  tlstream__store_label(label, uri);
  if (tlstream__ossl_refusal() == TLSTREAM__REFUSED_NO_MEMORY) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  if (asks->asked) {
    return tlstream__error_set(error, TLSTREAM_ERR_PASSPHRASE, "%s: %s", label,
                               asks->passphrase != NULL
                                   ? "the passphrase or PIN is wrong"
                                   : "it wants a passphrase or PIN: give "
                                     "`passphrase`");
  }
  tlstream__ossl_reason(reason, sizeof(reason));
  return tlstream__error_set(
      error, TLSTREAM_ERR_KEY_URI,
      "%s: no private key is found by it (%s): is it there, and is the "
      "provider for it loaded (see openssl.cnf)?",
      label, reason);
}

/* What others sign with may be a network or a slow chip away. */
static bool is_own(const EVP_PKEY *key) {
  static const char *const names[] = {"default", "fips", "base", "legacy"};
  const OSSL_PROVIDER *provider = EVP_PKEY_get0_provider(key);
  if (provider == NULL) return false;
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (strcmp(OSSL_PROVIDER_get0_name(provider), names[i]) == 0) return true;
  }
  return false;
}

int tlstream__store_key(const char *uri, const char *passphrase, EVP_PKEY **key,
                        bool *may_wait, tlstream_error *error) {
  prompt asks = {.passphrase = passphrase};
  tlstream__ossl_clear();
  *key = load(uri, &asks);
  if (*key == NULL) return explain(uri, &asks, error);
  if (!is_own(*key)) *may_wait = true;
  return 0;
}
