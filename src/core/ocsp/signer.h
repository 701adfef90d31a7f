/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_OCSP_SIGNER_H
#define TLSTREAM_CORE_OCSP_SIGNER_H

/* Who may sign an OCSP response: the issuer of the certificate in question, or
 * a responder that this issuer has appointed by a certificate (RFC 6960,
 * section 4.2.2.2). */
#include <stdbool.h>

struct ocsp_basic_response_st;
struct x509_st;

/* Is it signed by `issuer`, or with a certificate of the issuer's for this
 * purpose that is in force `now`? Keys and hashes have to be strong. */
bool tlstream__ocsp_is_signed(struct ocsp_basic_response_st *basic,
                              struct x509_st *issuer, long long now);

#endif
