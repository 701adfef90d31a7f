/* SPDX-License-Identifier: MIT */
#include "support/hostile_peer.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <tlstream/pair_info.h>

#include "support/peers.h"
#include "support/test.h"

enum { HASH = 32, RANDOM = 32, HEADER = 5, TAG = 16, EXPLICIT = 8 };

static void hmac(const unsigned char *key, size_t key_len,
                 const unsigned char *data, size_t len, unsigned char *out) {
  unsigned int size = HASH;
  CHECK(HMAC(EVP_sha256(), key, (int)key_len, data, len, out, &size) != NULL);
}

/* HKDF-Expand-Label (RFC 8446, section 7.1) of up to 32 bytes, no context. */
static void expand(const unsigned char *secret, const char *label,
                   unsigned char *out, size_t len) {
  unsigned char block[HASH];
  unsigned char text[64];
  size_t label_len = strlen(label);
  size_t used = 0;
  text[used++] = 0;
  text[used++] = (unsigned char)len;
  text[used++] = (unsigned char)(6 + label_len);
  memcpy(text + used, "tls13 ", 6);
  memcpy(text + used + 6, label, label_len);
  used += 6 + label_len;
  text[used++] = 0;
  text[used++] = 1;
  hmac(secret, HASH, text, used, block);
  memcpy(out, block, len);
}

static void use_secret(hostile_peer *self) {
  expand(self->secret, "key", self->key, sizeof(self->key));
  expand(self->secret, "iv", self->iv, sizeof(self->iv));
  self->sequence = 0;
}

void hostile_peer_next_keys(hostile_peer *self) {
  unsigned char next[HASH];
  expand(self->secret, "traffic upd", next, sizeof(next));
  memcpy(self->secret, next, sizeof(next));
  use_secret(self);
}

