/* SPDX-License-Identifier: MIT */
#include "core/x509/chain_cost.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

enum { EXPONENT_BITS_MAX = 64, CURVE_BITS_MAX = 521 };

static bool has_long_exponent(const EVP_PKEY *key) {
  BIGNUM *exponent = NULL;
  bool read = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1;
  bool is_long = !read || BN_num_bits(exponent) > EXPONENT_BITS_MAX;
  BN_free(exponent);
  return is_long;
}

/* A key that cannot be read verifies nothing, which costs nothing. */
bool tlstream__chain_has_slow_key(const X509 *cert) {
  const EVP_PKEY *key = X509_get0_pubkey(cert);
  if (key == NULL) return false;
  if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS")) {
    return EVP_PKEY_get_bits(key) > TLSTREAM__CHAIN_RSA_BITS_MAX ||
           has_long_exponent(key);
  }
  if (EVP_PKEY_is_a(key, "EC")) return EVP_PKEY_get_bits(key) > CURVE_BITS_MAX;
  return EVP_PKEY_is_a(key, "DSA") == 1;
}

/* OpenSSL looks at the alternative names and at the subject. */
static size_t names_of(const X509 *cert) {
  GENERAL_NAMES *names =
      X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
  int more = sk_GENERAL_NAME_num(names);
  GENERAL_NAMES_free(names);
  return (size_t)X509_NAME_entry_count(X509_get_subject_name(cert)) +
         (more > 0 ? (size_t)more : 0);
}

static size_t count(const STACK_OF(GENERAL_SUBTREE) * trees) {
  return trees != NULL ? (size_t)sk_GENERAL_SUBTREE_num(trees) : 0;
}

static size_t limits_of(const X509 *cert) {
  NAME_CONSTRAINTS *limits =
      X509_get_ext_d2i(cert, NID_name_constraints, NULL, NULL);
  if (limits == NULL) return 0;
  size_t sum =
      count(limits->permittedSubtrees) + count(limits->excludedSubtrees);
  NAME_CONSTRAINTS_free(limits);
  return sum;
}

bool tlstream__chain_is_costly(const STACK_OF(X509) * chain) {
  size_t comparisons = 0;
  size_t names = 0;
  if (sk_X509_num(chain) > TLSTREAM__CHAIN_CERTIFICATES_MAX) return true;
  for (int i = 0; i < sk_X509_num(chain); i++) {
    const X509 *cert = sk_X509_value(chain, i);
    if (i > 0 && tlstream__chain_has_slow_key(cert)) return true;
    if (names > 0) comparisons += names * limits_of(cert);
    if (comparisons > TLSTREAM__CHAIN_COMPARISONS_MAX) return true;
    names += names_of(cert);
  }
  return false;
}
