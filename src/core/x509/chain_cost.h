/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_X509_CHAIN_COST_H
#define TLSTREAM_CORE_X509_CHAIN_COST_H

/*
 * The cost of checking a chain that leads to no trusted root. Its sender has
 * chosen every key, name and limit in it.
 */
#include <stdbool.h>

struct stack_st_X509;
struct x509_st;

enum {
  TLSTREAM__CHAIN_CERTIFICATES_MAX = 10,
  /* Names of the certificates times the limits of those above them. */
  TLSTREAM__CHAIN_COMPARISONS_MAX = 65536,
  TLSTREAM__CHAIN_RSA_BITS_MAX = 8192
};

/* A key that is slow to verify with: RSA of more bits or of an exponent of more
 * than 64 bits, DSA, a curve of more than 521 bits. */
bool tlstream__chain_has_slow_key(const struct x509_st *cert);

/* More certificates or comparisons than that, or an issuer with a slow key. */
bool tlstream__chain_is_costly(const struct stack_st_X509 *chain);

#endif
