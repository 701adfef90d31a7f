/* SPDX-License-Identifier: MIT */
#include "core/pair/psk.h"

#include <assert.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/objects.h>
#include <openssl/ssl.h>

#include "base/alloc.h"
#include "core/context/context.h"
#include "core/pair/pair.h"
#include "core/pair/psk_session.h"
#include "core/pair/state.h"
#include "core/pair/vector.h"

enum {
  IDENTITIES_MAX = 4, /* tickets among them; a client has one or two */
  AGE_LEN = 4,
  MESSAGE_HEADER = 4
};

static const tlstream__psks *psks_of(const tlstream_pair *pair) {
  return tlstream__context_psks(pair->context);
}

static tlstream_pair *pair_of(const SSL *ssl) {
  return tlstream__app_data_of(ssl)->pair;
}

static tlstream_bytes id_context_of(const tlstream_pair *pair) {
  const tlstream__fingerprint *scope =
      &pair->context->scope[pair->is_server ? 1 : 0];
  return (tlstream_bytes){scope->bytes, sizeof(scope->bytes)};
}

/* A server's look at what a client offers. */

static tlstream__psk_offer *offer_of(tlstream_pair *pair) {
  if (pair->psk == NULL) pair->psk = tlstream__calloc(sizeof(*pair->psk));
  return pair->psk;
}

static bool is_identity(const void *identity, size_t len) {
  return len > 0 && len <= TLSTREAM_PSK_IDENTITY_MAX_LEN &&
         memchr(identity, '\0', len) == NULL;
}

/* Note it, and its key if the context has that. */
static bool look_up(tlstream_pair *pair, const void *identity, size_t len) {
  tlstream__psk_offer *offer = pair->psk;
  const tlstream__psk *found =
      tlstream__psks_find(psks_of(pair), identity, len);
  memcpy(offer->identity, identity, len);
  offer->identity[len] = '\0';
  offer->identity_len = len;
  if (found == NULL) return false;
  memcpy(offer->key, found->key, found->key_len);
  offer->key_len = found->key_len;
  offer->hash = found->hash;
  offer->stage = TLSTREAM__PSK_KNOWN;
  return true;
}

/* The key goes with the identity that it is for. */
static bool is_known(const tlstream_pair *pair, const void *identity,
                     size_t len) {
  const tlstream__psk_offer *offer = pair->psk;
  return offer != NULL && offer->stage == TLSTREAM__PSK_KNOWN &&
         offer->identity_len == len &&
         CRYPTO_memcmp(offer->identity, identity, len) == 0;
}

static void ask(tlstream_pair *pair) {
  pair->psk->stage = TLSTREAM__PSK_ASKED;
  tlstream__pair_emit(pair, TLSTREAM_EVENT_PSK);
}

/* TLS 1.3 */

/* The extension pre_shared_key (RFC 8446, section 4.2.11). OpenSSL parses it
 * again, and refuses the client if it is malformed. */
static const unsigned char *nth_identity(const unsigned char *data, size_t size,
                                         size_t n, size_t *len) {
  size_t list_len = 0;
  const unsigned char *at =
      tlstream__take_vector(&data, data + size, &list_len);
  const unsigned char *identity = NULL;
  if (at == NULL) return NULL;
  const unsigned char *end = at + list_len;
  for (size_t i = 0; i <= n; i++) {
    identity = tlstream__take_vector(&at, end, len);
    if (identity == NULL || end - at < AGE_LEN) return NULL;
    at += AGE_LEN;
  }
  return identity;
}

/* Until one is known or asked for. */
static void look_at_each(tlstream_pair *pair, const unsigned char *data,
                         size_t size) {
  tlstream__psk_offer *offer = pair->psk;
  while (offer->next < IDENTITIES_MAX) {
    size_t len = 0;
    const unsigned char *identity =
        nth_identity(data, size, offer->next++, &len);
    if (identity == NULL) break;
    if (!is_identity(identity, len)) continue;
    if (look_up(pair, identity, len)) return;
    if (!psks_of(pair)->ask) continue;
    ask(pair);
    return;
  }
  offer->stage = TLSTREAM__PSK_UNKNOWN;
}

static bool may_use_1_3(const SSL *ssl) {
  long max = SSL_get_max_proto_version((SSL *)ssl);
  return max == 0 || max >= TLS1_3_VERSION;
}

/* With a callback for TLS 1.2 and no certificate, OpenSSL prefers suites with
 * SHA-256 in TLS 1.3. */
static bool prefer(const tlstream__psk_offer *offer, SSL *ssl) {
#ifndef OPENSSL_NO_PSK
  SSL_set_psk_server_callback(ssl, NULL);
#endif
  return tlstream__psk_prefer(ssl, offer->hash);
}

