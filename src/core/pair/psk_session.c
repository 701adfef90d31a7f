/* SPDX-License-Identifier: MIT */
#include "core/pair/psk_session.h"

#include <string.h>

#include <openssl/objects.h>
#include <openssl/ssl.h>

#include "base/alloc.h"
#include "base/text.h"

static const char mark[] = "psk";

static bool is_marked(const SSL_SESSION *session) {
  void *data = NULL;
  size_t len = 0;
  return SSL_SESSION_get0_ticket_appdata((SSL_SESSION *)session, &data, &len) ==
             1 &&
         len == sizeof(mark) && memcmp(data, mark, len) == 0;
}

bool tlstream__psk_was_used(const SSL *ssl) {
  const SSL_CIPHER *suite = SSL_get_current_cipher(ssl);
  bool reused = SSL_session_reused(ssl) == 1;
  if (SSL_version(ssl) != TLS1_2_VERSION) {
    return reused && is_marked(SSL_get_session(ssl));
  }
  return !reused && suite != NULL &&
         SSL_CIPHER_get_auth_nid(suite) == NID_auth_psk;
}

void tlstream__psk_mark(SSL_SESSION *session) {
  (void)SSL_SESSION_set1_ticket_appdata(session, mark, sizeof(mark));
}

/* A suite with that hash, for the sake of the hash. */
static const SSL_CIPHER *suite_of(SSL *ssl, tlstream_psk_hash hash) {
  static const unsigned char sha256[] = {0x13, 0x01};
  static const unsigned char sha384[] = {0x13, 0x02};
  return SSL_CIPHER_find(ssl, hash == TLSTREAM_PSK_SHA384 ? sha384 : sha256);
}

SSL_SESSION *tlstream__psk_session(SSL *ssl, tlstream_bytes key,
                                   tlstream_psk_hash hash,
                                   tlstream_bytes id_context) {
  SSL_SESSION *made = SSL_SESSION_new();
  if (made != NULL &&
      SSL_SESSION_set1_master_key(made, key.data, key.len) == 1 &&
      SSL_SESSION_set_cipher(made, suite_of(ssl, hash)) == 1 &&
      SSL_SESSION_set_protocol_version(made, TLS1_3_VERSION) == 1 &&
      SSL_SESSION_set1_ticket_appdata(made, mark, sizeof(mark)) == 1 &&
      SSL_SESSION_set1_id_context(made, id_context.data,
                                  (unsigned)id_context.len) == 1) {
    return made;
  }
  SSL_SESSION_free(made);
  return NULL;
}

static bool has_hash(const SSL_CIPHER *suite, tlstream_psk_hash hash) {
  const EVP_MD *own = SSL_CIPHER_get_handshake_digest(suite);
  int nid = hash == TLSTREAM_PSK_SHA384 ? NID_sha384 : NID_sha256;
  return own != NULL && EVP_MD_get_type(own) == nid;
}

/* Those of TLS 1.3 that have the hash, or those that have not. */
static void add_suites(tlstream__text *list, SSL *ssl, tlstream_psk_hash hash,
                       bool with) {
  const STACK_OF(SSL_CIPHER) *suites = SSL_get_ciphers(ssl);
  for (int i = 0; i < sk_SSL_CIPHER_num(suites); i++) {
    const SSL_CIPHER *suite = sk_SSL_CIPHER_value(suites, i);
    if (SSL_CIPHER_get_kx_nid(suite) != NID_kx_any) continue;
    if (has_hash(suite, hash) != with) continue;
    tlstream__text_add(list, ":");
    tlstream__text_add(list, SSL_CIPHER_get_name(suite));
  }
}

bool tlstream__psk_prefer(SSL *ssl, tlstream_psk_hash hash) {
  tlstream__text list = {.failed = false};
  add_suites(&list, ssl, hash, true);
  add_suites(&list, ssl, hash, false);
  char *names = tlstream__text_take(&list);
  bool set = names != NULL && SSL_set_ciphersuites(ssl, names) == 1;
  tlstream__free(names);
  /* A client's wish for ChaCha20, which is for SHA-256, would go before. */
  SSL_clear_options(ssl, SSL_OP_PRIORITIZE_CHACHA);
  return set;
}
