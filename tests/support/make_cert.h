/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_MAKE_CERT_H
#define TESTS_SUPPORT_MAKE_CERT_H

/*
 * Keys and certificates with whatever content a test wants, also content that
 * no honest authority signs: made by OpenSSL, not by the library.
 *
 *     made_cert root = make_cert(&(cert_plan){.name = "Root", .basic =
 * CERT_CA}); made_cert leaf = make_cert(&(cert_plan){.name = "a.test", .by =
 * &root, .purpose = "clientAuth"});
 */
#include <tlstream/context.h>

struct evp_pkey_st;
struct x509_st;

typedef struct made_cert {
  struct evp_pkey_st *key;
  struct x509_st *cert;
  tlstream_bytes key_pem; /* PKCS #8 */
  tlstream_bytes cert_pem;
} made_cert;

#define CERT_CA "critical,CA:TRUE"

/* Zero: a P-256 leaf that signed itself, valid from 2000 to 2100. Extensions
 * are in the notation of OpenSSL's configuration; NULL leaves them out. */
typedef struct cert_plan {
  const char *name;      /* the common name, and a leaf's one DNS name */
  const made_cert *by;   /* the signer */
  const made_cert *like; /* have the same key as this one */
  const char *kind;      /* "EC" (P-256, the default), "P-384", "RSA" ... */
  unsigned bits;         /* of an RSA key; 0: 2048 */
  const char *digest;    /* of the signature; NULL: SHA256 */
  const char *from;      /* "20000101000000Z" */
  const char *to;        /* "21000101000000Z" */
  const char *basic;     /* basicConstraints */
  const char *usage;     /* keyUsage */
  const char *purpose;   /* extendedKeyUsage */
  const char *limits;    /* nameConstraints */
  const char *features;  /* tlsfeature: "status_request" */
  const char *access;    /* authorityInfoAccess */
  bool no_name;          /* no subjectAltName */
  bool odd;              /* an unknown critical extension */
  bool forged;           /* with a signature that does not fit */
} cert_plan;

/* Never fails: without it nothing can be tested. */
made_cert make_cert(const cert_plan *plan);

void made_cert_clear(made_cert *made);

/* Several PEM texts in one; the caller's, to be released with free(). */
tlstream_bytes join_pem(const tlstream_bytes *texts, size_t count);

#endif
