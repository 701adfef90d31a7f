/* SPDX-License-Identifier: MIT */
/*
 * Ticket keys sealed for another process:
 *
 *     start 8 | salt 32 | keys, encrypted | tag 16
 *
 * HKDF-SHA256 makes the key and the nonce of AES-256-GCM out of the secret and
 * the salt, so that no two exports share them. The start is authenticated too.
 * A key is its bytes, when it was made and when it stopped to issue.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "base/alloc.h"
#include "base/error.h"
#include "core/openssl/ossl.h"
#include "core/session/ticket_keys.h"

enum {
  START_LEN = 8,
  SALT_LEN = 32,
  TAG_LEN = 16,
  KEY_LEN = 32,
  NONCE_LEN = 12,
  TIME_LEN = 8,
  ENTRY_LEN = TLSTREAM_TICKET_KEY_LEN + 2 * TIME_LEN,
  HEAD_LEN = START_LEN + SALT_LEN,
  ENTRIES_MAX = TLSTREAM_TICKET_KEYS_MAX * ENTRY_LEN
};

/* Sums with it stay far from overflow. */
#define TIME_MAX (UINT64_C(1) << 40)

/* The last byte is the version. */
static const unsigned char start[START_LEN] = {'t', 'l', 's', 'k',
                                               'e', 'y', 's', 1};

/* What one secret and one salt make. */
typedef struct seal {
  unsigned char key[KEY_LEN];
  unsigned char nonce[NONCE_LEN];
} seal;

static bool derive(tlstream_bytes secret, const unsigned char *salt,
                   seal *out) {
  static const char info[] = "tlstream ticket keys";
  unsigned char made[KEY_LEN + NONCE_LEN] = {0};
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, "SHA256", 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret.data,
                                        secret.len),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt,
                                        SALT_LEN),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info,
                                        sizeof(info) - 1),
      OSSL_PARAM_construct_end(),
  };
  EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
  EVP_KDF_CTX *run = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
  bool fine =
      run != NULL && EVP_KDF_derive(run, made, sizeof(made), params) == 1;
  memcpy(out->key, made, KEY_LEN);
  memcpy(out->nonce, made + KEY_LEN, NONCE_LEN);
  OPENSSL_cleanse(made, sizeof(made));
  EVP_KDF_CTX_free(run);
  EVP_KDF_free(kdf);
  return fine;
}

static bool encrypt(const seal *with, const unsigned char *plain, size_t len,
                    unsigned char *out) {
  int n = 0;
  EVP_CIPHER_CTX *run = EVP_CIPHER_CTX_new();
  bool fine =
      run != NULL &&
      EVP_EncryptInit_ex(run, EVP_aes_256_gcm(), NULL, with->key,
                         with->nonce) == 1 &&
      EVP_EncryptUpdate(run, NULL, &n, start, START_LEN) == 1 &&
      EVP_EncryptUpdate(run, out, &n, plain, (int)len) == 1 &&
      EVP_EncryptFinal_ex(run, out + n, &n) == 1 &&
      EVP_CIPHER_CTX_ctrl(run, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, out + len) == 1;
  EVP_CIPHER_CTX_free(run);
  return fine;
}

typedef enum opened { OPENED, NOT_OPENED, OPEN_FAILED } opened;

static opened decrypt(const seal *with, const unsigned char *sealed, size_t len,
                      unsigned char *out) {
  int n = 0;
  opened result = OPEN_FAILED;
  EVP_CIPHER_CTX *run = EVP_CIPHER_CTX_new();
  if (run != NULL &&
      EVP_DecryptInit_ex(run, EVP_aes_256_gcm(), NULL, with->key,
                         with->nonce) == 1 &&
      EVP_DecryptUpdate(run, NULL, &n, start, START_LEN) == 1 &&
      EVP_DecryptUpdate(run, out, &n, sealed, (int)len) == 1 &&
      EVP_CIPHER_CTX_ctrl(run, EVP_CTRL_AEAD_SET_TAG, TAG_LEN,
                          (void *)(sealed + len)) == 1) {
    result = EVP_DecryptFinal_ex(run, out + n, &n) == 1 ? OPENED : NOT_OPENED;
  }
  EVP_CIPHER_CTX_free(run);
  return result;
}

static unsigned char *put(unsigned char *at, const void *bytes, size_t len) {
  memcpy(at, bytes, len);
  return at + len;
}

static const unsigned char *take(const unsigned char *at, void *out,
                                 size_t len) {
  memcpy(out, at, len);
  return at + len;
}

static unsigned char *put_time(unsigned char *at, long long seconds) {
  uint64_t rest = (uint64_t)seconds;
  for (int i = TIME_LEN - 1; i >= 0; i--, rest >>= 8)
    at[i] = (unsigned char)rest;
  return at + TIME_LEN;
}

static const unsigned char *take_time(const unsigned char *at,
                                      long long *seconds) {
  uint64_t all = 0;
  for (int i = 0; i < TIME_LEN; i++)
    all = all << 8 | at[i];
  *seconds = all < TIME_MAX ? (long long)all : 0;
  return at + TIME_LEN;
}

