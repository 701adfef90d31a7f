/* SPDX-License-Identifier: MIT */
/*
 * OpenSSL 3.0 names the hash and the kind of key of a signature, which does not
 * tell all schemes apart. The number is in the messages: in CertificateVerify,
 * and for a server of TLS 1.2 in ServerKeyExchange, behind its key share (RFC
 * 8422, section 5.4; RFC 5246, section 7.4.3).
 */
#include "core/pair/schemes.h"

#include <openssl/ssl.h>

#include "core/pair/state.h"

enum { HEADER = 4, CURVE_HEADER = 3, DH_NUMBERS = 3, NUMBER_LEN = 2 };

static unsigned number_at(const unsigned char *data, size_t len, size_t at) {
  return at + NUMBER_LEN <= len ? (unsigned)data[at] << 8 | data[at + 1] : 0;
}

/* Where the scheme is behind a point of a curve, or three numbers. */
static size_t behind_curve(const unsigned char *data, size_t len) {
  size_t at = HEADER + CURVE_HEADER;
  return at < len ? at + 1 + data[at] : len;
}

static size_t behind_numbers(const unsigned char *data, size_t len) {
  size_t at = HEADER;
  for (int i = 0; i < DH_NUMBERS && at < len; i++)
    at += NUMBER_LEN + number_at(data, len, at);
  return at;
}

static unsigned in_key_exchange(const SSL *ssl, const unsigned char *data,
                                size_t len) {
  const SSL_CIPHER *suite = SSL_get_pending_cipher(ssl);
  if (suite == NULL || SSL_CIPHER_get_auth_nid(suite) == NID_auth_null) {
    return 0;
  }
  switch (SSL_CIPHER_get_kx_nid(suite)) {
    case NID_kx_ecdhe: return number_at(data, len, behind_curve(data, len));
    case NID_kx_dhe: return number_at(data, len, behind_numbers(data, len));
    default: return 0;
  }
}

void tlstream__schemes_note(tlstream_pair *pair, bool sent,
                            const unsigned char *data, size_t len) {
  uint16_t *scheme = sent ? &pair->own_scheme : &pair->peer_scheme;
  if (len < HEADER) return;
  switch (data[0]) {
    case SSL3_MT_CERTIFICATE_VERIFY:
      *scheme = (uint16_t)number_at(data, len, HEADER);
      break;
    case SSL3_MT_SERVER_KEY_EXCHANGE:
      *scheme = (uint16_t)in_key_exchange(pair->ssl, data, len);
      break;
    default: break;
  }
}
