/* SPDX-License-Identifier: MIT */
/* The fields and extensions of a new certificate (RFC 5280, section 4). */
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "core/issue/state.h"
#include "core/openssl/ossl.h"

enum {
  DAYS_LEAF = 30,
  DAYS_CA = 3650,
  CLOCK_SKEW = 3600, /* seconds that a peer's clock may be behind */
  SERIAL_BYTES = 16,
  KEY_ID_BYTES = 20
};

/* 127 random bits: positive, and not zero (RFC 5280, section 4.1.2.2). */
static int set_serial(X509 *cert) {
  static const unsigned char zero[SERIAL_BYTES];
  unsigned char bytes[SERIAL_BYTES];
  int fine = 0;
  if (RAND_bytes(bytes, sizeof(bytes)) != 1) return 0;
  bytes[0] &= 0x7f;
  if (memcmp(bytes, zero, sizeof(bytes)) == 0) bytes[0] = 1;
  BIGNUM *number = BN_bin2bn(bytes, sizeof(bytes), NULL);
  if (number != NULL) {
    fine = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
  }
  BN_free(number);
  return fine;
}

static int days_wanted(const tlstream_issue_options *options) {
  if (options->days != 0) return options->days;
  return options->is_ca ? DAYS_CA : DAYS_LEAF;
}

/* Nothing outlives the authority, which ends at `limit` or NULL: after that it
 * would not be trusted. */
static int set_end(X509 *cert, const tlstream_issue_options *options,
                   const ASN1_TIME *limit, time_t now, tlstream_error *error) {
  int left = 0;
  int seconds = 0;
  int wanted = days_wanted(options);
  ASN1_TIME *end = X509_getm_notAfter(cert);
  ASN1_TIME *start = ASN1_TIME_set(NULL, now);
  int fine =
      start != NULL &&
      (limit == NULL || ASN1_TIME_diff(&left, &seconds, start, limit) == 1);
  ASN1_TIME_free(start);
  bool is_beyond = limit != NULL && wanted > left;
  if (fine && is_beyond && options->days != 0) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "days: ca_cert itself has %d days left", left);
  }
  if (fine) {
    fine = is_beyond ? ASN1_STRING_copy(end, limit) == 1
                     : X509_time_adj_ex(end, wanted, 0, &now) != NULL;
  }
  return tlstream__issue_check(fine, error);
}

static int set_times(X509 *cert, const tlstream_issue_options *options,
                     const X509 *ca, tlstream_error *error) {
  time_t now = time(NULL);
  ASN1_TIME *start = X509_getm_notBefore(cert);
  const ASN1_TIME *first = ca != NULL ? X509_get0_notBefore(ca) : NULL;
  const ASN1_TIME *last = ca != NULL ? X509_get0_notAfter(ca) : NULL;
  int fine = X509_time_adj_ex(start, 0, -CLOCK_SKEW, &now) != NULL;
  if (fine && first != NULL && ASN1_TIME_compare(start, first) < 0) {
    fine = ASN1_STRING_copy(start, first);
  }
  if (fine != 1) return tlstream__issue_check(fine, error);
  return set_end(cert, options, last, now, error);
}

/* Where no host fits into a common name the serial number stands in for it,
 * because an issuer must not be empty, and a self-signed certificate is its
 * own. */
static int set_subject(X509 *cert, const X509_NAME *name) {
  char serial[2 * SERIAL_BYTES + 1] = "";
  const ASN1_INTEGER *number = X509_get0_serialNumber(cert);
  if (X509_NAME_entry_count(name) > 0) return X509_set_subject_name(cert, name);
  OPENSSL_buf2hexstr_ex(serial, sizeof(serial), NULL,
                        ASN1_STRING_get0_data(number),
                        (size_t)ASN1_STRING_length(number), '\0');
  return X509_NAME_add_entry_by_NID(X509_get_subject_name(cert),
                                    NID_serialNumber, MBSTRING_UTF8,
                                    (const unsigned char *)serial, -1, -1, 0);
}

static EVP_PKEY *key_to_certify(const tlstream__issue *all) {
  return all->request != NULL ? X509_REQ_get0_pubkey(all->request) : all->key;
}

int tlstream__issue_fill_in(tlstream__issue *all,
                            const tlstream_issue_options *options,
                            tlstream_error *error) {
  X509 *cert = all->cert = X509_new();
  if (cert == NULL) return tlstream__issue_check(0, error);
  X509 *ca = tlstream__issue_ca(all);
  X509 *issuer = ca != NULL ? ca : cert;
  int code = tlstream__issue_check(
      X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
          set_subject(cert, all->subject) == 1 &&
          X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1 &&
          X509_set_pubkey(cert, key_to_certify(all)) == 1,
      error);
  if (code == 0) code = set_times(cert, options, ca, error);
  return code;
}

