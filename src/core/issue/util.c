/* SPDX-License-Identifier: MIT */
#include "core/issue/util.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "core/issue/state.h"
#include "core/openssl/ossl.h"

void tlstream__issue_clear(tlstream__issue *all) {
  X509_free(all->cert);
  EVP_PKEY_free(all->ca_key);
  sk_X509_pop_free(all->ca_chain, X509_free);
  GENERAL_NAMES_free(all->names);
  X509_NAME_free(all->subject);
  X509_REQ_free(all->request);
  EVP_PKEY_free(all->key);
}

int tlstream__issue_refuse(tlstream_error *error, const char *why) {
  return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT, "%s", why);
}

int tlstream__issue_check(int fine, tlstream_error *error) {
  return fine == 1 ? 0 : tlstream__ossl_failed(error, "make the certificate");
}
