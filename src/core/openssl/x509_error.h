/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_OPENSSL_X509_ERROR_H
#define TLSTREAM_CORE_OPENSSL_X509_ERROR_H

/* The results of OpenSSL's chain verification (X509_V_ERR_...) by number. */

/* The stable name, as OpenSSL and Node spell it: "CERT_HAS_EXPIRED". A number
 * that this table does not know gives "X509_VERIFICATION_FAILED". */
const char *tlstream__x509_error_name(int number);

/* What to do about it, as a clause, or NULL where OpenSSL's text is enough. */
const char *tlstream__x509_error_hint(int number);

#endif