static int conclude(const tlstream_pair *pair, SSL *ssl, int *alert) {
  const tlstream__psk_offer *offer = pair->psk;
  *alert = SSL_AD_INTERNAL_ERROR;
  switch (offer->stage) {
    case TLSTREAM__PSK_ASKED: return SSL_CLIENT_HELLO_RETRY;
    case TLSTREAM__PSK_KNOWN:
      return prefer(offer, ssl) ? SSL_CLIENT_HELLO_SUCCESS
                                : SSL_CLIENT_HELLO_ERROR;
    default:
      if (pair->context->has_certificate) return SSL_CLIENT_HELLO_SUCCESS;
      *alert = SSL_AD_UNKNOWN_PSK_IDENTITY;
      return SSL_CLIENT_HELLO_ERROR;
  }
}

/* After a HelloRetryRequest the answers to the first ClientHello hold. */
int tlstream__psk_judge(tlstream_pair *pair, SSL *ssl, int *alert) {
  const unsigned char *data = NULL;
  size_t size = 0;
  if (!tlstream__psks_serve(psks_of(pair)) || !may_use_1_3(ssl) ||
      !SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_psk, &data, &size)) {
    return SSL_CLIENT_HELLO_SUCCESS;
  }
  *alert = SSL_AD_INTERNAL_ERROR;
  if (offer_of(pair) == NULL) return SSL_CLIENT_HELLO_ERROR;
  if (pair->psk->stage == TLSTREAM__PSK_OPEN) look_at_each(pair, data, size);
  return conclude(pair, ssl, alert);
}

static int on_find_session(SSL *ssl, const unsigned char *identity, size_t len,
                           SSL_SESSION **session) {
  tlstream_pair *pair = pair_of(ssl);
  *session = NULL;
  if (!is_known(pair, identity, len)) return 1;
  tlstream_bytes key = {pair->psk->key, pair->psk->key_len};
  *session =
      tlstream__psk_session(ssl, key, pair->psk->hash, id_context_of(pair));
  return *session != NULL;
}

/* After a HelloRetryRequest, `hash` is that of the suite. */
static int on_use_session(SSL *ssl, const EVP_MD *hash,
                          const unsigned char **identity, size_t *len,
                          SSL_SESSION **session) {
  tlstream_pair *pair = pair_of(ssl);
  const tlstream__psk *own = &psks_of(pair)->list[0];
  int nid = own->hash == TLSTREAM_PSK_SHA384 ? NID_sha384 : NID_sha256;
  *session = NULL;
  *identity = NULL;
  *len = 0;
  if (hash != NULL && EVP_MD_get_type(hash) != nid) return 1;
  tlstream_bytes key = {own->key, own->key_len};
  *session = tlstream__psk_session(ssl, key, own->hash, id_context_of(pair));
  *identity = (const unsigned char *)own->identity;
  *len = own->identity_len;
  return *session != NULL;
}

/* TLS 1.2 */

#ifdef OPENSSL_NO_PSK

static bool attach_1_2(tlstream_pair *pair) {
  (void)pair;
  return true; /* there are no suites for it */
}

#else

/* OpenSSL asks here in TLS 1.3 too, for a hash of its choice. */
static unsigned on_server_key(SSL *ssl, const char *identity,
                              unsigned char *key, unsigned cap) {
  tlstream_pair *pair = pair_of(ssl);
  size_t len = identity != NULL ? strlen(identity) : 0;
  if (SSL_version(ssl) != TLS1_2_VERSION || offer_of(pair) == NULL) return 0;
  bool settled = pair->psk->stage != TLSTREAM__PSK_OPEN;
  bool known = settled
                   ? is_known(pair, identity, len)
                   : is_identity(identity, len) && look_up(pair, identity, len);
  if (!known || pair->psk->key_len > cap) {
    pair->psk->stage = TLSTREAM__PSK_UNKNOWN;
    return 0;
  }
  memcpy(key, pair->psk->key, pair->psk->key_len);
  return (unsigned)pair->psk->key_len;
}

static unsigned on_client_key(SSL *ssl, const char *hint, char *identity,
                              unsigned identity_cap, unsigned char *key,
                              unsigned cap) {
  tlstream_pair *pair = pair_of(ssl);
  const tlstream__psk *own = &psks_of(pair)->list[0];
  if (SSL_version(ssl) != TLS1_2_VERSION || own->key_len > cap ||
      own->identity_len > identity_cap) {
    return 0;
  }
  if (hint != NULL && pair->psk_hint == NULL) {
    pair->psk_hint = tlstream__strdup(hint);
    if (pair->psk_hint == NULL) return 0;
  }
  memcpy(identity, own->identity, own->identity_len + 1);
  memcpy(key, own->key, own->key_len);
  return (unsigned)own->key_len;
}

