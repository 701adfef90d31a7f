/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_OCSP_REQUEST_H
#define TLSTREAM_CORE_OCSP_REQUEST_H

/* What is sent to a responder, and where it is. */
#include <stddef.h>

struct x509_st;

/* A request for `cert` in the profile that responders can answer from a cache
 * (RFC 5019): SHA-1 in the id, no nonce. NULL when memory is out; to be
 * released with tlstream__free(). */
unsigned char *tlstream__ocsp_request(struct x509_st *cert,
                                      struct x509_st *issuer, size_t *len);

/* The first responder with "http://" that the certificate names; NULL if there
 * is none or memory is out. To be released with tlstream__free(). */
char *tlstream__ocsp_url(struct x509_st *cert);

#endif
