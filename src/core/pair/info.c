/* SPDX-License-Identifier: MIT */
/* What a pair knows about its connection: see tlstream/pair_info.h. */
#include <tlstream/pair_counts.h>
#include <tlstream/pair_info.h>

#include <openssl/ssl.h>

#include "base/text.h"
#include "core/openssl/algorithm.h"
#include "core/pair/npn.h"
#include "core/pair/resume.h"
#include "core/pair/state.h"
#include "core/x509/certificate.h"

bool tlstream_pair_is_secure(const tlstream_pair *pair) {
  return tlstream__pair_secure(pair);
}

bool tlstream_pair_truncated_in_record(const tlstream_pair *pair) {
  return pair->truncated_in_record;
}

bool tlstream_pair_received_last(const tlstream_pair *pair) {
  return pair->received_last;
}

bool tlstream_pair_authorized(const tlstream_pair *pair) {
  return tlstream__pair_secure(pair) && pair->check.authorization.authorized;
}

const tlstream_error *
tlstream_pair_authorization_error(const tlstream_pair *pair) {
  return pair->check.authorization.why;
}

const tlstream_error *
tlstream_pair_authorization_errors(const tlstream_pair *pair, size_t *count) {
  *count = pair->check.authorization.count;
  return pair->check.authorization.why;
}

tlstream_authorization_source
tlstream_pair_authorization_from(const tlstream_pair *pair) {
  return pair->check.source;
}

bool tlstream_pair_resumed(const tlstream_pair *pair) {
  return tlstream__pair_secure(pair) && pair->check.resumed;
}

tlstream_version tlstream_pair_tls_version(const tlstream_pair *pair) {
  if (!tlstream__pair_secure(pair)) return TLSTREAM_VERSION_DEFAULT;
  return SSL_version(pair->ssl) == TLS1_2_VERSION ? TLSTREAM_TLS_1_2
                                                  : TLSTREAM_TLS_1_3;
}

static const SSL_CIPHER *cipher_of(const tlstream_pair *pair) {
  return tlstream__pair_secure(pair) ? SSL_get_current_cipher(pair->ssl) : NULL;
}

const char *tlstream_pair_cipher(const tlstream_pair *pair) {
  const SSL_CIPHER *cipher = cipher_of(pair);
  return cipher != NULL ? SSL_CIPHER_get_name(cipher) : NULL;
}

const char *tlstream_pair_cipher_standard_name(const tlstream_pair *pair) {
  const SSL_CIPHER *cipher = cipher_of(pair);
  return cipher != NULL ? SSL_CIPHER_standard_name(cipher) : NULL;
}

const char *tlstream_pair_cipher_version(const tlstream_pair *pair) {
  const SSL_CIPHER *cipher = cipher_of(pair);
  return cipher != NULL ? SSL_CIPHER_get_version(cipher) : NULL;
}

const char *tlstream_pair_group(const tlstream_pair *pair) {
  int nid = tlstream__pair_secure(pair)
                ? (int)SSL_get_negotiated_group(pair->ssl)
                : NID_undef;
  if (nid == NID_undef) return NULL;
  const char *name = tlstream__group_name(tlstream__group_id(nid));
  return name != NULL ? name : SSL_group_to_name(pair->ssl, nid);
}

int tlstream_pair_ephemeral_key_bits(const tlstream_pair *pair) {
  EVP_PKEY *share = NULL;
  if (!tlstream__pair_secure(pair) ||
      SSL_get_peer_tmp_key(pair->ssl, &share) != 1) {
    return 0;
  }
  int bits = EVP_PKEY_get_bits(share);
  EVP_PKEY_free(share);
  return bits;
}

const char *tlstream_pair_own_signature_scheme(const tlstream_pair *pair) {
  return tlstream__pair_secure(pair) ? tlstream__scheme_name(pair->own_scheme)
                                     : NULL;
}

const char *tlstream_pair_peer_signature_scheme(const tlstream_pair *pair) {
  return tlstream__pair_secure(pair) ? tlstream__scheme_name(pair->peer_scheme)
                                     : NULL;
}

static int shared_scheme(const tlstream_pair *pair, int i, unsigned *id) {
  unsigned char low = 0;
  unsigned char high = 0;
  int count =
      SSL_get_shared_sigalgs(pair->ssl, i, NULL, NULL, NULL, &low, &high);
  *id = (unsigned)high << 8 | low;
  return count;
}

