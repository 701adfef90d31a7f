/* SPDX-License-Identifier: MIT */
#include "core/context/psk.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/objects.h>
#include <openssl/ssl.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "core/openssl/ossl.h"

/* The only one of OpenSSL's with forward secrecy, authenticated encryption and
 * no group of a finite field. */
#define DEFAULT_SUITE "ECDHE-PSK-CHACHA20-POLY1305"

#define SEPARATORS ":;, "

enum { HINT_MAX = 128 };

bool tlstream__psk_is_key(tlstream_bytes key, tlstream_psk_hash hash) {
  return key.data != NULL && key.len >= TLSTREAM_PSK_KEY_MIN_LEN &&
         key.len <= TLSTREAM_PSK_KEY_MAX_LEN &&
         (hash == TLSTREAM_PSK_SHA256 || hash == TLSTREAM_PSK_SHA384);
}

static int check_one(const tlstream_psk *given, tlstream_error *error) {
  size_t len = given->identity != NULL ? strlen(given->identity) : 0;
  if (len == 0 || len > TLSTREAM_PSK_IDENTITY_MAX_LEN) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "psks: an identity has 1 to %d bytes",
                               TLSTREAM_PSK_IDENTITY_MAX_LEN);
  }
  if (tlstream__psk_is_key(given->key, given->hash)) return 0;
  return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                             "psks: a key has %d to %d random bytes, and is "
                             "for SHA-256 or SHA-384",
                             TLSTREAM_PSK_KEY_MIN_LEN,
                             TLSTREAM_PSK_KEY_MAX_LEN);
}

static bool copy_one(tlstream__psk *to, const tlstream_psk *given) {
  to->identity = tlstream__strdup(given->identity);
  to->key = (unsigned char *)tlstream__memdup(given->key.data, given->key.len);
  to->key_len = to->key != NULL ? given->key.len : 0;
  to->hash = given->hash;
  if (to->identity == NULL || to->key == NULL) return false;
  to->identity_len = strlen(to->identity);
  return true;
}

static int copy_all(tlstream__psks *psks, const tlstream_psk *given,
                    size_t count, tlstream_error *error) {
  if (count == 0) return 0;
  psks->list = tlstream__calloc(count * sizeof(*psks->list));
  if (psks->list == NULL) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  for (; psks->count < count; psks->count++) {
    int code = check_one(&given[psks->count], error);
    if (code != 0) return code;
    if (copy_one(&psks->list[psks->count], &given[psks->count])) continue;
    psks->count++; /* half of it is to be cleared */
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  return 0;
}

static int copy_hint(tlstream__psks *psks, const char *hint,
                     tlstream_error *error) {
  if (hint == NULL) return 0;
  if (strlen(hint) > HINT_MAX) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "psk_hint: it has at most %d bytes", HINT_MAX);
  }
  psks->hint = tlstream__strdup(hint);
  return psks->hint != NULL
             ? 0
             : tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
}

int tlstream__psks_keep(tlstream__psks *psks,
                        const tlstream_context_options *options,
                        tlstream_error *error) {
  psks->ask = options->ask_psk;
  psks->without_secrecy = options->insecure_psk_without_forward_secrecy;
  int code = copy_all(psks, options->psks, options->psk_count, error);
  return code == 0 ? copy_hint(psks, options->psk_hint, error) : code;
}

void tlstream__psks_clear(tlstream__psks *psks) {
  for (size_t i = 0; i < psks->count; i++) {
    OPENSSL_cleanse(psks->list[i].key, psks->list[i].key_len);
    tlstream__free(psks->list[i].key);
    tlstream__free(psks->list[i].identity);
  }
  tlstream__free(psks->list);
  tlstream__free(psks->hint);
  *psks = (tlstream__psks){0};
}

const tlstream__psk *tlstream__psks_find(const tlstream__psks *psks,
                                         const void *identity, size_t len) {
  const tlstream__psk *found = NULL;
  for (size_t i = 0; i < psks->count; i++) {
    const tlstream__psk *each = &psks->list[i];
    size_t both = each->identity_len < len ? each->identity_len : len;
    bool same = CRYPTO_memcmp(each->identity, identity, both) == 0;
    if ((same & (each->identity_len == len)) != 0) found = each;
  }
  return found;
}

/* A name or a class of suites with a PSK and no key exchange beside it. */
static bool is_without_secrecy(const char *name, size_t len) {
  static const char *const starts[] = {"PSK-", "RSA-PSK-", "kPSK", "kRSAPSK"};
  for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
    size_t n = strlen(starts[i]);
    if (len >= n && strncmp(name, starts[i], n) == 0) return true;
  }
  return false;
}