static unsigned from_hex(char digit) {
  return (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/* NSS's key log format: LABEL <client random> <secret>, in hexadecimal. */
static void on_secret(const SSL *ssl, const char *line) {
  hostile_peer *self = SSL_get_app_data(ssl);
  const char *label = SSL_is_server(ssl) ? "SERVER_TRAFFIC_SECRET_0 "
                                         : "CLIENT_TRAFFIC_SECRET_0 ";
  if (strncmp(line, label, strlen(label)) != 0) return;
  const char *at = line + strlen(label) + 2 * RANDOM + 1;
  for (int i = 0; i < HASH; i++) {
    self->secret[i] =
        (unsigned char)(from_hex(at[2 * i]) << 4 | from_hex(at[2 * i + 1]));
  }
  use_secret(self);
}

/* The first two blocks of P_SHA256 (RFC 5246, section 5). */
static void prf(const unsigned char *key, size_t key_len,
                const unsigned char *seed, size_t seed_len,
                unsigned char out[2 * HASH]) {
  unsigned char text[HASH + 128];
  hmac(key, key_len, seed, seed_len, text);
  memcpy(text + HASH, seed, seed_len);
  hmac(key, key_len, text, HASH + seed_len, out);
  hmac(key, key_len, text, HASH, text);
  hmac(key, key_len, text, HASH + seed_len, out + HASH);
}

/* RFC 5246, section 6.3; Finished was record 0. */
static void use_master(hostile_peer *self) {
  unsigned char master[SSL_MAX_MASTER_KEY_LENGTH];
  unsigned char seed[13 + 2 * RANDOM] = "key expansion";
  unsigned char block[2 * HASH];
  size_t len = SSL_SESSION_get_master_key(SSL_get_session(self->ssl), master,
                                          sizeof(master));
  SSL_get_server_random(self->ssl, seed + 13, RANDOM);
  SSL_get_client_random(self->ssl, seed + 13 + RANDOM, RANDOM);
  prf(master, len, seed, sizeof(seed), block);
  int mine = SSL_is_server(self->ssl);
  memcpy(self->key, block + 16 * mine, 16);
  memcpy(self->iv, block + 32 + 4 * mine, 4);
  self->sequence = 1;
}

static void load_leaf(SSL_CTX *ctx) {
  const made_cert *leaf = test_leaf(KEY_ECDSA);
  CHECK_INT(SSL_CTX_use_certificate(ctx, leaf->cert), 1);
  CHECK_INT(SSL_CTX_use_PrivateKey(ctx, leaf->key), 1);
}

static SSL_CTX *open_ctx(tlstream_version version) {
  SSL_CTX *ctx = SSL_CTX_new(TLS_method());
  int wire = version == TLSTREAM_TLS_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
  SSL_CTX_set_min_proto_version(ctx, wire);
  SSL_CTX_set_max_proto_version(ctx, wire);
  SSL_CTX_set_cipher_list(ctx, "ECDHE-ECDSA-AES128-GCM-SHA256");
  SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256");
  SSL_CTX_set_keylog_callback(ctx, on_secret);
  SSL_CTX_set_num_tickets(ctx, 0);
  load_leaf(ctx);
  return ctx;
}

void hostile_peer_open(hostile_peer *self, tlstream_role role,
                       tlstream_version version, tlstream_pair *pair) {
  *self = (hostile_peer){.pair = pair, .modern = version == TLSTREAM_TLS_1_3};
  self->ctx = open_ctx(version);
  self->ssl = SSL_new(self->ctx);
  self->in = BIO_new(BIO_s_mem());
  self->out = BIO_new(BIO_s_mem());
  SSL_set_bio(self->ssl, self->in, self->out);
  SSL_set_app_data(self->ssl, self);
  if (role == TLSTREAM_ROLE_SERVER) {
    SSL_set_accept_state(self->ssl);
  } else {
    SSL_set_connect_state(self->ssl);
  }
}

void hostile_peer_close(hostile_peer *self) {
  SSL_free(self->ssl);
  SSL_CTX_free(self->ctx);
}

bool hostile_peer_push(hostile_peer *self) {
  char *data = NULL;
  size_t len = (size_t)BIO_get_mem_data(self->out, &data);
  char *copy = malloc(len + 1);
  CHECK_INT(BIO_read(self->out, copy, (int)len), len == 0 ? -1 : (int)len);
  ptrdiff_t taken = len > 0 ? tlstream_pair_feed(self->pair, copy, len) : 0;
  size_t taken_len = taken < 0 ? len : (size_t)taken;
  if (taken_len < len)
    BIO_write(self->out, copy + taken_len, (int)(len - taken_len));
  free(copy);
  return taken_len == len;
}

void hostile_peer_pull(hostile_peer *self) {
  size_t len = 0;
  const void *data = tlstream_pair_peek(self->pair, &len);
  if (len == 0) return;
  CHECK_INT(BIO_write(self->in, data, (int)len), len);
  tlstream_pair_consume(self->pair, len);
}

void hostile_peer_finish_handshake(hostile_peer *self) {
  CHECK_ERROR(tlstream_pair_start(self->pair), 0);
  for (int round = 0; round < 4; round++) {
    hostile_peer_pull(self);
    SSL_do_handshake(self->ssl);
    hostile_peer_push(self);
  }
  CHECK(SSL_is_init_finished(self->ssl));
  CHECK(tlstream_pair_is_secure(self->pair));
  CHECK_STR(take_events(self->pair), "SECURE");
  if (!self->modern) use_master(self);
}

tlstream_pair *hostile_peer_connect(hostile_peer *self,
                                    tlstream_version version,
                                    tlstream_role ours) {
  config terms = {.version = version};
  tlstream_pair *pair = config_pair(&terms, ours);
  hostile_peer_open(self, other_role(ours), version, pair);
  hostile_peer_finish_handshake(self);
  return pair;
}

void hostile_peer_disconnect(hostile_peer *self) {
  tlstream_pair_free(self->pair);
  hostile_peer_close(self);
}

static void put_sequence(unsigned char out[8], uint64_t sequence) {
  for (int i = 7; i >= 0; i--, sequence >>= 8)
    out[i] = (unsigned char)sequence;
}

/* AES-128-GCM, the tag behind the ciphertext. */
static void seal(const unsigned char *key, const unsigned char nonce[12],
                 const unsigned char *extra, size_t extra_len,
                 unsigned char *bytes, size_t len) {
  int done = 0;
  EVP_CIPHER_CTX *gcm = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(gcm, EVP_aes_128_gcm(), NULL, key, nonce);
  EVP_EncryptUpdate(gcm, NULL, &done, extra, (int)extra_len);
  EVP_EncryptUpdate(gcm, bytes, &done, bytes, (int)len);
  CHECK_INT(EVP_EncryptFinal_ex(gcm, bytes + len, &done), 1);
  EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_GET_TAG, TAG, bytes + len);
  EVP_CIPHER_CTX_free(gcm);
}

static void put_header(unsigned char *out, int type, size_t len) {
  out[0] = (unsigned char)type;
  out[1] = out[2] = 3;
  out[3] = (unsigned char)(len >> 8);
  out[4] = (unsigned char)len;
}

/* RFC 8446, section 5.2 */
size_t hostile_peer_padded(hostile_peer *self, unsigned char *out, int type,
                           const void *bytes, size_t len, size_t padding) {
  unsigned char nonce[12];
  size_t inner = len + 1 + padding;
  put_header(out, HOSTILE_DATA, inner + TAG);
  memset(out + HEADER, 0, inner);
  if (len > 0) memcpy(out + HEADER, bytes, len);
  out[HEADER + len] = (unsigned char)type;
  memset(nonce, 0, 4);
  put_sequence(nonce + 4, self->sequence++);
  for (int i = 0; i < 12; i++)
    nonce[i] ^= self->iv[i];
  seal(self->key, nonce, out, HEADER, out + HEADER, inner);
  return HEADER + inner + TAG;
}

/* RFC 5288, section 3 */
static size_t old_record(hostile_peer *self, unsigned char *out, int type,
                         const void *bytes, size_t len) {
  unsigned char nonce[12];
  unsigned char extra[13];
  put_sequence(extra, self->sequence++);
  put_header(extra + 8, type, len);
  memcpy(nonce, self->iv, 4);
  memcpy(nonce + 4, extra, EXPLICIT);
  put_header(out, type, EXPLICIT + len + TAG);
  memcpy(out + HEADER, extra, EXPLICIT);
  if (len > 0) memcpy(out + HEADER + EXPLICIT, bytes, len);
  seal(self->key, nonce, extra, sizeof(extra), out + HEADER + EXPLICIT, len);
  return HEADER + EXPLICIT + len + TAG;
}

size_t hostile_peer_record(hostile_peer *self, unsigned char *out, int type,
                           const void *bytes, size_t len) {
  return self->modern ? hostile_peer_padded(self, out, type, bytes, len, 0)
                      : old_record(self, out, type, bytes, len);
}

ptrdiff_t hostile_peer_send(hostile_peer *self, int type, const void *bytes,
                            size_t len) {
  unsigned char out[HOSTILE_PLAIN_MAX + 64];
  size_t size = hostile_peer_record(self, out, type, bytes, len);
  return tlstream_pair_feed(self->pair, out, size);
}
