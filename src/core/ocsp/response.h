/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_OCSP_RESPONSE_H
#define TLSTREAM_CORE_OCSP_RESPONSE_H

/*
 * What an OCSP response (RFC 6960) proves about one certificate. The bytes are
 * anybody's: no key that the certificate's issuer has not vouched for is ever
 * used on them, and nothing in them makes the work more than a few signatures.
 */
#include <stdbool.h>
#include <stddef.h>

#include <tlstream/ocsp.h>

struct x509_st;

/* The clocks of a responder and of a client may differ by so many seconds. */
enum { TLSTREAM__OCSP_SKEW = 300 };

typedef struct tlstream__ocsp_verdict {
  tlstream_ocsp status; /* never NONE */
  bool is_foreign;      /* BAD: it is for another certificate, if for any */
  bool is_stale;        /* BAD: but for its time it would be good */
  bool out_of_memory;   /* BAD for that alone */
  long long from;       /* if GOOD or stale: thisUpdate, seconds since 1970 */
  long long until;      /* and nextUpdate; a day later where there is none */
  char why[128];        /* if not GOOD: a clause, "it is ..." */
} tlstream__ocsp_verdict;

/* Judge `der` as of `now`, seconds since 1970. `issuer` signed `cert`; NULL: it
 * is not known, and nothing can be proved. Leaves OpenSSL's error queue
 * empty. */
void tlstream__ocsp_judge(tlstream__ocsp_verdict *verdict, const void *der,
                          size_t len, struct x509_st *cert,
                          struct x509_st *issuer, long long now);

/* Does the certificate say that its server always staples (RFC 7633)? */
bool tlstream__ocsp_must_staple(const struct x509_st *cert);

#endif
