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
#include "core/context/offer.h"
#include "core/openssl/algorithm.h"
#include "core/openssl/ossl.h"

/* As OpenSSL has them. */
#define SEPARATORS ":;, "

enum { NAME_MAX_LEN = 79 };

/* OpenSSL's: 2 is 112 bits (RSA of 2048 bits, SHA-256), 5 is 256. */
enum { LEVEL_DEFAULT = 2, LEVEL_MAX = 5 };

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

static int refuse_policy(const char *option, tlstream_error *error) {
  return refuse(option, "this OpenSSL has nothing of the policy's list", error);
}

/* A list of ours: a provider, such as that of FIPS, may lack some of it. */
static int set_policys(SSL_CTX *ctx, set_list *set, const char *list,
                       const char *option, tlstream_error *error) {
  tlstream__ossl_clear();
  return set(ctx, list) == 1 ? 0 : refuse_policy(option, error);
}

/* The option, or else the policy's. */
static int set_either(SSL_CTX *ctx, set_list *set, const char *list,
                      const char *policys, const char *option,
                      tlstream_error *error) {
  return list != NULL ? set_all(ctx, set, list, option, error)
                      : set_policys(ctx, set, policys, option, error);
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
  const tlstream__policy *policy = suites->policy;
  const char *for_1_2 = suites->ciphers;
  const char *for_1_3 = policy->ciphersuites;
  if (for_1_3 == NULL) for_1_3 = OSSL_default_ciphersuites();
  /* "@SECLEVEL=0" would give up a guarantee without saying so. */
  if (for_1_2 != NULL && strchr(for_1_2, '@') != NULL) {
    return refuse("ciphers", "the security level is not set in the list",
                  error);
  }
  int code = set_either(ctx, SSL_CTX_set_cipher_list, for_1_2, policy->ciphers,
                        "ciphers", error);
  if (code == 0) {
    /* Set in any case: a configuration of the whole system may have others. */
    code = set_either(ctx, SSL_CTX_set_ciphersuites, suites->ciphersuites,
                      for_1_3, "ciphersuites", error);
  }
  return code;
}

static int wire_version(tlstream_version version) {
  return version == TLSTREAM_TLS_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
}

static bool is_version(tlstream_version version) {
  return version == TLSTREAM_TLS_1_2 || version == TLSTREAM_TLS_1_3;
}

static int check_versions(const tlstream__policy *policy, tlstream_version min,
                          tlstream_version max, tlstream_error *error) {
  if (!is_version(min) || !is_version(max)) {
    return tlstream__error_set(
        error, TLSTREAM_ERR_BAD_VERSIONS,
        "min_version and max_version are TLSTREAM_TLS_1_2 or TLSTREAM_TLS_1_3");
  }
  if (min < policy->min_version || max > policy->max_version ||
      max < policy->min_version) {
    return tlstream__error_set(
        error, TLSTREAM_ERR_BAD_VERSIONS,
        "min_version and max_version: the policy \"%s\" has %s only",
        policy->name, tlstream_version_name(policy->min_version));
  }
  if (min <= max) return 0;
  return tlstream__error_set(error, TLSTREAM_ERR_BAD_VERSIONS,
                             "min_version is above max_version");
}

static int set_versions(SSL_CTX *ctx, const tlstream__suites *suites,
                        tlstream_error *error) {
  const tlstream__policy *policy = suites->policy;
  tlstream_version min = suites->min_version;
  tlstream_version max = suites->max_version;
  if (min == TLSTREAM_VERSION_DEFAULT) min = policy->min_version;
  if (max == TLSTREAM_VERSION_DEFAULT) max = policy->max_version;
  int code = check_versions(policy, min, max, error);
  if (code != 0) return code;
  if (SSL_CTX_set_min_proto_version(ctx, wire_version(min)) == 1 &&
      SSL_CTX_set_max_proto_version(ctx, wire_version(max)) == 1) {
    return 0;
  }
  return tlstream__ossl_failed(error, "set the TLS versions");
}

/* A default that OpenSSL has nothing of leaves OpenSSL's own. */
static int set_algorithms(SSL_CTX *ctx, const tlstream__suites *suites,
                          tlstream_error *error) {
  const tlstream__policy *policy = suites->policy;
  if (!tlstream__groups_set(ctx, policy) && policy->is_fixed) {
    return refuse_policy("groups", error);
  }
  if (!tlstream__signatures_set(ctx, policy) && policy->is_fixed) {
    return refuse_policy("signature_algorithms", error);
  }
  int code = 0;
  if (suites->groups != NULL) {
    code = set_all(ctx, set_groups, suites->groups, "groups", error);
  }
  if (code == 0 && suites->signature_algorithms != NULL) {
    code = set_all(ctx, set_signature_algorithms, suites->signature_algorithms,
                   "signature_algorithms", error);
  }
  return code;
}

