/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_ISSUE_STATE_H
#define TLSTREAM_CORE_ISSUE_STATE_H

/*
 * A certificate in the making, shared by issue.c (options and order of work),
 * key.c, request.c and authority.c (what goes into it), san.c and subject.c
 * (the names it is for), extensions.c (its fields) and pem.c (the text).
 *
 * All of the caller's input goes in through typed values, never through
 * OpenSSL's configuration texts, in which a comma or a newline would begin
 * something new.
 */
#include <tlstream/issue.h>

#include "core/issue/util.h"

struct X509_name_st;
struct X509_req_st;
struct evp_md_st;
struct evp_pkey_st;
struct stack_st_GENERAL_NAME;
struct stack_st_X509;
struct x509_st;

/* The names that it is for, as the caller gave them. */
typedef struct tlstream__wanted {
  const char *common_name;
  const char *const *hosts;
  size_t count;
} tlstream__wanted;

/* All owned, and NULL where there is none. */
typedef struct tlstream__issue {
  struct evp_pkey_st *key;     /* private */
  struct X509_req_st *request; /* whose key is certified */
  struct X509_name_st *subject;
  struct stack_st_GENERAL_NAME *names;
  struct stack_st_X509 *ca_chain; /* from the authority up to below the root */
  struct evp_pkey_st *ca_key;
  struct x509_st *cert;
} tlstream__issue;

/* From here on, what returns an int returns 0 or a code. */

/* key.c. `what` is the option's name. */
int tlstream__key_check_wish(tlstream_key_type type, int rsa_bits,
                             const char *passphrase, tlstream_error *error);
int tlstream__key_make(struct evp_pkey_st **out, tlstream_key_type type,
                       int rsa_bits, tlstream_error *error);
int tlstream__key_read(struct evp_pkey_st **out, const char *what,
                       tlstream_bytes bytes, const char *passphrase,
                       tlstream_error *error);
int tlstream__key_check_strength(const struct evp_pkey_st *key,
                                 const char *what, tlstream_error *error);

/* What to sign with; NULL for keys that bring their own. */
const struct evp_md_st *tlstream__key_digest(const struct evp_pkey_st *key);

/* san.c. Without hosts `*out` stays NULL. */
int tlstream__issue_hosts(const tlstream__wanted *wanted,
                          struct stack_st_GENERAL_NAME **out,
                          tlstream_error *error);
int tlstream__issue_copy_names(const struct stack_st_GENERAL_NAME *from,
                               struct stack_st_GENERAL_NAME **out,
                               tlstream_error *error);

/* Is there a DNS name or an address? */
bool tlstream__issue_has_host(const struct stack_st_GENERAL_NAME *names);

/* subject.c. The subject is empty when no host fits into it. */
int tlstream__issue_check_wanted(const tlstream__wanted *wanted, bool is_ca,
                                 tlstream_error *error);
int tlstream__issue_subject(const tlstream__wanted *wanted,
                            struct X509_name_st **out, tlstream_error *error);
int tlstream__issue_copy_subject(const struct X509_name_st *from,
                                 struct X509_name_st **out,
                                 tlstream_error *error);

/* request.c. Read it; take its subject and its names. */
int tlstream__issue_read_request(tlstream__issue *all, tlstream_bytes bytes,
                                 tlstream_error *error);
int tlstream__issue_adopt_request(tlstream__issue *all, tlstream_error *error);

/* authority.c */
int tlstream__issue_read_ca(tlstream__issue *all,
                            const tlstream_issue_options *options,
                            tlstream_error *error);
/* The authority's certificate; NULL if it signs itself. */
struct x509_st *tlstream__issue_ca(const tlstream__issue *all);

/* extensions.c: `cert` in three steps. */
int tlstream__issue_fill_in(tlstream__issue *all,
                            const tlstream_issue_options *options,
                            tlstream_error *error);
int tlstream__issue_extend(tlstream__issue *all,
                           const tlstream_issue_options *options,
                           tlstream_error *error);
int tlstream__issue_sign(tlstream__issue *all, tlstream_error *error);

/* pem.c. A NULL key or request is passed over. */
int tlstream__issue_write_key(const struct evp_pkey_st *key,
                              const char *passphrase, tlstream_issued *out,
                              tlstream_error *error);
int tlstream__issue_write_cert(const tlstream__issue *all, tlstream_issued *out,
                               tlstream_error *error);
int tlstream__issue_write_request(const struct X509_req_st *request,
                                  tlstream_issued *out, tlstream_error *error);

#endif
