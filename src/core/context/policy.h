/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_POLICY_H
#define TLSTREAM_CORE_CONTEXT_POLICY_H

/* Policies by name: which versions, suites, groups and signature algorithms. */
#include <stdbool.h>

#include <tlstream/error.h>
#include <tlstream/policy.h>

/* Lists are in OpenSSL's syntax. */
typedef struct tlstream__policy {
  const char *name;
  bool is_fixed; /* it never changes, and options choose within it */
  tlstream_version min_version;
  tlstream_version max_version;
  const char *ciphers;
  const char *ciphersuites;         /* NULL: OpenSSL's own */
  const char *groups;               /* before OpenSSL 3.5 */
  const char *groups_since_3_5;     /* with its notation */
  const char *signature_algorithms; /* NULL: OpenSSL's own */
} tlstream__policy;

/* The policy of that name; NULL is the default. Returns 0 or
 * INVALID_ARGUMENT, with all names in the message. */
int tlstream__policy_find(const char *name, const tlstream__policy **out,
                          tlstream_error *error);

#endif
