/* SPDX-License-Identifier: MIT */
/*
 * A share of ffdhe8192 is 1 KB that costs a server 100 ms, and no client needs
 * one of a finite field (CVE-2002-20001, CVE-2022-40735).
 */
#include "core/context/groups.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include "core/openssl/ossl.h"

/* Version 3.5 has a notation for what may be missing, and for the groups that a
 * client sends shares of. */
#define SINCE_3_5 \
  "?*X25519MLKEM768 / ?*X25519:?secp256r1 / ?X448:?secp384r1:?secp521r1"

enum { LIST_CAP = 64 };

static bool is_known(SSL_CTX *ctx, const char *name) {
  return SSL_CTX_set1_groups_list(ctx, name) == 1;
}

static void add(char *list, const char *name) {
  if (list[0] != '\0') strncat(list, ":", LIST_CAP - strlen(list) - 1);
  strncat(list, name, LIST_CAP - strlen(list) - 1);
}

/* Without any of them it is OpenSSL's own list after all. */
static void set_known(SSL_CTX *ctx) {
  static const char *const names[] = {"X25519", "P-256", "X448", "P-521",
                                      "P-384"};
  char list[LIST_CAP] = "";
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (is_known(ctx, names[i])) add(list, names[i]);
  }
  if (list[0] != '\0') (void)SSL_CTX_set1_groups_list(ctx, list);
}

void tlstream__groups_set_default(SSL_CTX *ctx) {
  bool has_notation = OpenSSL_version_num() >= 0x30500000L;
  if (!has_notation || !is_known(ctx, SINCE_3_5)) set_known(ctx);
  tlstream__ossl_clear();
}
