/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_MAKE_STAPLE_H
#define TESTS_SUPPORT_MAKE_STAPLE_H

/* OCSP responses with whatever content a test wants, made by OpenSSL. */
#include "support/make_cert.h"

/* The time of the tests, 2030-01-01 00:00:00; staples are of an hour before. */
enum { STAPLE_NOW = 1893456000, STAPLE_HOUR = 3600, STAPLE_DAY = 86400 };

typedef enum staple_answer {
  STAPLE_GOOD,
  STAPLE_REVOKED,
  STAPLE_UNKNOWN
} staple_answer;

/* Zero but for the certificates: good, from the issuer, for a week. */
typedef struct staple_plan {
  const made_cert *of;
  const made_cert *by;     /* the issuer, as the id of the certificate has it */
  const made_cert *also;   /* an answer for another one comes first */
  const made_cert *signer; /* NULL: `by`. Its certificate is sent along */
  const char *digest;      /* of the signature; NULL: SHA256 */
  const char *id_digest;   /* of the id; NULL: SHA1 */
  long long from;          /* seconds from STAPLE_NOW; 0: an hour before */
  long long until;         /* the same; 0: in a week */
  staple_answer answer;
  int refusal;    /* the responder's: an OCSP_RESPONSE_STATUS_ number */
  bool by_key;    /* the signer is named by a hash of its key */
  bool no_until;  /* no nextUpdate */
  bool no_certs;  /* the signer's certificate is not sent */
  bool odd;       /* an unknown critical extension of the answer */
  bool odd_whole; /* and of all */
} staple_plan;

/* DER; to be released with free(). */
tlstream_bytes make_staple(const staple_plan *plan);

#endif
