/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_MAKE_CERT_H
#define TESTS_SUPPORT_MAKE_CERT_H

/*
 * Keys and certificates that say whatever a test wants them to say, also what
 * no honest authority signs: made by OpenSSL, not by the library.
 *
 *     minted root = mint(&(mint_plan){.name = "Root", .basic = MINT_CA});
 *     minted leaf = mint(&(mint_plan){.name = "a.test", .by = &root,
 *                                     .purpose = "clientAuth"});
 */
#include <tlstream/context.h>

struct evp_pkey_st;
struct x509_st;

typedef struct minted {
  struct evp_pkey_st *key;
  struct x509_st *cert;
  tlstream_bytes key_pem; /* PKCS #8 */
  tlstream_bytes cert_pem;
} minted;

#define MINT_CA "critical,CA:TRUE"

/* Zero: a P-256 leaf that signed itself, valid from 2000 to 2100. Extensions
 * are in the notation of OpenSSL's configuration; NULL leaves them out. */
typedef struct mint_plan {
  const char *name;    /* the common name, and a leaf's one DNS name */
  const minted *by;    /* who signs */
  const minted *like;  /* have the same key as this one */
  const char *kind;    /* "EC" (the default), "RSA", "RSA-PSS", "ED25519" */
  unsigned bits;       /* of an RSA key; 0: 2048 */
  const char *digest;  /* of the signature; NULL: SHA256 */
  const char *from;    /* "20000101000000Z" */
  const char *to;      /* "21000101000000Z" */
  const char *basic;   /* basicConstraints */
  const char *usage;   /* keyUsage */
  const char *purpose; /* extendedKeyUsage */
  const char *limits;  /* nameConstraints */
  bool no_name;        /* no subjectAltName */
  bool odd;            /* a critical extension that nobody knows */
  bool forged;         /* with a signature that does not fit */
} mint_plan;

/* Never fails: without it nothing can be tested. */
minted mint(const mint_plan *plan);

void mint_clear(minted *made);

/* Several PEM texts in one; the caller's, to be released with free(). */
tlstream_bytes mint_join(const tlstream_bytes *texts, size_t count);

#endif
