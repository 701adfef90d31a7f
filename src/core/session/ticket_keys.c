/* SPDX-License-Identifier: MIT */
#include "core/session/ticket_keys.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/options.h"
#include "core/openssl/ossl.h"

enum { DEFAULT_ROTATION_S = 3600, DEFAULT_RETENTION_S = 7200, IV_LEN = 16 };

_Static_assert(TLSTREAM__TICKET_NAME_LEN + 2 * TLSTREAM__TICKET_HALF_LEN ==
                   TLSTREAM_TICKET_KEY_LEN,
               "a key as bytes is its three parts");

struct tlstream_ticket_keys {
  atomic_size_t refs;
  pthread_mutex_t lock; /* for `ring` */
  tlstream__ticket_ring ring;
  bool rotates;
  long long rotation_s;
  long long retention_s;
  long long (*clock)(void *data);
  void *clock_data;
};

void tlstream__ticket_ring_wipe(tlstream__ticket_ring *ring) {
  OPENSSL_cleanse(ring, sizeof(*ring));
}

static long long now_of(const tlstream_ticket_keys *keys) {
  return keys->clock != NULL ? keys->clock(keys->clock_data)
                             : (long long)time(NULL);
}

static bool make_key(tlstream__ticket_key *key, long long now) {
  *key = (tlstream__ticket_key){.made = now};
  return RAND_bytes(key->name, sizeof(key->name)) == 1 &&
         RAND_priv_bytes(key->mac, sizeof(key->mac)) == 1 &&
         RAND_priv_bytes(key->cipher, sizeof(key->cipher)) == 1;
}

static void drop_last(tlstream__ticket_ring *ring) {
  ring->count--;
  OPENSSL_cleanse(&ring->keys[ring->count], sizeof(ring->keys[0]));
}

/* False if there are no random bytes: then the keys stay as they are. */
static bool put_in_front(tlstream__ticket_ring *ring, long long now,
                         long long retired) {
  tlstream__ticket_key made;
  bool fine = make_key(&made, now);
  if (fine) {
    if (ring->count == TLSTREAM_TICKET_KEYS_MAX) drop_last(ring);
    memmove(&ring->keys[1], &ring->keys[0],
            ring->count * sizeof(ring->keys[0]));
    if (ring->count > 0) ring->keys[1].retired = retired;
    ring->keys[0] = made;
    ring->count++;
  }
  OPENSSL_cleanse(&made, sizeof(made));
  return fine;
}

/* The caller has the lock. What is due happens when the ring is used next, and
 * counts from when it was due. A clock that is set back starts the first key's
 * time again. */
static void rotate_if_due(tlstream_ticket_keys *keys, long long now) {
  tlstream__ticket_ring *ring = &keys->ring;
  if (!keys->rotates || ring->count == 0) return;
  if (ring->keys[0].made > now) ring->keys[0].made = now;
  long long due = ring->keys[0].made + keys->rotation_s;
  if (due <= now) put_in_front(ring, now, due);
  while (ring->count > 1 &&
         ring->keys[ring->count - 1].retired + keys->retention_s <= now) {
    drop_last(ring);
  }
}

static bool is_random(const unsigned char *bytes, size_t len) {
  size_t i = 1;
  while (i < len && bytes[i] == bytes[0])
    i++;
  return i < len;
}

static bool has_namesake(const tlstream__ticket_ring *ring, size_t at) {
  for (size_t i = 0; i < at; i++) {
    if (memcmp(ring->keys[i].name, ring->keys[at].name,
               TLSTREAM__TICKET_NAME_LEN) == 0) {
      return true;
    }
  }
  return false;
}

