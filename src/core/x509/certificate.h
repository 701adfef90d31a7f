/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_X509_CERTIFICATE_H
#define TLSTREAM_CORE_X509_CERTIFICATE_H

/* What the rest of the core asks of certificates, beside the public questions.
 */
#include <tlstream/certificate.h>

#include "core/x509/identity.h"

struct x509_st;
struct stack_st_X509;

/* Wrap certificates of OpenSSL's, which are borrowed for the call: `chain` may
 * be NULL or hold the ones that follow `x509` (if its first element is `x509`
 * itself, that one is skipped). NULL when memory is out. */
tlstream_certificate *tlstream__certificate_wrap(struct x509_st *x509,
                                                 struct stack_st_X509 *chain);

/* Is it for `host`? When it is not, `names` (if not NULL) receives what it is
 * for, escaped and cut to size: "example.org, *.example.org and 3 more", or
 * "no name at all". Cheap enough for every handshake: looks only at
 * subjectAltName. Memory being out counts as no match. */
bool tlstream__certificate_check(struct x509_st *x509,
                                 const tlstream__host *host, char *names,
                                 size_t cap);

/* One clause for error messages: the subject's or the issuer's common name (or
 * the last part of the name if there is none), escaped and cut to size. */
void tlstream__certificate_title(struct x509_st *x509, bool issuer, char *out,
                                 size_t cap);

#endif
