/* SPDX-License-Identifier: MIT */
#include "core/context/crl.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "base/error.h"
#include "core/openssl/ossl.h"
#include "core/x509/pem.h"

#define BEGIN_CRL "-----BEGIN " PEM_STRING_X509_CRL "-----"

/* The reader stops at the end of the text and at damage alike: it is damage if
 * there was one more to read. */
static int judge_end(const tlstream__pem *rest, size_t number, int count,
                     tlstream_error *error) {
  if (tlstream__ossl_refusal() == TLSTREAM__REFUSED_NO_MEMORY) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  if (tlstream__pem_mentions(rest, BEGIN_CRL)) {
    return tlstream__error_set(error, TLSTREAM_ERR_BAD_CERTIFICATE,
                               "crls: list %d of text %zu is damaged",
                               count + 1, number);
  }
  if (count > 0) return 0;
  return tlstream__error_set(
      error, TLSTREAM_ERR_BAD_CERTIFICATE,
      "crls: text %zu holds none (no line says " BEGIN_CRL ")", number);
}

static int read_all(X509_STORE *store, BIO *text, size_t number,
                    tlstream_error *error) {
  for (int count = 0;; count++) {
    char *before = NULL;
    size_t remaining = (size_t)BIO_get_mem_data(text, &before);
    tlstream__pem rest = {.data = before, .len = remaining};
    tlstream__ossl_clear();
    X509_CRL *crl = PEM_read_bio_X509_CRL(text, NULL, NULL, NULL);
    if (crl == NULL) return judge_end(&rest, number, count, error);
    int added = X509_STORE_add_crl(store, crl);
    X509_CRL_free(crl);
    if (added != 1) return tlstream__ossl_failed(error, "use a list");
  }
}

static int add_text(X509_STORE *store, tlstream_bytes bytes, size_t number,
                    tlstream_error *error) {
  tlstream__pem pem = {0};
  int code = tlstream__pem_open(&pem, "crls", NULL, bytes, NULL, error);
  if (code == 0 && pem.data == NULL) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "crls: text %zu is missing", number);
  }
  BIO *text = code == 0 ? tlstream__pem_reader(&pem) : NULL;
  if (code == 0) {
    code = text != NULL ? read_all(store, text, number, error)
                        : tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  BIO_free(text);
  tlstream__pem_clear(&pem);
  tlstream__ossl_clear();
  return code;
}

int tlstream__crls_load(SSL_CTX *ctx, const tlstream_context_options *options,
                        tlstream_error *error) {
  int code = 0;
  if (options->crl_count > 0 && options->crls == NULL) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "crls: there is a count and no list");
  }
  for (size_t i = 0; code == 0 && i < options->crl_count; i++) {
    code =
        add_text(SSL_CTX_get_cert_store(ctx), options->crls[i], i + 1, error);
  }
  if (code == 0 && options->crl_count > 0) {
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx),
                                X509_V_FLAG_CRL_CHECK |
                                    X509_V_FLAG_CRL_CHECK_ALL);
  }
  return code;
}