int tlstream__ticket_ring_check(const tlstream__ticket_ring *ring,
                                tlstream_error *error) {
  for (size_t i = 0; i < ring->count; i++) {
    const tlstream__ticket_key *key = &ring->keys[i];
    if (has_namesake(ring, i)) {
      return tlstream__error_set(error, TLSTREAM_ERR_BAD_TICKET_KEYS,
                                 "ticket keys: number %zu has the name (the "
                                 "first 16 bytes) of one before it",
                                 i + 1);
    }
    if (!is_random(key->mac, sizeof(key->mac)) ||
        !is_random(key->cipher, sizeof(key->cipher))) {
      return tlstream__error_set(error, TLSTREAM_ERR_BAD_TICKET_KEYS,
                                 "ticket keys: number %zu is not random: its "
                                 "bytes are all the same",
                                 i + 1);
    }
  }
  return 0;
}

static int parse(tlstream__ticket_ring *ring, tlstream_bytes bytes,
                 long long now, tlstream_error *error) {
  const unsigned char *at = bytes.data;
  if (at == NULL || bytes.len == 0 ||
      bytes.len % TLSTREAM_TICKET_KEY_LEN != 0 ||
      bytes.len / TLSTREAM_TICKET_KEY_LEN > TLSTREAM_TICKET_KEYS_MAX) {
    return tlstream__error_set(
        error, TLSTREAM_ERR_BAD_TICKET_KEYS,
        "ticket keys: %zu bytes are not 1 to %d keys of %d bytes each",
        bytes.len, TLSTREAM_TICKET_KEYS_MAX, TLSTREAM_TICKET_KEY_LEN);
  }
  ring->count = bytes.len / TLSTREAM_TICKET_KEY_LEN;
  for (size_t i = 0; i < ring->count; i++) {
    tlstream__ticket_key *key = &ring->keys[i];
    memcpy(key->name, at, sizeof(key->name));
    memcpy(key->mac, at + sizeof(key->name), sizeof(key->mac));
    memcpy(key->cipher, at + sizeof(key->name) + sizeof(key->mac),
           sizeof(key->cipher));
    key->made = key->retired = now;
    at += TLSTREAM_TICKET_KEY_LEN;
  }
  return tlstream__ticket_ring_check(ring, error);
}

void tlstream__ticket_keys_replace(tlstream_ticket_keys *keys,
                                   const tlstream__ticket_ring *by) {
  pthread_mutex_lock(&keys->lock);
  tlstream__ticket_ring_wipe(&keys->ring);
  keys->ring = *by;
  pthread_mutex_unlock(&keys->lock);
}

void tlstream__ticket_keys_copy(tlstream_ticket_keys *keys,
                                tlstream__ticket_ring *out) {
  long long now = now_of(keys);
  pthread_mutex_lock(&keys->lock);
  rotate_if_due(keys, now);
  *out = keys->ring;
  pthread_mutex_unlock(&keys->lock);
}

int tlstream_ticket_keys_set(tlstream_ticket_keys *keys, tlstream_bytes bytes,
                             tlstream_error *error) {
  tlstream__ticket_ring ring = {0};
  tlstream__error_clear(error);
  int code = parse(&ring, bytes, now_of(keys), error);
  if (code == 0) tlstream__ticket_keys_replace(keys, &ring);
  tlstream__ticket_ring_wipe(&ring);
  return code;
}

int tlstream_ticket_keys_rotate(tlstream_ticket_keys *keys,
                                tlstream_error *error) {
  long long now = now_of(keys);
  tlstream__error_clear(error);
  tlstream__ossl_clear();
  pthread_mutex_lock(&keys->lock);
  rotate_if_due(keys, now);
  bool fine = put_in_front(&keys->ring, now, now);
  pthread_mutex_unlock(&keys->lock);
  return fine ? 0 : tlstream__ossl_failed(error, "make a ticket key");
}

static void set_times(tlstream_ticket_keys *keys,
                      const tlstream_ticket_keys_options *options) {
  keys->rotates = options->rotation_s != TLSTREAM_NO_ROTATION;
  keys->rotation_s =
      options->rotation_s != 0 ? options->rotation_s : DEFAULT_ROTATION_S;
  keys->retention_s =
      options->retention_s != 0 ? options->retention_s : DEFAULT_RETENTION_S;
  keys->clock = options->clock;
  keys->clock_data = options->clock_data;
}

