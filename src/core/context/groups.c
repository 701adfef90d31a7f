/* SPDX-License-Identifier: MIT */
#include "core/context/groups.h"

#include <stddef.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include "core/openssl/ossl.h"

enum { LIST_CAP = 400, NAME_CAP = 40 };

typedef int set_list(SSL_CTX *ctx, const char *list);

static int set_groups(SSL_CTX *ctx, const char *list) {
  return (int)SSL_CTX_set1_groups_list(ctx, list);
}

static int set_signatures(SSL_CTX *ctx, const char *list) {
  return (int)SSL_CTX_set1_sigalgs_list(ctx, list);
}

static void add(char *list, const char *name) {
  if (list[0] != '\0') strncat(list, ":", LIST_CAP - strlen(list) - 1);
  strncat(list, name, LIST_CAP - strlen(list) - 1);
}

/* One name that is not known fails a whole list. */
static bool set_known(SSL_CTX *ctx, set_list *set, const char *names) {
  char list[LIST_CAP] = "";
  for (const char *at = names; *at != '\0';) {
    char name[NAME_CAP] = "";
    size_t len = strcspn(at, ":");
    strncat(name, at, len < NAME_CAP ? len : NAME_CAP - 1);
    if (set(ctx, name) == 1) add(list, name);
    at += len;
    at += strspn(at, ":");
  }
  return list[0] != '\0' && set(ctx, list) == 1;
}

bool tlstream__groups_set(SSL_CTX *ctx, const tlstream__policy *policy) {
  bool has_notation = OpenSSL_version_num() >= 0x30500000L;
  bool is_set =
      (has_notation && set_groups(ctx, policy->groups_since_3_5) == 1) ||
      set_known(ctx, set_groups, policy->groups);
  tlstream__ossl_clear();
  return is_set;
}

bool tlstream__signatures_set(SSL_CTX *ctx, const tlstream__policy *policy) {
  bool is_set = policy->signature_algorithms == NULL ||
                set_known(ctx, set_signatures, policy->signature_algorithms);
  tlstream__ossl_clear();
  return is_set;
}
