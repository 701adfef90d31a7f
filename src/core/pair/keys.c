/* SPDX-License-Identifier: MIT */
/*
 * What other protocols take from a connection: see tlstream/pair_keys.h. Keys
 * and names that an attacker between two connections could make equal on both
 * (the triple handshake, RFC 7627) are not given out.
 */
#include <tlstream/pair_keys.h>

#include <string.h>

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "core/pair/state.h"

enum {
  LABEL_MAX = 249,    /* what TLS 1.3 has room for */
  CONTEXT_MAX = 512,  /* OpenSSL has room for 1,024 with a label in TLS 1.2 */
  LEN_MAX = 255 * 32, /* the most that HKDF makes with SHA-256 */
  BINDING_LEN = 32
};

static int refuse(const tlstream_pair *pair) {
  if (tlstream__pair_failed(pair)) return tlstream__pair_code(pair);
  return tlstream__pair_secure(pair) ? 0 : TLSTREAM_ERR_WRONG_STATE;
}

static bool is_1_2(const tlstream_pair *pair) {
  return SSL_version(pair->ssl) == TLS1_2_VERSION;
}

/* Is a secret of this connection one of no other? */
static bool is_own_secret(const tlstream_pair *pair) {
  return !is_1_2(pair) || SSL_get_extms_support(pair->ssl) == 1;
}

/* TLS 1.2 makes its own keys with these (RFC 5705, section 4). */
static bool is_reserved(const char *label) {
  static const char *const reserved[] = {
      "client finished", "server finished", "master secret",
      "extended master secret", "key expansion"};
  for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
    if (strcmp(label, reserved[i]) == 0) return true;
  }
  return false;
}

static bool is_valid(const char *label, const tlstream_bytes *context,
                     size_t len) {
  if (label == NULL || label[0] == '\0' || strlen(label) > LABEL_MAX ||
      is_reserved(label)) {
    return false;
  }
  if (context != NULL && context->len > CONTEXT_MAX) return false;
  return len > 0 && len <= LEN_MAX;
}

int tlstream_pair_export_keying_material(const tlstream_pair *pair,
                                         const char *label,
                                         const tlstream_bytes *context,
                                         void *out, size_t len) {
  unsigned char made[LEN_MAX];
  int code = refuse(pair);
  if (code != 0) return code;
  if (!is_valid(label, context, len)) return TLSTREAM_ERR_INVALID_ARGUMENT;
  if (!is_own_secret(pair)) return TLSTREAM_ERR_UNSUPPORTED;
  bool with = context != NULL;
  tlstream__ossl_clear();
  int result = SSL_export_keying_material(
      pair->ssl, made, len, label, strlen(label), with ? context->data : NULL,
      with ? context->len : 0, with);
  if (result == 1) memcpy(out, made, len);
  OPENSSL_cleanse(made, sizeof(made));
  tlstream__ossl_clear();
  return result == 1 ? 0 : TLSTREAM_ERR_NO_MEMORY;
}

static ptrdiff_t bind_exporter(const tlstream_pair *pair, unsigned char *out) {
  static const tlstream_bytes empty = {.data = "", .len = 0};
  int code = tlstream_pair_export_keying_material(
      pair, "EXPORTER-Channel-Binding", &empty, out, BINDING_LEN);
  return code == 0 ? BINDING_LEN : code;
}

/* The hash of its signature, but none of those that are broken (RFC 5929,
 * section 4.1). NULL if it has none. */
static const EVP_MD *hash_of(X509 *cert) {
  int hash = NID_undef;
  if (X509_get_signature_info(cert, &hash, NULL, NULL, NULL) != 1) return NULL;
  if (hash == NID_undef) return NULL;
  if (hash == NID_md5 || hash == NID_sha1) return EVP_sha256();
  return EVP_get_digestbynid(hash);
}

/* A server that resumes has not shown a certificate, and may have another one
 * by now. */
static X509 *server_certificate(const tlstream_pair *pair) {
  if (!pair->is_server) return SSL_get0_peer_certificate(pair->ssl);
  if (pair->check.source == TLSTREAM_SOURCE_PSK) return NULL;
  return SSL_session_reused(pair->ssl) ? NULL : SSL_get_certificate(pair->ssl);
}

static ptrdiff_t bind_end_point(const tlstream_pair *pair, unsigned char *out) {
  unsigned len = 0;
  X509 *cert = server_certificate(pair);
  const EVP_MD *hash = cert != NULL ? hash_of(cert) : NULL;
  if (hash == NULL) return TLSTREAM_ERR_UNSUPPORTED;
  tlstream__ossl_clear();
  bool made = X509_digest(cert, hash, out, &len) == 1;
  tlstream__ossl_clear();
  return made ? (ptrdiff_t)len : TLSTREAM_ERR_NO_MEMORY;
}

typedef size_t finished_call(const SSL *ssl, void *out, size_t cap);

/* The first Finished is the client's, and the server's in a handshake that
 * resumes. */
static ptrdiff_t bind_unique(const tlstream_pair *pair, unsigned char *out) {
  bool ours = pair->is_server == (SSL_session_reused(pair->ssl) == 1);
  finished_call *get = ours ? SSL_get_finished : SSL_get_peer_finished;
  if (!is_1_2(pair) || !is_own_secret(pair)) return TLSTREAM_ERR_UNSUPPORTED;
  return (ptrdiff_t)get(pair->ssl, out, TLSTREAM_BINDING_MAX_LEN);
}

static ptrdiff_t bind(const tlstream_pair *pair, tlstream_binding kind,
                      unsigned char *out) {
  switch (kind) {
    case TLSTREAM_BINDING_EXPORTER: return bind_exporter(pair, out);
    case TLSTREAM_BINDING_SERVER_END_POINT: return bind_end_point(pair, out);
    case TLSTREAM_BINDING_UNIQUE: return bind_unique(pair, out);
    default: return TLSTREAM_ERR_INVALID_ARGUMENT;
  }
}

static ptrdiff_t give(const unsigned char *made, ptrdiff_t len, void *out,
                      size_t cap) {
  if (len < 0) return len;
  if ((size_t)len > cap) return TLSTREAM_ERR_INVALID_ARGUMENT;
  memcpy(out, made, (size_t)len);
  return len;
}

ptrdiff_t tlstream_pair_channel_binding(const tlstream_pair *pair,
                                        tlstream_binding kind, void *out,
                                        size_t cap) {
  unsigned char made[TLSTREAM_BINDING_MAX_LEN];
  int code = refuse(pair);
  return code != 0 ? code : give(made, bind(pair, kind, made), out, cap);
}

static ptrdiff_t finished(const tlstream_pair *pair, finished_call *get,
                          void *out, size_t cap) {
  unsigned char made[EVP_MAX_MD_SIZE];
  int code = refuse(pair);
  if (code != 0) return code;
  size_t len = get(pair->ssl, made, sizeof(made));
  return give(made, (ptrdiff_t)len, out, cap);
}

ptrdiff_t tlstream_pair_own_finished(const tlstream_pair *pair, void *out,
                                     size_t cap) {
  return finished(pair, SSL_get_finished, out, cap);
}

ptrdiff_t tlstream_pair_peer_finished(const tlstream_pair *pair, void *out,
                                      size_t cap) {
  return finished(pair, SSL_get_peer_finished, out, cap);
}
