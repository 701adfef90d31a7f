/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_CIPHERS_H
#define TLSTREAM_CORE_CONTEXT_CIPHERS_H

/* What a context offers for key exchange and encryption: from the options into
 * an SSL_CTX. */
#include <tlstream/context.h>

#include "core/context/policy.h"

struct ssl_ctx_st;

/* The options' policy and lists, kept for another SSL_CTX. */
typedef struct tlstream__suites {
  const tlstream__policy *policy; /* static */
  int security_level;             /* OpenSSL's */
  tlstream_version min_version;
  tlstream_version max_version;
  char *ciphers; /* owned, each of them; NULL: the policy's */
  char *ciphersuites;
  char *groups;
  char *signature_algorithms;
} tlstream__suites;

/* Returns 0, INVALID_ARGUMENT or NO_MEMORY; to be cleared in any case. */
int tlstream__suites_keep(tlstream__suites *suites,
                          const tlstream_context_options *options,
                          tlstream_error *error);
void tlstream__suites_clear(tlstream__suites *suites);

/* Set the security level, the versions, the suites of both kinds, and the
 * groups and signature algorithms. Every name in a list has to be known, and to
 * be in the policy if that is a fixed one, and every version has to be left
 * with a suite that the security level lets through. Returns 0 or a code. */
int tlstream__suites_set(struct ssl_ctx_st *ctx, const tlstream__suites *suites,
                         tlstream_error *error);

#endif
