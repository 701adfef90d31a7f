/* SPDX-License-Identifier: MIT */
#include "core/context/offer.h"

#include <openssl/ssl.h>

#include "base/error.h"
#include "core/openssl/ossl.h"

/* Where the parts of a ClientHello are (RFC 8446, section 4.1.2), behind the
 * header of the handshake message. */
enum { HEADER = 4, VERSION_AND_RANDOM = 2 + 32, SIGNALLING_SUITE = 0x00ff };

/* Bytes that wait to be read; `len` is 0 once they turned out too short. */
typedef struct reader {
  const unsigned char *at;
  size_t len;
} reader;

static reader take(reader *from, size_t len) {
  reader taken = {from->at, len};
  if (from->len < len) {
    *from = (reader){from->at, 0};
    return *from;
  }
  from->at += len;
  from->len -= len;
  return taken;
}

static unsigned take_number(reader *from, size_t bytes) {
  reader taken = take(from, bytes);
  unsigned number = 0;
  for (size_t i = 0; i < taken.len; i++)
    number = number << 8 | taken.at[i];
  return number;
}

/* A list with its length before it, in a number of `bytes`. */
static reader take_list(reader *from, size_t bytes) {
  return take(from, take_number(from, bytes));
}

static void keep(tlstream__ids *ids, reader list) {
  while (list.len >= 2 && ids->count < TLSTREAM__OFFER_MAX) {
    unsigned id = take_number(&list, 2);
    if (id != SIGNALLING_SUITE) ids->items[ids->count++] = (uint16_t)id;
  }
}

static void keep_extension(tlstream__offer *offer, unsigned type, reader body) {
  switch (type) {
    case TLSEXT_TYPE_supported_groups:
      keep(&offer->groups, take_list(&body, 2));
      break;
    case TLSEXT_TYPE_signature_algorithms:
      keep(&offer->schemes, take_list(&body, 2));
      break;
    default: break;
  }
}

static void read_hello(tlstream__offer *offer, reader hello) {
  take(&hello, HEADER + VERSION_AND_RANDOM);
  take_list(&hello, 1); /* the session */
  keep(&offer->suites, take_list(&hello, 2));
  take_list(&hello, 1); /* compression */
  reader extensions = take_list(&hello, 2);
  while (extensions.len > 0) {
    unsigned type = take_number(&extensions, 2);
    keep_extension(offer, type, take_list(&extensions, 2));
  }
}

static void on_message(int sent, int version, int type, const void *data,
                       size_t len, SSL *ssl, void *offer) {
  (void)version, (void)ssl;
  if (sent && type == SSL3_RT_HANDSHAKE) read_hello(offer, (reader){data, len});
}

static bool set_silence(SSL *ssl) {
  BIO *in = BIO_new(BIO_s_mem()); /* empty: there is never an answer */
  BIO *out = BIO_new(BIO_s_null());
  SSL_set_bio(ssl, in, out);
  return in != NULL && out != NULL;
}

/* No callback of the context's may run meanwhile: they expect a pair. */
static bool make_hello(SSL *ssl, tlstream__offer *offer) {
  if (!set_silence(ssl)) return false;
  SSL_set_connect_state(ssl);
  SSL_set_info_callback(ssl, NULL);
  SSL_set_psk_use_session_callback(ssl, NULL);
  SSL_set_msg_callback(ssl, on_message);
  SSL_set_msg_callback_arg(ssl, offer);
  (void)SSL_do_handshake(ssl);
  return offer->suites.count > 0;
}

int tlstream__offer_read(SSL_CTX *ctx, tlstream__offer *offer,
                         tlstream_error *error) {
  *offer = (tlstream__offer){0};
  tlstream__ossl_clear();
  SSL *ssl = SSL_new(ctx);
  bool made = ssl != NULL && make_hello(ssl, offer);
  bool no_memory =
      !made && tlstream__ossl_refusal() == TLSTREAM__REFUSED_NO_MEMORY;
  SSL_free(ssl);
  tlstream__ossl_clear();
  if (made) return 0;
  if (no_memory) return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  return tlstream__error_set(
      error, TLSTREAM_ERR_BAD_CIPHERS,
      "nothing in the lists of suites, groups and signature algorithms is "
      "strong enough for security_level");
}

const char *tlstream__offer_suite(SSL_CTX *ctx, unsigned id) {
  const unsigned char wire[] = {(unsigned char)(id >> 8), (unsigned char)id};
  SSL *ssl = SSL_new(ctx);
  const SSL_CIPHER *suite = ssl != NULL ? SSL_CIPHER_find(ssl, wire) : NULL;
  SSL_free(ssl);
  return suite != NULL ? SSL_CIPHER_get_name(suite) : NULL;
}

bool tlstream__ids_have(const tlstream__ids *ids, uint16_t id) {
  for (size_t i = 0; i < ids->count; i++) {
    if (ids->items[i] == id) return true;
  }
  return false;
}
