/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_ISSUE_STATE_H
#define TLSTREAM_CORE_ISSUE_STATE_H

/*
 * A certificate in the making, shared by issue.c (options, authority, result),
 * issue_hosts.c (alternative names) and issue_certificate.c (what it says).
 *
 * Everything that the caller says goes in through typed values, never through
 * OpenSSL's configuration texts, in which a comma or a newline would begin
 * something new.
 */
#include <tlstream/issue.h>

struct evp_pkey_st;
struct stack_st_GENERAL_NAME;
struct x509_st;

/* All owned. The authority's are NULL when it signs itself. */
typedef struct tlstream__issue {
  struct evp_pkey_st *key;
  struct x509_st *cert;
  struct stack_st_GENERAL_NAME *names; /* NULL without hosts */
  struct x509_st *ca_cert;
  struct evp_pkey_st *ca_key;
} tlstream__issue;

/* RFC 5280, ub-common-name. */
enum { TLSTREAM__COMMON_NAME_MAX = 64 };

/* 0 if `fine` is 1, else what OpenSSL says. */
int tlstream__issue_check(int fine, tlstream_error *error);

/* Make `names` of the hosts. Returns 0 or a code, as all of these. */
int tlstream__issue_hosts(tlstream__issue *all,
                          const tlstream_issue_options *options,
                          tlstream_error *error);

/* Make `cert`: names, dates, number and key. */
int tlstream__issue_fill_in(tlstream__issue *all,
                            const tlstream_issue_options *options,
                            tlstream_error *error);

int tlstream__issue_extend(tlstream__issue *all, bool is_ca,
                           tlstream_error *error);

int tlstream__issue_sign(tlstream__issue *all, tlstream_error *error);

#endif
