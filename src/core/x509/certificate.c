/* SPDX-License-Identifier: MIT */
#include "core/x509/certificate.h"

#include <assert.h>
#include <string.h>

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/alloc.h"
#include "base/error.h"
#include "core/openssl/ossl.h"
#include "core/x509/state.h"

enum { NAMES = 160 };

static void decode_names(tlstream_certificate *certificate, X509 *x509) {
  tlstream__claims *claims = &certificate->claims;
  GENERAL_NAMES *all = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
  claims->subject =
      tlstream__decode_name(&claims->arena, X509_get_subject_name(x509));
  certificate->issuer =
      tlstream__decode_name(&claims->arena, X509_get_issuer_name(x509));
  tlstream__decode_alt_names(claims, all);
  tlstream__decode_alt_text(claims, all);
  GENERAL_NAMES_free(all);
}

static tlstream_certificate *decode(X509 *x509) {
  tlstream_certificate *made = tlstream__calloc(sizeof(*made));
  if (made == NULL) return NULL;
  atomic_init(&made->refs, 1);
  tlstream__ossl_clear();
  decode_names(made, x509);
  tlstream__decode_key(&made->claims, X509_get_X509_PUBKEY(x509));
  tlstream__decode_fields(made, x509);
  tlstream__decode_access(made, x509);
  /* What is damaged is left out, but nothing for want of memory. */
  bool fine = !made->claims.arena.failed &&
              tlstream__ossl_refusal() != TLSTREAM__REFUSED_NO_MEMORY;
  tlstream__ossl_clear();
  if (fine) return made;
  tlstream_certificate_unref(made);
  return NULL;
}

tlstream_certificate *tlstream__certificate_wrap(X509 *x509,
                                                 STACK_OF(X509) * chain) {
  tlstream_certificate *first = decode(x509);
  tlstream_certificate *last = first;
  int count = chain != NULL ? sk_X509_num(chain) : 0;
  bool starts_with_it =
      count > 0 && X509_cmp(sk_X509_value(chain, 0), x509) == 0;
  for (int i = starts_with_it; last != NULL && i < count; i++) {
    last->next = decode(sk_X509_value(chain, i));
    last = last->next;
  }
  if (last != NULL) return first;
  tlstream_certificate_unref(first);
  return NULL;
}

tlstream_certificate *
tlstream_certificate_ref(tlstream_certificate *certificate) {
  assert(certificate != NULL);
  atomic_fetch_add_explicit(&certificate->refs, 1, memory_order_relaxed);
  return certificate;
}

static bool drop(tlstream_certificate *certificate) {
  size_t refs =
      atomic_fetch_sub_explicit(&certificate->refs, 1, memory_order_acq_rel);
  assert(refs > 0);
  return refs == 1;
}

/* A loop, because the peer chose how long the chain is. */
void tlstream_certificate_unref(tlstream_certificate *certificate) {
  while (certificate != NULL && drop(certificate)) {
    tlstream_certificate *next = certificate->next;
    tlstream__arena_clear(&certificate->claims.arena);
    tlstream__free(certificate);
    certificate = next;
  }
}

const tlstream_name_entry *
tlstream_certificate_subject(const tlstream_certificate *certificate,
                             size_t *count) {
  *count = certificate->claims.subject.count;
  return certificate->claims.subject.list;
}

const tlstream_name_entry *
tlstream_certificate_issuer(const tlstream_certificate *certificate,
                            size_t *count) {
  *count = certificate->issuer.count;
  return certificate->issuer.list;
}

const tlstream_alt_name *
tlstream_certificate_alt_names(const tlstream_certificate *certificate,
                               size_t *count) {
  *count = certificate->claims.alt_name_count;
  return certificate->claims.alt_names;
}

const char *
tlstream_certificate_alt_text(const tlstream_certificate *certificate) {
  return certificate->claims.alt_text;
}

const tlstream_access *
tlstream_certificate_access(const tlstream_certificate *certificate,
                            size_t *count) {
  *count = certificate->access_count;
  return certificate->access;
}

const char *const *
tlstream_certificate_usages(const tlstream_certificate *certificate,
                            size_t *count) {
  *count = certificate->usage_count;
  return certificate->usages;
}

bool tlstream_certificate_is_ca(const tlstream_certificate *certificate) {
  return certificate->is_ca;
}

const char *
tlstream_certificate_valid_from(const tlstream_certificate *certificate) {
  return certificate->valid_from;
}

const char *
tlstream_certificate_valid_to(const tlstream_certificate *certificate) {
  return certificate->valid_to;
}

long long
tlstream_certificate_not_before(const tlstream_certificate *certificate) {
  return certificate->not_before;
}

long long
tlstream_certificate_not_after(const tlstream_certificate *certificate) {
  return certificate->not_after;
}

const char *
tlstream_certificate_serial(const tlstream_certificate *certificate) {
  return certificate->serial;
}

const char *
tlstream_certificate_fingerprint(const tlstream_certificate *certificate,
                                 tlstream_digest digest) {
  assert((unsigned)digest <= TLSTREAM_SHA512);
  return certificate->fingerprints[digest];
}

const tlstream_public_key *
tlstream_certificate_public_key(const tlstream_certificate *certificate) {
  return &certificate->claims.key;
}

const char *tlstream_certificate_signature_algorithm(
    const tlstream_certificate *certificate) {
  const tlstream__claims *claims = &certificate->claims;
  return claims->signature != NULL ? claims->signature : claims->signature_oid;
}

const void *tlstream_certificate_der(const tlstream_certificate *certificate,
                                     size_t *len) {
  *len = certificate->claims.der_len;
  return certificate->claims.der;
}

const tlstream_certificate *tlstream_certificate_issuer_certificate(
    const tlstream_certificate *certificate) {
  return certificate->next;
}

bool tlstream_certificate_matches_host(const tlstream_certificate *certificate,
                                       const char *host,
                                       tlstream_error *error) {
  char names[NAMES];
  tlstream__host parsed = {0};
  tlstream__name_list list = {.out = names, .cap = sizeof(names)};
  const tlstream_alt_name *all = certificate->claims.alt_names;
  size_t count = certificate->claims.alt_name_count;

  tlstream__error_clear(error);
  if (tlstream__host_parse_target(&parsed, host, strlen(host), error) != 0) {
    return false;
  }
  if (tlstream__identity_matches(&parsed, all, count)) return true;
  for (size_t i = 0; i < count; i++)
    tlstream__name_list_add(&list, &all[i]);
  tlstream__name_list_end(&list);
  tlstream__error_set(error, TLSTREAM_ERR_WRONG_NAME,
                      "the certificate is for %s, not for %s", names,
                      parsed.text);
  return false;
}
