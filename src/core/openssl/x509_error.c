/* SPDX-License-Identifier: MIT */
#include "core/openssl/x509_error.h"

#include <stddef.h>

#include <openssl/x509_vfy.h>

#ifndef X509_V_ERR_RPK_UNTRUSTED
#define X509_V_ERR_RPK_UNTRUSTED 95 /* since OpenSSL 3.2 */
#endif
#ifndef X509_V_ERR_OCSP_RESP_INVALID /* since OpenSSL 3.6 */
#define X509_V_ERR_OCSP_RESP_INVALID      96
#define X509_V_ERR_OCSP_SIGNATURE_FAILURE 97
#define X509_V_ERR_OCSP_NOT_YET_VALID     98
#define X509_V_ERR_OCSP_HAS_EXPIRED       99
#define X509_V_ERR_OCSP_NO_RESPONSE       100
#endif

typedef struct row {
  int number;
  const char *name;
  const char *hint;
} row;

#define ROW(name, hint) \
  { X509_V_ERR_##name, #name, hint }

static const row rows[] = {
    ROW(UNSPECIFIED, NULL),
    ROW(UNABLE_TO_GET_ISSUER_CERT,
        "an authority in the middle of the chain is missing"),
    ROW(UNABLE_TO_GET_CRL, "no revocation list of its issuer is at hand"),
    ROW(UNABLE_TO_DECRYPT_CERT_SIGNATURE, NULL),
    ROW(UNABLE_TO_DECRYPT_CRL_SIGNATURE, NULL),
    ROW(UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, NULL),
    ROW(CERT_SIGNATURE_FAILURE,
        "its signature is not that of the authority that it names: it is "
        "forged or damaged, or the authority has changed its key"),
    ROW(CRL_SIGNATURE_FAILURE, NULL),
    ROW(CERT_NOT_YET_VALID,
        "its life has not begun: check the clock of this machine"),
    ROW(CERT_HAS_EXPIRED, "its life is over: the peer must renew it (or the "
                          "clock of this machine is wrong)"),
    ROW(CRL_NOT_YET_VALID, NULL),
    ROW(CRL_HAS_EXPIRED, "the revocation list is out of date"),
    ROW(ERROR_IN_CERT_NOT_BEFORE_FIELD, NULL),
    ROW(ERROR_IN_CERT_NOT_AFTER_FIELD, NULL),
    ROW(ERROR_IN_CRL_LAST_UPDATE_FIELD, NULL),
    ROW(ERROR_IN_CRL_NEXT_UPDATE_FIELD, NULL),
    ROW(OUT_OF_MEM, NULL),
    ROW(DEPTH_ZERO_SELF_SIGNED_CERT, "it is signed by itself: trust exactly "
                                     "this certificate with `ca`, if you do"),
    ROW(SELF_SIGNED_CERT_IN_CHAIN,
        "the chain ends in an authority that is not trusted here: trust it "
        "with `ca`, if you do"),
    ROW(UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
        "its issuer is not among the trusted authorities: trust it with `ca`, "
        "if you do"),
    ROW(UNABLE_TO_VERIFY_LEAF_SIGNATURE,
        "the peer did not send its issuer, and it is not trusted here: the "
        "server should send its whole chain, or trust the issuer with `ca`, if "
        "you do"),
    ROW(CERT_CHAIN_TOO_LONG, NULL),
    ROW(CERT_REVOKED, "its authority has withdrawn it"),
    ROW(NO_ISSUER_PUBLIC_KEY, NULL),
    ROW(PATH_LENGTH_EXCEEDED, NULL),
    ROW(INVALID_PURPOSE,
        "it was issued for another purpose: look at its extended key usage"),
    ROW(CERT_UNTRUSTED, NULL),
    ROW(CERT_REJECTED, NULL),
    ROW(SUBJECT_ISSUER_MISMATCH, NULL),
    ROW(AKID_SKID_MISMATCH, NULL),
    ROW(AKID_ISSUER_SERIAL_MISMATCH, NULL),
    ROW(KEYUSAGE_NO_CERTSIGN, NULL),
    ROW(UNABLE_TO_GET_CRL_ISSUER, NULL),
    ROW(UNHANDLED_CRITICAL_EXTENSION, NULL),
    ROW(KEYUSAGE_NO_CRL_SIGN, NULL),
    ROW(UNHANDLED_CRITICAL_CRL_EXTENSION, NULL),
    ROW(INVALID_NON_CA, NULL),
    ROW(PROXY_PATH_LENGTH_EXCEEDED, NULL),
    ROW(KEYUSAGE_NO_DIGITAL_SIGNATURE, NULL),
    ROW(PROXY_CERTIFICATES_NOT_ALLOWED, NULL),
    ROW(INVALID_EXTENSION, NULL),
    ROW(INVALID_POLICY_EXTENSION, NULL),
    ROW(NO_EXPLICIT_POLICY, NULL),
    ROW(DIFFERENT_CRL_SCOPE, NULL),
    ROW(UNSUPPORTED_EXTENSION_FEATURE, NULL),
    ROW(UNNESTED_RESOURCE, NULL),
    ROW(PERMITTED_VIOLATION, NULL),
    ROW(EXCLUDED_VIOLATION, NULL),
    ROW(SUBTREE_MINMAX, NULL),
    ROW(APPLICATION_VERIFICATION, NULL),
    ROW(UNSUPPORTED_CONSTRAINT_TYPE, NULL),
    ROW(UNSUPPORTED_CONSTRAINT_SYNTAX, NULL),
    ROW(UNSUPPORTED_NAME_SYNTAX, NULL),
    ROW(CRL_PATH_VALIDATION_ERROR, NULL),
    ROW(PATH_LOOP, NULL),
    ROW(SUITE_B_INVALID_VERSION, NULL),
    ROW(SUITE_B_INVALID_ALGORITHM, NULL),
    ROW(SUITE_B_INVALID_CURVE, NULL),
    ROW(SUITE_B_INVALID_SIGNATURE_ALGORITHM, NULL),
    ROW(SUITE_B_LOS_NOT_ALLOWED, NULL),
    ROW(SUITE_B_CANNOT_SIGN_P_384_WITH_P_256, NULL),
    ROW(HOSTNAME_MISMATCH, NULL),
    ROW(EMAIL_MISMATCH, NULL),
    ROW(IP_ADDRESS_MISMATCH, NULL),
    ROW(DANE_NO_MATCH, NULL),
    ROW(EE_KEY_TOO_SMALL, "its key is too small to be safe: the peer needs RSA "
                          "of 2048 bits or a P-256 key"),
    ROW(CA_KEY_TOO_SMALL, "the key of its authority is too small to be safe"),
    ROW(CA_MD_TOO_WEAK,
        "a signature in its chain uses a broken hash (MD5 or SHA-1)"),
    ROW(INVALID_CALL, NULL),
    ROW(STORE_LOOKUP, NULL),
    ROW(NO_VALID_SCTS, NULL),
    ROW(PROXY_SUBJECT_NAME_VIOLATION, NULL),
    ROW(OCSP_VERIFY_NEEDED, NULL),
    ROW(OCSP_VERIFY_FAILED, NULL),
    ROW(OCSP_CERT_UNKNOWN, NULL),
    ROW(UNSUPPORTED_SIGNATURE_ALGORITHM, NULL),
    ROW(SIGNATURE_ALGORITHM_MISMATCH, NULL),
    ROW(SIGNATURE_ALGORITHM_INCONSISTENCY, NULL),
    ROW(INVALID_CA, NULL),
    ROW(PATHLEN_INVALID_FOR_NON_CA, NULL),
    ROW(PATHLEN_WITHOUT_KU_KEY_CERT_SIGN, NULL),
    ROW(KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA, NULL),
    ROW(ISSUER_NAME_EMPTY, NULL),
    ROW(SUBJECT_NAME_EMPTY, NULL),
    ROW(MISSING_AUTHORITY_KEY_IDENTIFIER, NULL),
    ROW(MISSING_SUBJECT_KEY_IDENTIFIER, NULL),
    ROW(EMPTY_SUBJECT_ALT_NAME, NULL),
    ROW(EMPTY_SUBJECT_SAN_NOT_CRITICAL, NULL),
    ROW(CA_BCONS_NOT_CRITICAL, NULL),
    ROW(AUTHORITY_KEY_IDENTIFIER_CRITICAL, NULL),
    ROW(SUBJECT_KEY_IDENTIFIER_CRITICAL, NULL),
    ROW(CA_CERT_MISSING_KEY_USAGE, NULL),
    ROW(EXTENSIONS_REQUIRE_VERSION_3, NULL),
    ROW(EC_KEY_EXPLICIT_PARAMS, NULL),
    ROW(RPK_UNTRUSTED, NULL),
    ROW(OCSP_RESP_INVALID, NULL),
    ROW(OCSP_SIGNATURE_FAILURE, NULL),
    ROW(OCSP_NOT_YET_VALID, NULL),
    ROW(OCSP_HAS_EXPIRED, NULL),
    ROW(OCSP_NO_RESPONSE, NULL),
};

static const row *find(int number) {
  static const row other = {0, "X509_VERIFICATION_FAILED", NULL};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    if (rows[i].number == number) return &rows[i];
  }
  return &other;
}

const char *tlstream__x509_error_name(int number) {
  return find(number)->name;
}

const char *tlstream__x509_error_hint(int number) {
  return find(number)->hint;
}
