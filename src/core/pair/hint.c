/* SPDX-License-Identifier: MIT */
#include "core/pair/hint.h"

#include <stdbool.h>
#include <stddef.h>

#include <openssl/x509_vfy.h>

#include "core/openssl/x509_error.h"
#include "core/x509/chain_cost.h"
#include "core/x509/issuer.h"

static bool misses_issuer(int number) {
  return number == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
         number == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
         number == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
}

static bool is_about_self(int number) {
  return number == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
         number == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN;
}

static const char *special_hint(int number, X509 *cert, X509_STORE_CTX *store) {
  bool is_trusted = tlstream__issuer_trusts(store, cert);
  if (misses_issuer(number) && is_trusted) {
    return "it is trusted here, but it is no root: trust the authority that "
           "issued it with `ca`, or let the chain end with it "
           "(`allow_partial_chain`)";
  }
  if (misses_issuer(number) && tlstream__issuer_has_namesake(store, cert)) {
    return "an authority of its issuer's name is trusted here, but did not "
           "issue it: has that authority changed its key?";
  }
  /* OpenSSL goes by the names where there are no key identifiers. The peer
   * chose the key: a hint is not worth the time of a slow one. */
  if (is_about_self(number) && !tlstream__chain_has_slow_key(cert) &&
      !tlstream__issuer_is_self(cert)) {
    return "it has its issuer's name and no key identifiers, so that it is "
           "taken for a root: its authority should issue it anew";
  }
  return NULL;
}

const char *tlstream__verify_hint(int number, X509 *cert,
                                  X509_STORE_CTX *store) {
  const char *hint = NULL;
  if (cert != NULL && store != NULL) hint = special_hint(number, cert, store);
  return hint != NULL ? hint : tlstream__x509_error_hint(number);
}
