/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_ODD_CERT_H
#define TESTS_SUPPORT_ODD_CERT_H

/* Making certificates that no honest authority signs, byte by byte. */
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <tlstream/certificate.h>
#include <tlstream/memory.h>

#include "support/test.h"

static EVP_PKEY *signer;

static inline X509 *new_cert(void) {
  X509 *cert = X509_new();
  if (signer == NULL) signer = EVP_EC_gen("P-256");
  X509_set_version(cert, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
  ASN1_TIME_set(X509_getm_notBefore(cert), 1257933142);
  ASN1_TIME_set(X509_getm_notAfter(cert), 1888653142);
  X509_set_pubkey(cert, signer);
  return cert;
}

/* Sign it, and read it back as if a peer had sent it. Takes `cert`. NULL if
 * OpenSSL reads no such thing. */
static inline X509 *read_back(X509 *cert) {
  unsigned char *der = NULL;
  CHECK_GT(X509_sign(cert, signer, EVP_sha256()), 0);
  int len = i2d_X509(cert, &der);
  const unsigned char *at = der;
  X509 *got = d2i_X509(NULL, &at, len);
  OPENSSL_free(der);
  X509_free(cert);
  return got;
}

static inline X509 *sent(X509 *cert) {
  X509 *got = read_back(cert);
  CHECK(got != NULL);
  return got;
}

/* Any bytes under any type. `set` as X509_NAME_add_entry() has it. */
static inline void add_part(X509 *cert, int nid, int type, const char *bytes,
                            size_t len, int set) {
  CHECK_INT(X509_NAME_add_entry_by_NID(X509_get_subject_name(cert), nid, type,
                                       (const unsigned char *)bytes, (int)len,
                                       -1, set),
            1);
}

static inline void add_cn(X509 *cert, const char *name) {
  add_part(cert, NID_commonName, V_ASN1_UTF8STRING, name, strlen(name), 0);
}

static inline void add_name(GENERAL_NAMES *names, int type, const void *bytes,
                            size_t len) {
  GENERAL_NAME *name = GENERAL_NAME_new();
  ASN1_STRING *value = ASN1_STRING_type_new(
      type == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
  ASN1_STRING_set(value, bytes, (int)len);
  GENERAL_NAME_set0_value(name, type, value);
  sk_GENERAL_NAME_push(names, name);
}

static inline void set_names(X509 *cert, GENERAL_NAMES *names) {
  CHECK_INT(X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0,
                              X509V3_ADD_APPEND),
            1);
  GENERAL_NAMES_free(names);
}

static inline void set_one_name(X509 *cert, int type, const void *bytes,
                                size_t len) {
  GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
  add_name(names, type, bytes, len);
  set_names(cert, names);
}

static inline bool json_has(const tlstream_certificate *cert,
                            const char *piece) {
  char *json = tlstream_certificate_json(cert);
  bool has = json != NULL && strstr(json, piece) != NULL;
  if (!has) printf("# %s\n# is not in %s\n", piece, json);
  tlstream_free(json);
  return has;
}

static inline STACK_OF(X509) * odd_chain(int count) {
  char name[32];
  STACK_OF(X509) *made = sk_X509_new_null();
  for (int i = 0; i < count; i++) {
    X509 *x509 = new_cert();
    snprintf(name, sizeof(name), "cert %d", i);
    add_cn(x509, name);
    set_one_name(x509, GEN_DNS, "a.test", 6);
    sk_X509_push(made, sent(x509));
  }
  return made;
}

#endif
