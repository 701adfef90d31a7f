/* SPDX-License-Identifier: MIT */
#include "core/ocsp/signer.h"

#include <string.h>
#include <time.h>

#include <openssl/ocsp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "core/x509/issuer.h"

enum {
  BITS_MIN = 112, /* as security level 2 has it */
  CERTS_MAX = 8   /* that are looked at: a response has one or two */
};

/* The response names its signer, by subject or by a hash of the key. */
static bool is_named(const OCSP_BASICRESP *basic, const X509 *cert) {
  const ASN1_OCTET_STRING *key = NULL;
  const X509_NAME *name = NULL;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned len = 0;
  OCSP_resp_get0_id(basic, &key, &name);
  if (name != NULL) {
    return X509_NAME_cmp(name, X509_get_subject_name(cert)) == 0;
  }
  return key != NULL &&
         X509_pubkey_digest(cert, EVP_sha1(), digest, &len) == 1 &&
         ASN1_STRING_length(key) == (int)len &&
         memcmp(ASN1_STRING_get0_data(key), digest, len) == 0;
}

static bool is_in_force(const X509 *cert, long long now) {
  time_t at = (time_t)now;
  return X509_cmp_time(X509_get0_notBefore(cert), &at) < 0 &&
         X509_cmp_time(X509_get0_notAfter(cert), &at) > 0;
}

static bool is_for_ocsp(X509 *cert) {
  unsigned flags = X509_get_extension_flags(cert);
  return (flags & (EXFLAG_INVALID | EXFLAG_CRITICAL)) == 0 &&
         (flags & EXFLAG_XKUSAGE) != 0 &&
         (X509_get_extended_key_usage(cert) & XKU_OCSP_SIGN) != 0 &&
         (X509_get_key_usage(cert) & KU_DIGITAL_SIGNATURE) != 0;
}

static bool is_signed_strongly(X509 *cert) {
  int bits = 0;
  return X509_get_signature_info(cert, NULL, NULL, &bits, NULL) == 1 &&
         bits >= BITS_MIN;
}

/* The issuer's signature comes last, as it costs most; the certificate's own
 * key is used by nothing before. */
static bool is_appointed(X509 *cert, X509 *issuer, long long now) {
  return is_for_ocsp(cert) && is_in_force(cert, now) &&
         is_signed_strongly(cert) && tlstream__issuer_is(issuer, cert);
}

static X509 *find_signer(const OCSP_BASICRESP *basic, X509 *issuer,
                         long long now) {
  const STACK_OF(X509) *certs = OCSP_resp_get0_certs(basic);
  if (is_named(basic, issuer)) return issuer;
  for (int i = 0; i < sk_X509_num(certs) && i < CERTS_MAX; i++) {
    X509 *each = sk_X509_value(certs, i);
    if (is_named(basic, each) && is_appointed(each, issuer, now)) return each;
  }
  return NULL;
}

/* Half of the hash's bits withstand collisions. Schemes without a hash of their
 * own, Ed25519 and PSS, are strong. */
static bool has_strong_hash(const OCSP_BASICRESP *basic) {
  const ASN1_OBJECT *scheme = NULL;
  int hash = NID_undef;
  X509_ALGOR_get0(&scheme, NULL, NULL, OCSP_resp_get0_tbs_sigalg(basic));
  if (OBJ_find_sigid_algs(OBJ_obj2nid(scheme), &hash, NULL) != 1) return false;
  if (hash == NID_undef) return true;
  const EVP_MD *md = EVP_get_digestbynid(hash);
  return md != NULL && EVP_MD_get_size(md) * 4 >= BITS_MIN;
}

static bool has_strong_key(const X509 *signer) {
  const EVP_PKEY *key = X509_get0_pubkey(signer);
  return key != NULL && EVP_PKEY_get_security_bits(key) >= BITS_MIN;
}

/* OpenSSL looks for the signer in the list that it gets, and nowhere else. */
static bool has_signed(OCSP_BASICRESP *basic, X509 *signer) {
  STACK_OF(X509) *only = sk_X509_new_null();
  bool fine = only != NULL && sk_X509_push(only, signer) > 0 &&
              OCSP_basic_verify(basic, only, /* store = */ NULL,
                                OCSP_NOINTERN | OCSP_TRUSTOTHER) == 1;
  sk_X509_free(only);
  return fine;
}

bool tlstream__ocsp_is_signed(OCSP_BASICRESP *basic, X509 *issuer,
                              long long now) {
  X509 *signer = find_signer(basic, issuer, now);
  return signer != NULL && has_strong_hash(basic) && has_strong_key(signer) &&
         has_signed(basic, signer);
}