static int check_list(const char *list, tlstream_error *error) {
  char shown[64];
  for (const char *at = list; *at != '\0';) {
    at += strspn(at, SEPARATORS);
    size_t len = strcspn(at, SEPARATORS);
    if (is_without_secrecy(at, len)) {
      tlstream_escape(shown, sizeof(shown), at, len);
      return tlstream__error_set(
          error, TLSTREAM_ERR_BAD_CIPHERS,
          "ciphers: \"%s\" has no forward secrecy: whoever learns the PSK can "
          "read what was recorded before; take ECDHE-PSK",
          shown);
    }
    at += len;
  }
  return 0;
}

static bool is_allowed(const SSL_CIPHER *suite, const tlstream__psks *psks) {
  switch (SSL_CIPHER_get_kx_nid(suite)) {
    case NID_kx_psk: return psks->without_secrecy;
    case NID_kx_rsa_psk: return false;
    default: return true;
  }
}

static bool is_for_1_3(const SSL_CIPHER *suite) {
  return SSL_CIPHER_get_kx_nid(suite) == NID_kx_any;
}

/* The names of the suites of TLS 1.2 that may stay. */
static char *list_allowed(const SSL_CTX *ctx, const tlstream__psks *psks,
                          bool *all) {
  tlstream__text list = {.failed = false};
  const STACK_OF(SSL_CIPHER) *suites = SSL_CTX_get_ciphers(ctx);
  *all = true;
  for (int i = 0; i < sk_SSL_CIPHER_num(suites); i++) {
    const SSL_CIPHER *suite = sk_SSL_CIPHER_value(suites, i);
    if (is_for_1_3(suite)) continue;
    if (!is_allowed(suite, psks)) *all = false;
    if (!is_allowed(suite, psks)) continue;
    tlstream__text_add(&list, ":");
    tlstream__text_add(&list, SSL_CIPHER_get_name(suite));
  }
  return tlstream__text_take(&list);
}

static int set_list(SSL_CTX *ctx, const char *list, tlstream_error *error) {
  tlstream__ossl_clear();
  if (SSL_CTX_set_cipher_list(ctx, list) == 1) return 0;
  if (tlstream__ossl_refusal() == TLSTREAM__REFUSED_NO_MEMORY) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  return tlstream__error_set(error, TLSTREAM_ERR_BAD_CIPHERS,
                             "ciphers: no suite in it has forward secrecy");
}

/* A PSK goes before certificates, as it does in TLS 1.3: only a client that has
 * one offers the suite. */
static int prefer_default(SSL_CTX *ctx, const char *list,
                          tlstream_error *error) {
  tlstream__text all = {.failed = false};
  tlstream__text_add(&all, DEFAULT_SUITE);
  tlstream__text_add(&all, list);
  char *joined = tlstream__text_take(&all);
  int code = joined != NULL
                 ? set_list(ctx, joined, error)
                 : tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  tlstream__free(joined);
  return code;
}

#ifdef OPENSSL_NO_PSK

static void set_useful(SSL_CTX *ctx) {
  (void)ctx;
}

#else

static unsigned no_key(SSL *ssl, const char *hint, char *identity,
                       unsigned identity_cap, unsigned char *key,
                       unsigned cap) {
  (void)ssl, (void)hint, (void)identity, (void)identity_cap;
  (void)key, (void)cap;
  return 0;
}

/* Without a callback OpenSSL takes no suite with a PSK for one that can be
 * used. A client's SSL has one that does know a key, or none. */
static void set_useful(SSL_CTX *ctx) {
  SSL_CTX_set_psk_client_callback(ctx, no_key);
}

#endif

int tlstream__psks_check_suites(SSL_CTX *ctx, const tlstream__psks *psks,
                                const char *given, tlstream_error *error) {
  if (tlstream__psks_serve(psks)) set_useful(ctx);
  return given != NULL && !psks->without_secrecy ? check_list(given, error) : 0;
}

int tlstream__psks_set_suites(SSL_CTX *ctx, const tlstream__psks *psks,
                              const char *given, tlstream_error *error) {
  bool all = true;
  int code = 0;
  char *list = list_allowed(ctx, psks, &all);
  if (list == NULL) return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  if (given == NULL && tlstream__psks_serve(psks)) {
    code = prefer_default(ctx, list, error);
  } else if (!all) {
    code = set_list(ctx, list, error);
  }
  tlstream__free(list);
  return code;
}
