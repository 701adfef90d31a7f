/* SPDX-License-Identifier: MIT */
/* OpenSSL has a search of its own for what is missing, with every handshake;
 * but not where a part of the chain was given, in a file or in PKCS #12. */
#include "core/context/chain.h"

#include <stdbool.h>

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "core/openssl/ossl.h"
#include "core/x509/issuer.h"

enum { DEPTH_MAX = 10 };

static bool lives_longer(X509 *each, X509 *best) {
  return best == NULL || ASN1_TIME_compare(X509_get0_notAfter(each),
                                           X509_get0_notAfter(best)) > 0;
}

/* Which of these signed it; the one that is valid longest. */
static X509 *find_issuer(const STACK_OF(X509) * list, X509 *cert) {
  X509 *best = NULL;
  for (int i = 0; i < sk_X509_num(list); i++) {
    X509 *each = sk_X509_value(list, i);
    if (lives_longer(each, best) && tlstream__issuer_is(each, cert)) {
      best = each;
    }
  }
  return best;
}

static STACK_OF(X509) * chain_of(SSL_CTX *ctx) {
  STACK_OF(X509) *chain = NULL;
  SSL_CTX_get0_chain_certs(ctx, &chain);
  return chain;
}

/* The current certificate's. What the security level does not let through is
 * not added: peers would refuse it, too. */
static bool complete_current(SSL_CTX *ctx, const STACK_OF(X509) * trusted) {
  X509 *top = SSL_CTX_get0_certificate(ctx);
  for (int depth = 0; depth < DEPTH_MAX && !tlstream__issuer_is_self(top);
       depth++) {
    X509 *issuer = find_issuer(chain_of(ctx), top);
    if (issuer == NULL) {
      issuer = find_issuer(trusted, top);
      if (issuer == NULL || tlstream__issuer_is_self(issuer)) return true;
      if (SSL_CTX_add1_chain_cert(ctx, issuer) != 1) {
        return tlstream__ossl_refusal() == TLSTREAM__REFUSED_WEAK;
      }
    }
    top = issuer;
  }
  return true;
}

/* The loop moves the cursor of the current certificate, which is put back. */
static bool complete_all(SSL_CTX *ctx, const STACK_OF(X509) * trusted) {
  X509 *current = SSL_CTX_get0_certificate(ctx);
  bool fine = true;
  long more = SSL_CTX_set_current_cert(ctx, SSL_CERT_SET_FIRST);
  while (fine && more == 1) {
    fine = complete_current(ctx, trusted);
    more = SSL_CTX_set_current_cert(ctx, SSL_CERT_SET_NEXT);
  }
  return fine && SSL_CTX_select_current_cert(ctx, current) == 1;
}

int tlstream__chain_complete(SSL_CTX *ctx, tlstream_error *error) {
  if (SSL_CTX_get0_certificate(ctx) == NULL) return 0;
  tlstream__ossl_clear();
  STACK_OF(X509) *trusted =
      X509_STORE_get1_all_certs(SSL_CTX_get_cert_store(ctx));
  bool fine = trusted != NULL && complete_all(ctx, trusted);
  sk_X509_pop_free(trusted, X509_free);
  if (!fine) return tlstream__ossl_failed(error, "complete a chain");
  tlstream__ossl_clear();
  return 0;
}
