/* SPDX-License-Identifier: MIT */
#include "core/x509/issuer.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

bool tlstream__issuer_is(X509 *issuer, X509 *cert) {
  if (X509_check_issued(issuer, cert) != X509_V_OK) return false;
  ERR_set_mark();
  bool signed_it = X509_verify(cert, X509_get0_pubkey(issuer)) == 1;
  ERR_pop_to_mark();
  return signed_it;
}

bool tlstream__issuer_is_self(X509 *cert) {
  ERR_set_mark();
  bool is_self = X509_self_signed(cert, /* verify_signature = */ 1) == 1;
  ERR_pop_to_mark();
  return is_self;
}

static bool is_better(X509 *each, X509 *best) {
  return best == NULL || ASN1_TIME_compare(X509_get0_notAfter(each),
                                           X509_get0_notAfter(best)) > 0;
}

/* The certificate itself, or the one that signed it and lives longest. */
static X509 *choose(const STACK_OF(X509) * namesakes, X509 *cert) {
  X509 *best = NULL;
  for (int i = 0; i < sk_X509_num(namesakes); i++) {
    X509 *each = sk_X509_value(namesakes, i);
    if (X509_cmp(each, cert) == 0) return each;
    if (is_better(each, best) && tlstream__issuer_is(each, cert)) best = each;
  }
  return best;
}

static bool fits(X509 *issuer, X509 *cert) {
  return X509_cmp(issuer, cert) == 0 || tlstream__issuer_is(issuer, cert);
}

static bool names_itself(const X509 *cert) {
  return X509_NAME_cmp(X509_get_subject_name(cert),
                       X509_get_issuer_name(cert)) == 0;
}

/* OpenSSL's choice stays where it is right, as it prefers what is in force.
 * Where it finds none, only the certificate itself may still be there: looking
 * by name again would read the system's folders again. */
static int find_issuer(X509 **issuer, X509_STORE_CTX *store, X509 *cert) {
  int found = X509_STORE_CTX_get1_issuer(issuer, store, cert);
  if (found < 0 || (found == 0 && !names_itself(cert))) return found;
  STACK_OF(X509) *namesakes =
      X509_STORE_CTX_get1_certs(store, X509_get_issuer_name(cert));
  X509 *other = NULL;
  if (found == 0 || (sk_X509_num(namesakes) > 1 && !fits(*issuer, cert))) {
    other = choose(namesakes, cert);
  }
  if (other != NULL && X509_up_ref(other) == 1) {
    if (found == 1) X509_free(*issuer);
    *issuer = other;
    found = 1;
  }
  sk_X509_pop_free(namesakes, X509_free);
  return found;
}

void tlstream__issuer_install(X509_STORE *store) {
  X509_STORE_set_get_issuer(store, find_issuer);
}

static int count_trusted(X509_STORE_CTX *store, const X509_NAME *name,
                         X509 *cert, bool *has_cert) {
  ERR_set_mark();
  STACK_OF(X509) *list = X509_STORE_CTX_get1_certs(store, name);
  ERR_pop_to_mark();
  int count = list != NULL ? sk_X509_num(list) : 0;
  *has_cert = false;
  for (int i = 0; i < count; i++)
    *has_cert = *has_cert || X509_cmp(sk_X509_value(list, i), cert) == 0;
  sk_X509_pop_free(list, X509_free);
  return count;
}

bool tlstream__issuer_trusts(X509_STORE_CTX *store, X509 *cert) {
  bool has_cert = false;
  count_trusted(store, X509_get_subject_name(cert), cert, &has_cert);
  return has_cert;
}

bool tlstream__issuer_has_namesake(X509_STORE_CTX *store, X509 *cert) {
  bool has_cert = false;
  int count = count_trusted(store, X509_get_issuer_name(cert), cert, &has_cert);
  return count > (has_cert ? 1 : 0);
}
