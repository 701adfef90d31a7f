/* SPDX-License-Identifier: MIT */
#include "core/context/policy.h"

#include <stdio.h>
#include <string.h>

#include <tlstream/text.h>

#include "base/error.h"

#define DEFAULT "default"
#define DATED   "2026-11"
#define MODERN  "modern"

enum { COUNT = 3, NAME_SHOWN = 80 };

/* A share of ffdhe8192 is 1 KB that costs a server 100 ms, and no client needs
 * a group of a finite field (CVE-2002-20001, CVE-2022-40735). */
#define GROUPS "X25519:P-256:X448:P-521:P-384"
/* With a notation for what may be missing ("?"), and for the groups that a
 * client sends shares of ("*"). */
#define GROUPS_SINCE_3_5 \
  "?*X25519MLKEM768 / ?*X25519:?secp256r1 / ?X448:?secp384r1:?secp521r1"

#define SUITES_1_2                                             \
  "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:" \
  "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:" \
  "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
#define SUITES_1_3                                       \
  "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:" \
  "TLS_AES_128_GCM_SHA256"

/* The last three are for the signatures in certificates (RFC 8446, section
 * 4.2.3), and for TLS 1.2. */
#define SIGNATURES                                                         \
  "mldsa65:mldsa87:mldsa44:ecdsa_secp256r1_sha256:ecdsa_secp384r1_sha384:" \
  "ecdsa_secp521r1_sha512:ed25519:ed448:rsa_pss_pss_sha256:"               \
  "rsa_pss_pss_sha384:rsa_pss_pss_sha512:rsa_pss_rsae_sha256:"             \
  "rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:rsa_pkcs1_sha256:"              \
  "rsa_pkcs1_sha384:rsa_pkcs1_sha512"

static const tlstream__policy policies[COUNT] = {
    {
        .name = DEFAULT,
        .min_version = TLSTREAM_TLS_1_2,
        .max_version = TLSTREAM_TLS_1_3,
        .ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20",
        .groups = GROUPS,
        .groups_since_3_5 = GROUPS_SINCE_3_5,
    },
    {
        .name = DATED,
        .is_fixed = true,
        .min_version = TLSTREAM_TLS_1_2,
        .max_version = TLSTREAM_TLS_1_3,
        .ciphers = SUITES_1_2,
        .ciphersuites = SUITES_1_3,
        .groups = GROUPS,
        .groups_since_3_5 = GROUPS_SINCE_3_5,
        .signature_algorithms = SIGNATURES,
    },
    {
        .name = MODERN,
        .is_fixed = true,
        .min_version = TLSTREAM_TLS_1_3,
        .max_version = TLSTREAM_TLS_1_3,
        .ciphers = SUITES_1_2, /* of no effect */
        .ciphersuites = SUITES_1_3,
        .groups = "X25519:P-256:P-384",
        .groups_since_3_5 =
            "?*X25519MLKEM768 / ?*X25519:?secp256r1 / ?secp384r1",
        .signature_algorithms = SIGNATURES,
    },
};

static int refuse_name(const char *name, tlstream_error *error) {
  char shown[NAME_SHOWN];
  tlstream_escape(shown, sizeof(shown), name, strlen(name));
  return tlstream__error_set(
      error, TLSTREAM_ERR_INVALID_ARGUMENT,
      "policy: there is none of the name \"%s\"; there are \"" DEFAULT
      "\", \"" DATED "\" and \"" MODERN "\"",
      shown);
}

int tlstream__policy_find(const char *name, const tlstream__policy **out,
                          tlstream_error *error) {
  if (name == NULL) name = DEFAULT;
  for (int i = 0; i < COUNT; i++) {
    if (strcmp(policies[i].name, name) != 0) continue;
    *out = &policies[i];
    return 0;
  }
  return refuse_name(name, error);
}

const char *const *tlstream_policies(size_t *count) {
  static const char *const names[COUNT] = {DEFAULT, DATED, MODERN};
  *count = COUNT;
  return names;
}

const char *tlstream_version_name(tlstream_version version) {
  switch (version) {
    case TLSTREAM_TLS_1_2: return "TLSv1.2";
    case TLSTREAM_TLS_1_3: return "TLSv1.3";
    default: return "";
  }
}