char *tlstream_pair_shared_signature_schemes(const tlstream_pair *pair) {
  tlstream__text text = {0};
  unsigned id = 0;
  int count = tlstream__pair_secure(pair) ? shared_scheme(pair, 0, &id) : 0;
  for (int i = 0; i < count; i++) {
    if (shared_scheme(pair, i, &id) <= 0) break;
    const char *name = tlstream__scheme_name(id);
    if (i > 0) tlstream__text_add(&text, ":");
    if (name != NULL) {
      tlstream__text_add(&text, name);
    } else {
      tlstream__text_format(&text, "0x%04x", id);
    }
  }
  return tlstream__text_take(&text);
}

uint64_t tlstream_pair_made_at(const tlstream_pair *pair) {
  return pair->made_at;
}

uint64_t tlstream_pair_handshake_began_at(const tlstream_pair *pair) {
  return pair->handshake_began_at;
}

uint64_t tlstream_pair_hello_at(const tlstream_pair *pair) {
  return pair->hello_at;
}

uint64_t tlstream_pair_secure_at(const tlstream_pair *pair) {
  return pair->secure_at;
}

uint64_t tlstream_pair_bytes_read(const tlstream_pair *pair) {
  return pair->bytes_read;
}

uint64_t tlstream_pair_bytes_written(const tlstream_pair *pair) {
  return pair->bytes_written;
}

uint64_t tlstream_pair_encrypted_bytes_read(const tlstream_pair *pair) {
  return pair->taken;
}

uint64_t tlstream_pair_encrypted_bytes_written(const tlstream_pair *pair) {
  return pair->drained;
}

const char *tlstream_pair_servername(const tlstream_pair *pair) {
  if (pair->is_server || pair->ssl == NULL) return pair->servername;
  return SSL_get_servername(pair->ssl, TLSEXT_NAMETYPE_host_name);
}

const char *tlstream_pair_alpn_protocol(const tlstream_pair *pair) {
  return pair->alpn;
}

const char *tlstream_pair_npn_protocol(const tlstream_pair *pair) {
  return pair->npn;
}

const void *tlstream_pair_npn_picked(const tlstream_pair *pair, size_t *len) {
  *len = 0;
  return tlstream__pair_secure(pair) ? tlstream__npn_picked(pair->ssl, len)
                                     : NULL;
}

tlstream_ocsp tlstream_pair_ocsp_status(const tlstream_pair *pair) {
  return pair->check.staple.status;
}

const void *tlstream_pair_ocsp_response(const tlstream_pair *pair,
                                        size_t *len) {
  const unsigned char *der = NULL;
  long size = pair->ssl != NULL && !pair->is_server
                  ? SSL_get_tlsext_status_ocsp_resp(pair->ssl, &der)
                  : 0;
  *len = size > 0 ? (size_t)size : 0;
  return size > 0 ? der : NULL;
}

tlstream_certificate *
tlstream_pair_peer_certificate(const tlstream_pair *pair) {
  if (pair->ssl == NULL) return NULL;
  X509 *cert = SSL_get0_peer_certificate(pair->ssl);
  STACK_OF(X509) *kept = pair->check.kept_chain;
  if (cert == NULL && sk_X509_num(kept) > 0) {
    return tlstream__certificate_wrap(sk_X509_value(kept, 0), kept);
  }
  if (cert == NULL) return NULL;
  return tlstream__certificate_wrap(cert, tlstream__resume_chain(pair));
}

tlstream_certificate *tlstream_pair_own_certificate(const tlstream_pair *pair) {
  const SSL_CTX *ctx = pair->context->ctx;
  X509 *cert = pair->ssl != NULL ? SSL_get_certificate(pair->ssl)
                                 : SSL_CTX_get0_certificate(ctx);
  STACK_OF(X509) *chain = NULL;
  if (cert == NULL) return NULL;
  if (pair->ssl != NULL) {
    SSL_get0_chain_certs(pair->ssl, &chain);
  } else {
    SSL_CTX_get0_chain_certs((SSL_CTX *)ctx, &chain);
  }
  return tlstream__certificate_wrap(cert, chain);
}
