/* SPDX-License-Identifier: MIT */
#include "core/context/ciphers.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <openssl/ssl.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "core/context/groups.h"
#include "core/openssl/ossl.h"

/* Forward secrecy and authenticated encryption only. */
#define DEFAULT_1_2 "ECDHE+AESGCM:ECDHE+CHACHA20"
/* As OpenSSL has them. */
#define SEPARATORS ":;, "

enum { NAME_MAX_LEN = 79 };

typedef int set_list(SSL_CTX *ctx, const char *list);

static int refuse(const char *option, const char *why, tlstream_error *error) {
  if (tlstream__ossl_refusal() == TLSTREAM__REFUSED_NO_MEMORY) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  return tlstream__error_set(error, TLSTREAM_ERR_BAD_CIPHERS, "%s: %s", option,
                             why);
}

static int refuse_name(const char *option, const char *name, size_t len,
                       tlstream_error *error) {
  char shown[NAME_MAX_LEN + 1];
  char why[NAME_MAX_LEN + 40];
  tlstream_escape(shown, sizeof(shown), name, len);
  snprintf(why, sizeof(why), "\"%s\" is not known here", shown);
  return refuse(option, why, error);
}

static bool is_for_1_3(const SSL_CIPHER *suite) {
  return strcmp(SSL_CIPHER_get_version(suite), "TLSv1.3") == 0;
}

static void look_for(const STACK_OF(SSL_CIPHER) * suites, bool *has_1_2,
                     bool *has_1_3) {
  *has_1_2 = *has_1_3 = false;
  for (int i = 0; i < sk_SSL_CIPHER_num(suites); i++) {
    *(is_for_1_3(sk_SSL_CIPHER_value(suites, i)) ? has_1_3 : has_1_2) = true;
  }
}

/* OpenSSL accepts names of suites for TLS 1.3 that no provider has. */
static bool is_provided(SSL_CTX *ctx, set_list *set) {
  bool has_1_2 = false;
  bool has_1_3 = false;
  look_for(SSL_CTX_get_ciphers(ctx), &has_1_2, &has_1_3);
  return set != SSL_CTX_set_ciphersuites || has_1_3;
}

static bool is_known(SSL_CTX *ctx, set_list *set, const char *at, size_t len) {
  char name[NAME_MAX_LEN + 1];
  if (strchr("!-+", at[0]) != NULL) return true; /* nothing there to take out */
  if (len > NAME_MAX_LEN) return false;
  memcpy(name, at, len);
  name[len] = '\0';
  return set(ctx, name) == 1 && is_provided(ctx, set);
}

/* OpenSSL passes over names that it does not know, which would hide a
 * typing error. */
static int set_all(SSL_CTX *ctx, set_list *set, const char *list,
                   const char *option, tlstream_error *error) {
  tlstream__ossl_clear();
  for (const char *at = list; *at != '\0';) {
    at += strspn(at, SEPARATORS);
    size_t len = strcspn(at, SEPARATORS);
    if (len > 0 && !is_known(ctx, set, at, len)) {
      return refuse_name(option, at, len, error);
    }
    at += len;
  }
  if (set(ctx, list) == 1) return 0;
  return refuse(option, "there is nothing to choose from in the list", error);
}

/* A list of ours: a provider, such as that of FIPS, may lack some of it. */
static int set_default(SSL_CTX *ctx, set_list *set, const char *list,
                       const char *option, tlstream_error *error) {
  tlstream__ossl_clear();
  if (set(ctx, list) == 1) return 0;
  return refuse(option, "this OpenSSL has none of the suites of the default",
                error);
}

/* The option, or else the default. */
static int set_either(SSL_CTX *ctx, set_list *set, const char *list,
                      const char *by_default, const char *option,
                      tlstream_error *error) {
  return list != NULL ? set_all(ctx, set, list, option, error)
                      : set_default(ctx, set, by_default, option, error);
}

/* OpenSSL 3.5 takes an empty list. */
static int set_groups(SSL_CTX *ctx, const char *list) {
  if (list[strspn(list, SEPARATORS)] == '\0') return 0;
  return (int)SSL_CTX_set1_groups_list(ctx, list);
}

static int set_signature_algorithms(SSL_CTX *ctx, const char *list) {
  return (int)SSL_CTX_set1_sigalgs_list(ctx, list);
}

