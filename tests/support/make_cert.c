/* SPDX-License-Identifier: MIT */
#include "support/make_cert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "support/test.h"

static void must(bool held, const char *what) {
  if (held) return;
  ERR_print_errors_fp(stdout);
  TEST_STOP("cannot make a certificate: %s", what);
}

static tlstream_bytes take_text(BIO *bio) {
  char *data = NULL;
  size_t len = (size_t)BIO_get_mem_data(bio, &data);
  char *copy = malloc(len + 1);
  must(copy != NULL, "memory");
  if (len > 0) memcpy(copy, data, len);
  copy[len] = '\0';
  BIO_free(bio);
  return (tlstream_bytes){copy, len};
}

static EVP_PKEY *make_key(const cert_plan *plan) {
  const char *kind = plan->kind != NULL ? plan->kind : "EC";
  size_t bits = plan->bits != 0 ? plan->bits : 2048;
  if (plan->like != NULL) {
    EVP_PKEY_up_ref(plan->like->key);
    return plan->like->key;
  }
  if (strcmp(kind, "EC") == 0) return EVP_EC_gen("P-256");
  if (strncmp(kind, "P-", 2) == 0) return EVP_EC_gen(kind);
  if (strcmp(kind, "RSA") == 0) {
    return EVP_PKEY_Q_keygen(NULL, NULL, kind, bits);
  }
  EVP_PKEY *key = NULL;
  EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
  must(maker != NULL && EVP_PKEY_keygen_init(maker) == 1, kind);
  must(EVP_PKEY_generate(maker, &key) == 1, kind);
  EVP_PKEY_CTX_free(maker);
  return key;
}

static void set_names(X509 *cert, const cert_plan *plan) {
  X509_NAME *name = X509_get_subject_name(cert);
  must(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                  (const unsigned char *)plan->name, -1, -1,
                                  0) == 1,
       "subject");
  X509_set_issuer_name(
      cert, plan->by != NULL ? X509_get_subject_name(plan->by->cert) : name);
}

static void set_dates(X509 *cert, const cert_plan *plan) {
  const char *from = plan->from != NULL ? plan->from : "20000101000000Z";
  const char *to = plan->to != NULL ? plan->to : "21000101000000Z";
  must(ASN1_TIME_set_string_X509(X509_getm_notBefore(cert), from) == 1, from);
  must(ASN1_TIME_set_string_X509(X509_getm_notAfter(cert), to) == 1, to);
}

static void add(X509 *cert, int nid, const char *value) {
  if (value == NULL) return;
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
  must(extension != NULL && X509_add_ext(cert, extension, -1) == 1, value);
  X509_EXTENSION_free(extension);
}

static void add_odd(X509 *cert) {
  ASN1_OBJECT *kind = OBJ_txt2obj("1.3.6.1.4.1.99999.1", 1);
  ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
  ASN1_OCTET_STRING_set(value, (const unsigned char *)"\x05", 2);
  X509_EXTENSION *extension =
      X509_EXTENSION_create_by_OBJ(NULL, kind, /* critical = */ 1, value);
  must(X509_add_ext(cert, extension, -1) == 1, "odd extension");
  X509_EXTENSION_free(extension);
  ASN1_OCTET_STRING_free(value);
  ASN1_OBJECT_free(kind);
}

static void add_extensions(X509 *cert, const cert_plan *plan) {
  char names[300];
  snprintf(names, sizeof(names), "DNS:%s", plan->name);
  add(cert, NID_basic_constraints, plan->basic);
  add(cert, NID_key_usage, plan->usage);
  add(cert, NID_ext_key_usage, plan->purpose);
  add(cert, NID_name_constraints, plan->limits);
  add(cert, NID_tlsfeature, plan->features);
  add(cert, NID_info_access, plan->access);
  if (!plan->no_name && plan->basic == NULL) {
    add(cert, NID_subject_alt_name, names);
  }
  if (plan->odd) add_odd(cert);
}

static void spoil_signature(X509 *cert) {
  const ASN1_BIT_STRING *signature = NULL;
  X509_get0_signature(&signature, NULL, cert);
  signature->data[signature->length - 1] ^= 1;
}

static void sign(X509 *cert, EVP_PKEY *key, const cert_plan *plan) {
  const EVP_MD *digest =
      EVP_get_digestbyname(plan->digest != NULL ? plan->digest : "SHA256");
  if (plan->by != NULL) key = plan->by->key;
  if (EVP_PKEY_is_a(key, "ED25519")) digest = NULL;
  must(X509_sign(cert, key, digest) > 0, "signature");
  if (plan->forged) spoil_signature(cert);
}

made_cert make_cert(const cert_plan *plan) {
  static long serial = 1;
  made_cert made = {.key = make_key(plan), .cert = X509_new()};
  must(made.key != NULL && made.cert != NULL, "key");
  X509_set_version(made.cert, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.cert), serial++);
  set_names(made.cert, plan);
  set_dates(made.cert, plan);
  X509_set_pubkey(made.cert, made.key);
  add_extensions(made.cert, plan);
  sign(made.cert, made.key, plan);
  BIO *key = BIO_new(BIO_s_mem());
  BIO *cert = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(key, made.key, NULL, NULL, 0, NULL, NULL);
  must(PEM_write_bio_X509(cert, made.cert) == 1, "PEM");
  made.key_pem = take_text(key);
  made.cert_pem = take_text(cert);
  return made;
}

void made_cert_clear(made_cert *made) {
  EVP_PKEY_free(made->key);
  X509_free(made->cert);
  free((void *)made->key_pem.data);
  free((void *)made->cert_pem.data);
  memset(made, 0, sizeof(*made));
}

tlstream_bytes join_pem(const tlstream_bytes *texts, size_t count) {
  BIO *bio = BIO_new(BIO_s_mem());
  for (size_t i = 0; i < count; i++)
    BIO_write(bio, texts[i].data, (int)texts[i].len);
  return take_text(bio);
}
