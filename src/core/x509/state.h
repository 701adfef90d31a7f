/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_X509_STATE_H
#define TLSTREAM_CORE_X509_STATE_H

/*
 * The inside of a certificate, shared by certificate.c (life and questions),
 * the decoders that it calls (names.c, key.c, fields.c, text.c; notation.c is
 * below them), json.c, and request.c, because a signing request has many of the
 * same fields.
 *
 * Everything is decoded once, when the certificate is made, into an arena that
 * goes with it; nothing of OpenSSL's is kept, so that any thread may ask. What
 * cannot be decoded is left empty: a weird certificate is still a certificate.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <tlstream/certificate.h>
#include <tlstream/issue.h>

#include "base/arena.h"

struct GENERAL_NAME_st;
struct X509_algor_st;
struct X509_name_st;
struct X509_pubkey_st;
struct asn1_object_st;
struct stack_st_GENERAL_NAME;
struct x509_st;

typedef struct tlstream__entries {
  const tlstream_name_entry *list;
  size_t count;
} tlstream__entries;

/* What certificates and requests have in common. */
typedef struct tlstream__claims {
  tlstream__arena arena;
  tlstream__entries subject;
  const tlstream_alt_name *alt_names;
  size_t alt_name_count;
  const char *alt_text; /* as Node prints it, or NULL */
  tlstream_public_key key;
  const char *signature;     /* the algorithm's name, or NULL */
  const char *signature_oid; /* never NULL */
  const void *der;
  size_t der_len;
} tlstream__claims;

struct tlstream_request {
  tlstream__claims claims;
};

struct tlstream_certificate {
  atomic_size_t refs;
  tlstream_certificate *next; /* shared; the one that follows in the chain */

  tlstream__claims claims;
  tlstream__entries issuer;
  const tlstream_access *access;
  size_t access_count;
  tlstream__entries access_texts; /* as Node has it: "OCSP - URI" = "http..." */
  bool is_ca;
  const char *valid_from;
  const char *valid_to;
  long long not_before;
  long long not_after;
  const char *fingerprints[3]; /* by tlstream_digest */
  const char *const *usages;   /* extended key usage: OIDs */
  size_t usage_count;
  const char *serial;
};

/* Decoding. Each fills its part and leaves OpenSSL's error queue to the
 * caller. */
void tlstream__decode_fields(tlstream_certificate *certificate,
                             struct x509_st *x509);
void tlstream__decode_access(tlstream_certificate *certificate,
                             struct x509_st *x509);

/* The same for parts that requests have too. `all` may be NULL. */
tlstream__entries tlstream__decode_name(tlstream__arena *arena,
                                        const struct X509_name_st *name);
void tlstream__decode_alt_names(tlstream__claims *claims,
                                const struct stack_st_GENERAL_NAME *all);
void tlstream__decode_alt_text(tlstream__claims *claims,
                               const struct stack_st_GENERAL_NAME *all);
void tlstream__decode_key(tlstream__claims *claims,
                          const struct X509_pubkey_st *whole);
void tlstream__decode_signature(tlstream__claims *claims,
                                const struct X509_algor_st *algorithm);

/* One alternative name, with copies of all that it shows. */
void tlstream__decode_alt_name(tlstream__arena *arena, tlstream_alt_name *out,
                               const struct GENERAL_NAME_st *general);

/* An object's dotted numbers. */
const char *tlstream__oid_text(tlstream__arena *arena,
                               const struct asn1_object_st *object);

/* Bytes as upper-case hexadecimal digits; `separator` may be 0. */
const char *tlstream__hex_text(tlstream__arena *arena,
                               const unsigned char *bytes, size_t len,
                               char separator);

/* Look at an alternative name where it is. False for kinds that only their DER
 * can show. */
bool tlstream__alt_name_view(const struct GENERAL_NAME_st *general,
                             tlstream_alt_name *name);

/* "example.org, 10.0.0.1 and 3 more", made name by name. */
typedef struct tlstream__name_list {
  char *out; /* may be NULL */
  size_t cap;
  size_t used;
  size_t shown;
  size_t more;
} tlstream__name_list;

/* Names that no host can have are left out. */
void tlstream__name_list_add(tlstream__name_list *list,
                             const tlstream_alt_name *name);
void tlstream__name_list_end(tlstream__name_list *list);

/* An address as text, in at most 46 bytes. */
void tlstream__address_text(char *out, size_t cap,
                            const tlstream_alt_name *name);

#endif
