/* SPDX-License-Identifier: MIT */
/* The authority: is it allowed to sign, and its chain up to the root. */
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "core/issue/state.h"
#include "core/openssl/ossl.h"
#include "core/x509/issuer.h"
#include "core/x509/pem.h"

X509 *tlstream__issue_ca(const tlstream__issue *all) {
  return all->ca_chain != NULL ? sk_X509_value(all->ca_chain, 0) : NULL;
}

/* Take the issuer of `cert` out of `rest`; NULL if it is not there. */
static X509 *take_issuer(STACK_OF(X509) * rest, X509 *cert) {
  for (int i = 0; i < sk_X509_num(rest); i++) {
    if (tlstream__issuer_is(sk_X509_value(rest, i), cert)) {
      return sk_X509_delete(rest, i);
    }
  }
  return NULL;
}

/* From `rest`, of which the first is the authority's, whatever leads upwards.
 * Each is taken out, so that a circle ends. */
static int climb(STACK_OF(X509) * chain, STACK_OF(X509) * rest) {
  X509 *next = sk_X509_shift(rest);
  while (next != NULL) {
    if (sk_X509_push(chain, next) == 0) {
      X509_free(next);
      return 0;
    }
    next = tlstream__issuer_is_self(next) ? NULL : take_issuer(rest, next);
  }
  return 1;
}

static int read_chain(tlstream__issue *all, tlstream_bytes bytes,
                      tlstream_error *error) {
  tlstream__pem pem = {0};
  STACK_OF(X509) *rest = NULL;
  int code = tlstream__pem_open(&pem, "ca_cert", NULL, bytes, NULL, error);
  if (code == 0) code = tlstream__pem_certificates(&pem, &rest, error);
  if (code == 0) {
    all->ca_chain = sk_X509_new_null();
    code = tlstream__issue_check(
        all->ca_chain != NULL && climb(all->ca_chain, rest), error);
  }
  sk_X509_pop_free(rest, X509_free);
  tlstream__pem_clear(&pem);
  return code;
}

static int explain_mismatch(tlstream_error *error) {
  if (tlstream__ossl_refusal() == TLSTREAM__REFUSED_NO_MEMORY) {
    return tlstream__ossl_failed(error, "compare ca_key and ca_cert");
  }
  tlstream__ossl_clear();
  return tlstream__error_set(error, TLSTREAM_ERR_KEY_MISMATCH,
                             "ca_key is not the key of ca_cert");
}

static int check(const tlstream__issue *all, bool for_ca,
                 tlstream_error *error) {
  const char *why = NULL;
  X509 *ca = tlstream__issue_ca(all);
  tlstream__ossl_clear();
  if (X509_check_private_key(ca, all->ca_key) != 1) {
    return explain_mismatch(error);
  }
  if (X509_check_ca(ca) != 1) {
    why = "ca_cert is not an authority's: it may not sign certificates";
  } else if (X509_cmp_current_time(X509_get0_notAfter(ca)) <= 0) {
    why = "ca_cert has expired";
  } else if (X509_cmp_current_time(X509_get0_notBefore(ca)) >= 0) {
    why = "ca_cert is not valid yet";
  } else if (X509_NAME_entry_count(X509_get_subject_name(ca)) == 0) {
    why = "ca_cert has an empty subject, which an issuer must not have";
  } else if (for_ca && X509_get_pathlen(ca) == 0) {
    why = "ca_cert may sign no further authorities (its path length is 0)";
  }
  tlstream__ossl_clear();
  if (why == NULL) return 0;
  return tlstream__error_set(error, TLSTREAM_ERR_BAD_CERTIFICATE, "%s", why);
}

int tlstream__issue_read_ca(tlstream__issue *all,
                            const tlstream_issue_options *options,
                            tlstream_error *error) {
  if (options->ca_cert.data == NULL) return 0;
  int code = read_chain(all, options->ca_cert, error);
  if (code == 0) {
    code = tlstream__key_read(&all->ca_key, "ca_key", options->ca_key,
                              options->ca_passphrase, error);
  }
  if (code == 0) code = check(all, options->is_ca, error);
  return code;
}
