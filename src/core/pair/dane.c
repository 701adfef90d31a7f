/* SPDX-License-Identifier: MIT */
#include "core/pair/dane.h"

#include <openssl/ssl.h>

#include "base/error.h"
#include "core/openssl/ossl.h"

enum { SHA256_LEN = 32, SHA512_LEN = 64, FULL_MAX = 64 * 1024 };

static bool is_known(const tlstream_tlsa *record) {
  return record->usage <= TLSTREAM_TLSA_DANE_EE &&
         record->selector <= TLSTREAM_TLSA_PUBLIC_KEY &&
         record->matching_type <= TLSTREAM_TLSA_SHA512;
}

static int refuse(tlstream_error *error, size_t i, const char *why) {
  return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                             "tlsa: record %zu is malformed: %s", i + 1, why);
}

static int check_data(const tlstream_tlsa *record, size_t i,
                      tlstream_error *error) {
  size_t len = record->data.data != NULL ? record->data.len : 0;
  if (record->matching_type == TLSTREAM_TLSA_SHA256 && len != SHA256_LEN) {
    return refuse(error, i, "SHA-256 gives 32 bytes");
  }
  if (record->matching_type == TLSTREAM_TLSA_SHA512 && len != SHA512_LEN) {
    return refuse(error, i, "SHA-512 gives 64 bytes");
  }
  if (len == 0) return refuse(error, i, "it has no data");
  if (len > FULL_MAX) return refuse(error, i, "it is over 64 KiB long");
  return 0;
}

/* OpenSSL returns 0 for what it cannot parse. */
static int add(SSL *ssl, const tlstream_tlsa *record, size_t i,
               tlstream_error *error) {
  int code = check_data(record, i, error);
  if (code != 0) return code;
  tlstream__ossl_clear();
  int result = SSL_dane_tlsa_add(
      ssl, record->usage, record->selector, record->matching_type,
      (unsigned char *)(uintptr_t)record->data.data, record->data.len);
  if (result < 0) return tlstream__ossl_failed(error, "add a TLSA record");
  if (result > 0) return 0;
  if (tlstream__ossl_refusal() == TLSTREAM__REFUSED_NO_MEMORY) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  return refuse(error, i,
                record->selector == TLSTREAM_TLSA_CERTIFICATE
                    ? "its data is no certificate"
                    : "its data is no public key");
}

/* Without a name, OpenSSL compares none. */
static int enable(SSL *ssl, tlstream_error *error) {
  tlstream__ossl_clear();
  return SSL_dane_enable(ssl, NULL) > 0
             ? 0
             : tlstream__ossl_failed(error, "begin with TLSA records");
}

int tlstream__dane_set(SSL *ssl, tlstream__check *check,
                       const tlstream_tlsa *records, size_t count,
                       tlstream_error *error) {
  int code = 0;
  if (count > 0 && records == NULL) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "tlsa: there is a count and no list");
  }
  for (size_t i = 0; i < count && code == 0; i++) {
    if (!is_known(&records[i])) continue;
    if (check->records++ == 0) code = enable(ssl, error);
    if (code == 0) code = add(ssl, &records[i], i, error);
  }
  if (check->records > 0) check->refuse = true;
  return code;
}