static int add(X509 *cert, int nid, void *value, bool critical) {
  return value != NULL &&
         X509_add1_ext_i2d(cert, nid, value, critical, X509V3_ADD_DEFAULT) == 1;
}

static int add_constraints(X509 *cert, bool is_ca) {
  BASIC_CONSTRAINTS *value = BASIC_CONSTRAINTS_new();
  if (value != NULL) value->ca = is_ca ? 0xff : 0;
  int fine = add(cert, NID_basic_constraints, value, /* critical = */ true);
  BASIC_CONSTRAINTS_free(value);
  return fine;
}

/* Bits by number, RFC 5280, section 4.2.1.3. */
static int add_key_usage(X509 *cert, bool is_ca) {
  enum { DIGITAL_SIGNATURE = 0, KEY_CERT_SIGN = 5, CRL_SIGN = 6 };
  ASN1_BIT_STRING *value = ASN1_BIT_STRING_new();
  int first = is_ca ? KEY_CERT_SIGN : DIGITAL_SIGNATURE;
  int second = is_ca ? CRL_SIGN : DIGITAL_SIGNATURE;
  int fine = value != NULL && ASN1_BIT_STRING_set_bit(value, first, 1) == 1 &&
             ASN1_BIT_STRING_set_bit(value, second, 1) == 1 &&
             add(cert, NID_key_usage, value, /* critical = */ true);
  ASN1_BIT_STRING_free(value);
  return fine;
}

static int add_extended_usage(X509 *cert, tlstream_issue_purpose purpose) {
  EXTENDED_KEY_USAGE *value = sk_ASN1_OBJECT_new_null();
  int fine = value != NULL;
  if (fine && purpose != TLSTREAM_FOR_CLIENTS) {
    fine = sk_ASN1_OBJECT_push(value, OBJ_nid2obj(NID_server_auth)) > 0;
  }
  if (fine && purpose != TLSTREAM_FOR_SERVERS) {
    fine = sk_ASN1_OBJECT_push(value, OBJ_nid2obj(NID_client_auth)) > 0;
  }
  if (fine) fine = add(cert, NID_ext_key_usage, value, /* critical = */ false);
  EXTENDED_KEY_USAGE_free(value);
  return fine;
}

/* RFC 7093, section 2, method 1. */
static ASN1_OCTET_STRING *key_id(const X509 *cert) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned len = 0;
  ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
  if (id != NULL && X509_pubkey_digest(cert, EVP_sha256(), digest, &len) == 1 &&
      ASN1_OCTET_STRING_set(id, digest, KEY_ID_BYTES) == 1) {
    return id;
  }
  ASN1_OCTET_STRING_free(id);
  return NULL;
}

static int add_subject_key_id(X509 *cert) {
  ASN1_OCTET_STRING *id = key_id(cert);
  int fine = add(cert, NID_subject_key_identifier, id, /* critical = */ false);
  ASN1_OCTET_STRING_free(id);
  return fine;
}

static int add_authority_key_id(X509 *cert, X509 *ca) {
  const ASN1_OCTET_STRING *known = X509_get0_subject_key_id(ca);
  AUTHORITY_KEYID *value = AUTHORITY_KEYID_new();
  if (value != NULL) {
    value->keyid = known != NULL ? ASN1_OCTET_STRING_dup(known) : key_id(ca);
  }
  int fine =
      value != NULL && value->keyid != NULL &&
      add(cert, NID_authority_key_identifier, value, /* critical = */ false);
  AUTHORITY_KEYID_free(value);
  return fine;
}

int tlstream__issue_extend(tlstream__issue *all,
                           const tlstream_issue_options *options,
                           tlstream_error *error) {
  X509 *cert = all->cert;
  X509 *ca = tlstream__issue_ca(all);
  bool is_ca = options->is_ca;
  int fine = add_constraints(cert, is_ca) && add_key_usage(cert, is_ca) &&
             (is_ca || add_extended_usage(cert, options->purpose)) &&
             add_subject_key_id(cert) &&
             add_authority_key_id(cert, ca != NULL ? ca : cert) &&
             (all->names == NULL || add(cert, NID_subject_alt_name, all->names,
                                        /* critical = */ false));
  return tlstream__issue_check(fine, error);
}

int tlstream__issue_sign(tlstream__issue *all, tlstream_error *error) {
  EVP_PKEY *key = all->ca_key != NULL ? all->ca_key : all->key;
  if (X509_sign(all->cert, key, tlstream__key_digest(key)) > 0) return 0;
  return tlstream__ossl_failed(error, "sign the certificate");
}