static int fill(tlstream_ticket_keys *keys, tlstream_bytes given,
                tlstream_error *error) {
  if (given.data != NULL || given.len > 0) {
    return tlstream_ticket_keys_set(keys, given, error);
  }
  return tlstream_ticket_keys_rotate(keys, error);
}

tlstream_ticket_keys *
tlstream_ticket_keys_new(const tlstream_ticket_keys_options *options,
                         tlstream_error *error) {
  tlstream_ticket_keys_options known = {0};
  tlstream__error_clear(error);
  if (tlstream__options_copy(&known, sizeof(known), options, "ticket keys",
                             error) != 0) {
    return NULL;
  }
  tlstream_ticket_keys *keys = tlstream__calloc(sizeof(*keys));
  if (keys == NULL) {
    tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
    return NULL;
  }
  atomic_init(&keys->refs, 1);
  pthread_mutex_init(&keys->lock, NULL);
  set_times(keys, &known);
  if (fill(keys, known.keys, error) == 0) return keys;
  tlstream_ticket_keys_unref(keys);
  return NULL;
}

tlstream_ticket_keys *tlstream_ticket_keys_ref(tlstream_ticket_keys *keys) {
  assert(keys != NULL);
  atomic_fetch_add_explicit(&keys->refs, 1, memory_order_relaxed);
  return keys;
}

void tlstream_ticket_keys_unref(tlstream_ticket_keys *keys) {
  if (keys == NULL) return;
  size_t refs = atomic_fetch_sub_explicit(&keys->refs, 1, memory_order_acq_rel);
  assert(refs > 0);
  if (refs != 1) return;
  tlstream__ticket_ring_wipe(&keys->ring);
  pthread_mutex_destroy(&keys->lock);
  tlstream__free(keys);
}

/* As OpenSSL wants it; 0 if there is none. */
static int find(tlstream_ticket_keys *keys, const unsigned char *name,
                tlstream__ticket_key *out) {
  int found = 0;
  long long now = now_of(keys);
  pthread_mutex_lock(&keys->lock);
  rotate_if_due(keys, now);
  for (size_t i = 0; found == 0 && i < keys->ring.count; i++) {
    const tlstream__ticket_key *key = &keys->ring.keys[i];
    if (name != NULL && memcmp(key->name, name, sizeof(key->name)) != 0) {
      continue;
    }
    *out = *key;
    found = i == 0 ? 1 : 2;
  }
  pthread_mutex_unlock(&keys->lock);
  return found;
}

static bool start_mac(EVP_MAC_CTX *mac, const tlstream__ticket_key *key) {
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)key->mac,
                                        sizeof(key->mac)),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA256", 0),
      OSSL_PARAM_construct_end(),
  };
  return EVP_MAC_CTX_set_params(mac, params) == 1;
}

static bool start_cipher(EVP_CIPHER_CTX *cipher,
                         const tlstream__ticket_key *key,
                         const unsigned char *iv, int issue) {
  return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv,
                           issue) == 1;
}

int tlstream__ticket_keys_use(tlstream_ticket_keys *keys, unsigned char *name,
                              unsigned char *iv, EVP_CIPHER_CTX *cipher,
                              EVP_MAC_CTX *mac, int issue) {
  tlstream__ticket_key key;
  int found = find(keys, issue ? NULL : name, &key);
  bool fine = found != 0;
  if (fine && issue) {
    memcpy(name, key.name, sizeof(key.name));
    fine = RAND_bytes(iv, IV_LEN) == 1;
  }
  fine = fine && start_mac(mac, &key) && start_cipher(cipher, &key, iv, issue);
  OPENSSL_cleanse(&key, sizeof(key));
  return found == 0 ? 0 : fine ? found : -1;
}
