/* SPDX-License-Identifier: MIT */
#include "core/context/derived.h"

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "base/error.h"
#include "core/openssl/ossl.h"

#define FIELD(name)                                   \
  {                                                   \
#name, offsetof(tlstream_context_options, name),  \
        sizeof(((tlstream_context_options *)0)->name) \
  }

/* What is not policy. */
static const struct {
  const char *name;
  size_t at;
  size_t size;
} fields[] = {
    FIELD(key_file),
    FIELD(cert_file),
    FIELD(key),
    FIELD(cert),
    FIELD(passphrase),
    FIELD(identities),
    FIELD(identity_count),
    FIELD(ca_file),
    FIELD(ca),
    FIELD(ca_files),
    FIELD(ca_file_count),
    FIELD(cas),
    FIELD(ca_count),
    FIELD(add_system_roots),
    FIELD(allow_partial_chain),
    FIELD(policy),
    FIELD(security_level),
    FIELD(min_version),
    FIELD(max_version),
    FIELD(ciphers),
    FIELD(ciphersuites),
    FIELD(groups),
    FIELD(signature_algorithms),
    FIELD(pfx),
    FIELD(pfx_count),
    FIELD(crls),
    FIELD(crl_count),
    FIELD(ocsp_response),
    FIELD(ocsp_response_file),
    FIELD(psks),
    FIELD(psk_count),
    FIELD(psk_hint),
    FIELD(ask_psk),
    FIELD(insecure_psk_without_forward_secrecy),
};

static bool is_zero(const unsigned char *bytes, size_t len) {
  while (len > 0 && bytes[len - 1] == 0)
    len--;
  return len == 0;
}

int tlstream__derived_check(const tlstream_context_options *options,
                            tlstream_error *error) {
  const unsigned char *bytes = (const unsigned char *)options;
  if (options->parent == NULL) return 0;
  for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
    if (is_zero(bytes + fields[i].at, fields[i].size)) continue;
    return tlstream__error_set(
        error, TLSTREAM_ERR_INVALID_ARGUMENT,
        "%s: the `parent` has it: it cannot be given beside it",
        fields[i].name);
  }
  return 0;
}

static bool copy_identity(SSL_CTX *to, SSL *from) {
  STACK_OF(X509) *chain = NULL;
  SSL_get0_chain_certs(from, &chain);
  return SSL_CTX_use_cert_and_key(to, SSL_get_certificate(from),
                                  SSL_get_privatekey(from), chain,
                                  /* override = */ 0) == 1;
}

/* Iterating moves the cursor of the current certificate, so this takes a
 * private SSL. */
static bool copy_identities(SSL_CTX *to, SSL *from) {
  long more = SSL_set_current_cert(from, SSL_CERT_SET_FIRST);
  while (more == 1) {
    if (!copy_identity(to, from)) return false;
    more = SSL_set_current_cert(from, SSL_CERT_SET_NEXT);
  }
  return true;
}

static bool copy_trust(SSL_CTX *to, SSL_CTX *from) {
  const STACK_OF(X509_NAME) *names = SSL_CTX_get_client_CA_list(from);
  STACK_OF(X509_NAME) *copy = SSL_dup_CA_list(names);
  if (copy == NULL && names != NULL) return false;
  SSL_CTX_set_client_CA_list(to, copy);
  SSL_CTX_set1_cert_store(to, SSL_CTX_get_cert_store(from));
  return X509_VERIFY_PARAM_set1(SSL_CTX_get0_param(to),
                                SSL_CTX_get0_param(from)) == 1;
}

int tlstream__derived_copy(SSL_CTX *to, SSL_CTX *from, tlstream_error *error) {
  SSL *ssl = SSL_new(from);
  bool copied = ssl != NULL && copy_identities(to, ssl) && copy_trust(to, from);
  SSL_free(ssl);
  return copied ? 0 : tlstream__ossl_failed(error, "copy a TLS context");
}