static bool attach_1_2(tlstream_pair *pair) {
  const tlstream__psks *psks = psks_of(pair);
  if (!pair->is_server) {
    SSL_set_psk_client_callback(pair->ssl,
                                psks->count > 0 ? on_client_key : NULL);
    return true;
  }
  SSL_set_psk_server_callback(pair->ssl, on_server_key);
  return psks->hint == NULL ||
         SSL_use_psk_identity_hint(pair->ssl, psks->hint) == 1;
}

#endif

bool tlstream__psk_attach(tlstream_pair *pair) {
  const tlstream__psks *psks = psks_of(pair);
  if (pair->is_server) {
    if (!tlstream__psks_serve(psks)) return true;
    SSL_set_psk_find_session_callback(pair->ssl, on_find_session);
    return attach_1_2(pair);
  }
  if (psks->count == 0) return attach_1_2(pair);
  SSL_set_psk_use_session_callback(pair->ssl, on_use_session);
  return attach_1_2(pair) &&
         tlstream__psk_prefer(pair->ssl, psks->list[0].hash);
}

static bool is_psk_suite(const SSL *ssl) {
  const SSL_CIPHER *suite = SSL_get_pending_cipher(ssl);
  return suite != NULL && SSL_CIPHER_get_auth_nid(suite) == NID_auth_psk;
}

void tlstream__psk_note_sent(tlstream_pair *pair, int message) {
  if (message != SSL3_MT_SERVER_DONE || !psks_of(pair)->ask ||
      !is_psk_suite(pair->ssl)) {
    return;
  }
  pair->awaits_psk = pair->link.held = true;
  tlstream__hello_reader_clear(&pair->reader);
  pair->reader =
      (tlstream__hello_reader){.awaits = SSL3_MT_CLIENT_KEY_EXCHANGE};
}

static void fail_without_memory(tlstream_pair *pair) {
  tlstream__pair_fail_with(pair, TLSTREAM_ERR_NO_MEMORY, "out of memory");
}

/* RFC 4279, section 2: the message begins with the identity. */
static void read_key_exchange(tlstream_pair *pair) {
  unsigned char message[MESSAGE_HEADER + 2 + TLSTREAM_PSK_IDENTITY_MAX_LEN];
  size_t size = tlstream__hello_copy(&pair->link.in, message, sizeof(message));
  const unsigned char *at = message + MESSAGE_HEADER;
  size_t len = 0;
  const unsigned char *identity =
      size > MESSAGE_HEADER ? tlstream__take_vector(&at, message + size, &len)
                            : NULL;
  if (identity == NULL || !is_identity(identity, len)) {
    pair->psk->stage = TLSTREAM__PSK_UNKNOWN;
  } else if (!look_up(pair, identity, len)) {
    ask(pair);
  }
}

/* OpenSSL gets the message, unless its answer is still to come. */
static void go_on(tlstream_pair *pair) {
  pair->awaits_psk = pair->link.held = tlstream__psk_is_asked(pair);
}

static void collect(tlstream_pair *pair) {
  tlstream__hello_progress progress =
      tlstream__hello_read(&pair->reader, &pair->link.in);
  if (progress == TLSTREAM__HELLO_PARTIAL) {
    if (pair->reader.out_of_memory) fail_without_memory(pair);
    return;
  }
  if (offer_of(pair) == NULL ||
      !tlstream__hello_hand_over(&pair->reader, &pair->link.in)) {
    fail_without_memory(pair);
    return;
  }
  /* What is not the message, OpenSSL refuses. */
  if (progress == TLSTREAM__HELLO_COMPLETE) read_key_exchange(pair);
  go_on(pair);
}

bool tlstream__psk_prepare(tlstream_pair *pair) {
  if (!pair->awaits_psk) return true;
  bool has_stage = pair->psk != NULL && pair->psk->stage != TLSTREAM__PSK_OPEN;
  if (has_stage) {
    go_on(pair);
  } else {
    collect(pair);
  }
  if (pair->awaits_psk) tlstream__pair_judge_transport(pair);
  return !pair->awaits_psk && !tlstream__pair_failed(pair);
}

void tlstream__psk_wipe(tlstream_pair *pair) {
  if (pair->psk == NULL) return;
  OPENSSL_cleanse(pair->psk->key, sizeof(pair->psk->key));
  pair->psk->key_len = 0;
}

void tlstream__psk_clear(tlstream_pair *pair) {
  tlstream__psk_wipe(pair);
  tlstream__free(pair->psk);
  tlstream__free(pair->psk_hint);
  pair->psk = NULL;
  pair->psk_hint = NULL;
}