static size_t write_ring(const tlstream__ticket_ring *ring,
                         unsigned char *out) {
  unsigned char *at = out;
  for (size_t i = 0; i < ring->count; i++) {
    const tlstream__ticket_key *key = &ring->keys[i];
    at = put(at, key->name, sizeof(key->name));
    at = put(at, key->mac, sizeof(key->mac));
    at = put(at, key->cipher, sizeof(key->cipher));
    at = put_time(at, key->made);
    at = put_time(at, key->retired);
  }
  return (size_t)(at - out);
}

static void read_ring(tlstream__ticket_ring *ring, const unsigned char *at,
                      size_t len) {
  ring->count = len / ENTRY_LEN;
  for (size_t i = 0; i < ring->count; i++) {
    tlstream__ticket_key *key = &ring->keys[i];
    at = take(at, key->name, sizeof(key->name));
    at = take(at, key->mac, sizeof(key->mac));
    at = take(at, key->cipher, sizeof(key->cipher));
    at = take_time(at, &key->made);
    at = take_time(at, &key->retired);
  }
}

static int check_secret(tlstream_bytes secret, tlstream_error *error) {
  if (secret.data != NULL && secret.len >= TLSTREAM_TICKET_SECRET_MIN) return 0;
  return tlstream__error_set(
      error, TLSTREAM_ERR_INVALID_ARGUMENT,
      "secret: give at least %d bytes from a random source, not a password",
      TLSTREAM_TICKET_SECRET_MIN);
}

static bool seal_ring(const tlstream__ticket_ring *ring, tlstream_bytes secret,
                      unsigned char *out) {
  unsigned char plain[ENTRIES_MAX];
  seal with = {0};
  size_t len = write_ring(ring, plain);
  memcpy(out, start, START_LEN);
  bool fine = RAND_bytes(out + START_LEN, SALT_LEN) == 1 &&
              derive(secret, out + START_LEN, &with) &&
              encrypt(&with, plain, len, out + HEAD_LEN);
  OPENSSL_cleanse(plain, sizeof(plain));
  OPENSSL_cleanse(&with, sizeof(with));
  return fine;
}

void *tlstream_ticket_keys_export(tlstream_ticket_keys *keys,
                                  tlstream_bytes secret, size_t *len,
                                  tlstream_error *error) {
  tlstream__ticket_ring ring;
  tlstream__error_clear(error);
  tlstream__ossl_clear();
  if (check_secret(secret, error) != 0) return NULL;
  tlstream__ticket_keys_copy(keys, &ring);
  size_t whole = HEAD_LEN + ring.count * ENTRY_LEN + TAG_LEN;
  unsigned char *out = tlstream__malloc(whole);
  bool fine = out != NULL && seal_ring(&ring, secret, out);
  tlstream__ticket_ring_wipe(&ring);
  if (fine) {
    *len = whole;
    return out;
  }
  tlstream__free(out);
  tlstream__ossl_failed(error, "seal ticket keys");
  return NULL;
}

static int check_sealed(tlstream_bytes sealed, tlstream_error *error) {
  size_t around = HEAD_LEN + TAG_LEN;
  if (sealed.len >= around + ENTRY_LEN && sealed.len <= around + ENTRIES_MAX &&
      (sealed.len - around) % ENTRY_LEN == 0 &&
      memcmp(sealed.data, start, START_LEN) == 0) {
    return 0;
  }
  return tlstream__error_set(error, TLSTREAM_ERR_BAD_TICKET_KEYS,
                             "ticket keys: %zu bytes that are no export of "
                             "ticket keys, or of another version",
                             sealed.len);
}

/* Fill `ring` with what was sealed. */
static int open_ring(tlstream_bytes sealed, tlstream_bytes secret,
                     tlstream__ticket_ring *ring, tlstream_error *error) {
  unsigned char plain[ENTRIES_MAX];
  const unsigned char *bytes = sealed.data;
  size_t len = sealed.len - HEAD_LEN - TAG_LEN;
  seal with = {0};
  opened result = OPEN_FAILED;
  if (derive(secret, bytes + START_LEN, &with)) {
    result = decrypt(&with, bytes + HEAD_LEN, len, plain);
  }
  if (result == OPENED) read_ring(ring, plain, len);
  OPENSSL_cleanse(plain, sizeof(plain));
  OPENSSL_cleanse(&with, sizeof(with));
  if (result == OPENED) return tlstream__ticket_ring_check(ring, error);
  if (result == OPEN_FAILED) {
    return tlstream__ossl_failed(error, "open sealed ticket keys");
  }
  tlstream__ossl_clear();
  return tlstream__error_set(error, TLSTREAM_ERR_WRONG_SECRET,
                             "ticket keys: they are sealed with another "
                             "secret, or have been changed since");
}

int tlstream_ticket_keys_import(tlstream_ticket_keys *keys,
                                tlstream_bytes sealed, tlstream_bytes secret,
                                tlstream_error *error) {
  tlstream__ticket_ring ring = {0};
  tlstream__error_clear(error);
  tlstream__ossl_clear();
  int code = check_secret(secret, error);
  if (code == 0) code = check_sealed(sealed, error);
  if (code == 0) code = open_ring(sealed, secret, &ring, error);
  if (code == 0) tlstream__ticket_keys_replace(keys, &ring);
  tlstream__ticket_ring_wipe(&ring);
  return code;
}