static int set_lists(SSL_CTX *ctx, const tlstream__suites *suites,
                     tlstream_error *error) {
  int code = set_suites(ctx, suites, error);
  return code == 0 ? set_algorithms(ctx, suites, error) : code;
}

static bool has_list(const tlstream__suites *suites) {
  return suites->ciphers != NULL || suites->ciphersuites != NULL ||
         suites->groups != NULL || suites->signature_algorithms != NULL;
}

static int refuse_outside(const tlstream__suites *suites, const char *option,
                          const char *name, unsigned id,
                          tlstream_error *error) {
  char number[8];
  snprintf(number, sizeof(number), "0x%04x", id);
  return tlstream__error_set(
      error, TLSTREAM_ERR_BAD_CIPHERS, "%s: \"%s\" is not in the policy \"%s\"",
      option, name != NULL ? name : number, suites->policy->name);
}

/* What is in one list and not in the other; 0: nothing. */
static unsigned find_outside(const tlstream__ids *list,
                             const tlstream__ids *allowed) {
  for (size_t i = 0; i < list->count; i++) {
    if (!tlstream__ids_have(allowed, list->items[i])) return list->items[i];
  }
  return 0;
}

static int check_inside(SSL_CTX *ctx, const tlstream__suites *suites,
                        const tlstream__offer *allowed, tlstream_error *error) {
  tlstream__offer offer;
  int code = tlstream__offer_read(ctx, &offer, error);
  if (code != 0) return code;
  unsigned id = find_outside(&offer.suites, &allowed->suites);
  if (id != 0) {
    const char *name = tlstream__offer_suite(ctx, id);
    bool is_1_3 = name != NULL && strncmp(name, "TLS_", 4) == 0;
    return refuse_outside(suites, is_1_3 ? "ciphersuites" : "ciphers", name, id,
                          error);
  }
  id = find_outside(&offer.groups, &allowed->groups);
  if (id != 0) {
    return refuse_outside(suites, "groups", tlstream__group_name(id), id,
                          error);
  }
  id = find_outside(&offer.schemes, &allowed->schemes);
  return id == 0 ? 0
                 : refuse_outside(suites, "signature_algorithms",
                                  tlstream__scheme_name(id), id, error);
}

/* What the policy alone offers. */
static int read_allowed(SSL_CTX *ctx, const tlstream__suites *suites,
                        tlstream__offer *allowed, tlstream_error *error) {
  const tlstream__suites none = {.policy = suites->policy};
  int code = set_lists(ctx, &none, error);
  return code == 0 ? tlstream__offer_read(ctx, allowed, error) : code;
}

/* A fixed policy would be of no use if a list could add to it. */
static int set_within(SSL_CTX *ctx, const tlstream__suites *suites,
                      tlstream_error *error) {
  tlstream__offer allowed;
  int code = read_allowed(ctx, suites, &allowed, error);
  if (code == 0) code = set_lists(ctx, suites, error);
  return code == 0 ? check_inside(ctx, suites, &allowed, error) : code;
}

static int check_strength(SSL_CTX *ctx, tlstream_error *error) {
  tlstream__offer offer;
  int code = tlstream__offer_read(ctx, &offer, error);
  return code == 0 ? check_usable(ctx, error) : code;
}

int tlstream__suites_set(SSL_CTX *ctx, const tlstream__suites *suites,
                         tlstream_error *error) {
  bool lists = has_list(suites);
  SSL_CTX_set_security_level(ctx, suites->security_level);
  int code = set_versions(ctx, suites, error);
  if (code == 0) {
    code = lists && suites->policy->is_fixed ? set_within(ctx, suites, error)
                                             : set_lists(ctx, suites, error);
  }
  if (code == 0 && lists) code = check_usable(ctx, error);
  if (code == 0 && suites->security_level != LEVEL_DEFAULT) {
    code = check_strength(ctx, error);
  }
  return code;
}

static bool keep(char **out, const char *text) {
  *out = tlstream__strdup(text);
  return *out != NULL || text == NULL;
}

static int keep_level(tlstream__suites *suites, int level,
                      tlstream_error *error) {
  suites->security_level = level != 0 ? level : LEVEL_DEFAULT;
  if (suites->security_level >= LEVEL_DEFAULT &&
      suites->security_level <= LEVEL_MAX) {
    return 0;
  }
  return tlstream__error_set(
      error, TLSTREAM_ERR_INVALID_ARGUMENT,
      "security_level: it is a number from %d to %d, and not %d", LEVEL_DEFAULT,
      LEVEL_MAX, level);
}

int tlstream__suites_keep(tlstream__suites *suites,
                          const tlstream_context_options *options,
                          tlstream_error *error) {
  int code = tlstream__policy_find(options->policy, &suites->policy, error);
  if (code == 0) code = keep_level(suites, options->security_level, error);
  if (code != 0) return code;
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
