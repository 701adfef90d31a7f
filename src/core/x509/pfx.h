/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_X509_PFX_H
#define TLSTREAM_CORE_X509_PFX_H

/* A key and its certificates out of PKCS #12 (RFC 7292). */
#include <tlstream/context.h>

struct evp_pkey_st;
struct stack_st_X509;

/* Decode it: `*key`, and `*certs` with the key's own first and each of the
 * others behind the one that it certifies. Both are the caller's to release,
 * also after a failure, and NULL at first. `label` names it in messages.
 * Returns 0 or a code. */
int tlstream__pfx_open(const tlstream_pfx *from, const char *label,
                       struct evp_pkey_st **key, struct stack_st_X509 **certs,
                       tlstream_error *error);

#endif