/* A version without suites would be offered, and never work. */
static int check_usable(SSL_CTX *ctx, tlstream_error *error) {
  static const char none[] = "no suite in the list is strong enough";
  bool has_1_2 = false;
  bool has_1_3 = false;
  SSL *ssl = SSL_new(ctx);
  if (ssl == NULL) return tlstream__ossl_failed(error, "look at the suites");
  STACK_OF(SSL_CIPHER) *suites = SSL_get1_supported_ciphers(ssl);
  look_for(suites, &has_1_2, &has_1_3);
  sk_SSL_CIPHER_free(suites);
  SSL_free(ssl);
  if (!has_1_2 && SSL_CTX_get_min_proto_version(ctx) == TLS1_2_VERSION) {
    return refuse("ciphers", none, error);
  }
  if (!has_1_3 && SSL_CTX_get_max_proto_version(ctx) == TLS1_3_VERSION) {
    return refuse("ciphersuites", none, error);
  }
  return 0;
}

static int set_suites(SSL_CTX *ctx, const tlstream__suites *suites,
                      tlstream_error *error) {
  const char *for_1_2 = suites->ciphers;
  const char *for_1_3 = suites->ciphersuites;
  /* "@SECLEVEL=0" would give up a guarantee without saying so. */
  if (for_1_2 != NULL && strchr(for_1_2, '@') != NULL) {
    return refuse("ciphers", "the security level is not set in the list",
                  error);
  }
  int code = set_either(ctx, SSL_CTX_set_cipher_list, for_1_2, DEFAULT_1_2,
                        "ciphers", error);
  if (code == 0) {
    /* Set in any case: a configuration of the whole system may have others. */
    code = set_either(ctx, SSL_CTX_set_ciphersuites, for_1_3,
                      OSSL_default_ciphersuites(), "ciphersuites", error);
  }
  if (code == 0 && (for_1_2 != NULL || for_1_3 != NULL)) {
    code = check_usable(ctx, error);
  }
  return code;
}

static int wire_version(tlstream_version version) {
  return version == TLSTREAM_TLS_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
}

static bool is_version(tlstream_version version) {
  return version == TLSTREAM_TLS_1_2 || version == TLSTREAM_TLS_1_3;
}

static int set_versions(SSL_CTX *ctx, const tlstream__suites *suites,
                        tlstream_error *error) {
  tlstream_version min = suites->min_version;
  tlstream_version max = suites->max_version;
  if (min == TLSTREAM_VERSION_DEFAULT) min = TLSTREAM_TLS_1_2;
  if (max == TLSTREAM_VERSION_DEFAULT) max = TLSTREAM_TLS_1_3;
  if (!is_version(min) || !is_version(max) || min > max) {
    return tlstream__error_set(
        error, TLSTREAM_ERR_BAD_VERSIONS, "%s",
        is_version(min) && is_version(max)
            ? "min_version is above max_version"
            : "min_version and max_version are TLSTREAM_TLS_1_2 or "
              "TLSTREAM_TLS_1_3");
  }
  if (SSL_CTX_set_min_proto_version(ctx, wire_version(min)) == 1 &&
      SSL_CTX_set_max_proto_version(ctx, wire_version(max)) == 1) {
    return 0;
  }
  return tlstream__ossl_failed(error, "set the TLS versions");
}

int tlstream__suites_set(SSL_CTX *ctx, const tlstream__suites *suites,
                         tlstream_error *error) {
  int code = set_versions(ctx, suites, error);
  if (code == 0) code = set_suites(ctx, suites, error);
  if (code == 0 && suites->groups == NULL) tlstream__groups_set_default(ctx);
  if (code == 0 && suites->groups != NULL) {
    code = set_all(ctx, set_groups, suites->groups, "groups", error);
  }
  if (code == 0 && suites->signature_algorithms != NULL) {
    code = set_all(ctx, set_signature_algorithms, suites->signature_algorithms,
                   "signature_algorithms", error);
  }
  return code;
}

static bool keep(char **out, const char *text) {
  *out = tlstream__strdup(text);
  return *out != NULL || text == NULL;
}

int tlstream__suites_keep(tlstream__suites *suites,
                          const tlstream_context_options *options,
                          tlstream_error *error) {
  suites->min_version = options->min_version;
  suites->max_version = options->max_version;
  bool kept =
      keep(&suites->ciphers, options->ciphers) &&
      keep(&suites->ciphersuites, options->ciphersuites) &&
      keep(&suites->groups, options->groups) &&
      keep(&suites->signature_algorithms, options->signature_algorithms);
  return kept ? 0 : tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
}

void tlstream__suites_clear(tlstream__suites *suites) {
  tlstream__free(suites->ciphers);
  tlstream__free(suites->ciphersuites);
  tlstream__free(suites->groups);
  tlstream__free(suites->signature_algorithms);
}
