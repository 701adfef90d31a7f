/* SPDX-License-Identifier: MIT */
/* What a new certificate says (RFC 5280, section 4). */
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "core/issue_state.h"
#include "core/ossl.h"

enum {
  DAYS_DEFAULT = 30,
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

static int set_times(X509 *cert, int days) {
  time_t now = time(NULL);
  return X509_time_adj_ex(X509_getm_notBefore(cert), 0, -CLOCK_SKEW, &now) !=
             NULL &&
         X509_time_adj_ex(X509_getm_notAfter(cert), days, 0, &now) != NULL;
}

/* The name that the subject gets, or NULL: the hosts may all be too long. */
static const char *common_name(const tlstream_issue_options *options) {
  if (options->common_name != NULL) return options->common_name;
  for (size_t i = 0; i < options->host_count; i++) {
    if (strlen(options->hosts[i]) <= TLSTREAM__COMMON_NAME_MAX)
      return options->hosts[i];
  }
  return NULL;
}

/* Without a common name the serial number stands in for it, because an issuer
 * must not be empty, and a self-signed certificate is its own. */
static int set_subject(X509 *cert, const char *name) {
  char serial[2 * SERIAL_BYTES + 1] = "";
  const unsigned char *bytes =
      ASN1_STRING_get0_data(X509_get_serialNumber(cert));
  int len = ASN1_STRING_length(X509_get_serialNumber(cert));
  if (name == NULL) {
    OPENSSL_buf2hexstr_ex(serial, sizeof(serial), NULL, bytes, (size_t)len,
                          '\0');
  }
  return X509_NAME_add_entry_by_NID(
      X509_get_subject_name(cert),
      name != NULL ? NID_commonName : NID_serialNumber, MBSTRING_UTF8,
      (const unsigned char *)(name != NULL ? name : serial), -1, -1, 0);
}

int tlstream__issue_fill_in(tlstream__issue *all,
                            const tlstream_issue_options *options,
                            tlstream_error *error) {
  int days = options->days != 0 ? options->days : DAYS_DEFAULT;
  X509 *cert = all->cert = X509_new();
  if (cert == NULL) return tlstream__issue_check(0, error);
  X509 *issuer = all->ca_cert != NULL ? all->ca_cert : cert;
  return tlstream__issue_check(
      X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
          set_times(cert, days) &&
          set_subject(cert, common_name(options)) == 1 &&
          X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1 &&
          X509_set_pubkey(cert, all->key) == 1,
      error);
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

static int add_extended_usage(X509 *cert) {
  EXTENDED_KEY_USAGE *value = sk_ASN1_OBJECT_new_null();
  int fine = value != NULL &&
             sk_ASN1_OBJECT_push(value, OBJ_nid2obj(NID_server_auth)) > 0 &&
             sk_ASN1_OBJECT_push(value, OBJ_nid2obj(NID_client_auth)) > 0 &&
             add(cert, NID_ext_key_usage, value, /* critical = */ false);
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

int tlstream__issue_extend(tlstream__issue *all, bool is_ca,
                           tlstream_error *error) {
  X509 *ca = all->ca_cert != NULL ? all->ca_cert : all->cert;
  int fine =
      add_constraints(all->cert, is_ca) && add_key_usage(all->cert, is_ca) &&
      (is_ca || add_extended_usage(all->cert)) &&
      add_subject_key_id(all->cert) && add_authority_key_id(all->cert, ca) &&
      (all->names == NULL || add(all->cert, NID_subject_alt_name, all->names,
                                 /* critical = */ false));
  return tlstream__issue_check(fine, error);
}

/* Edwards curves bring their own digest. */
int tlstream__issue_sign(tlstream__issue *all, tlstream_error *error) {
  EVP_PKEY *key = all->ca_key != NULL ? all->ca_key : all->key;
  bool is_edwards =
      EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448");
  if (X509_sign(all->cert, key, is_edwards ? NULL : EVP_sha256()) > 0) return 0;
  return tlstream__ossl_failed(error, "sign the certificate");
}
