/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memmem */
/* The ring of ticket keys by itself: what it takes, how it rotates, what an
 * export is. D1. */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include <tlstream/memory.h>

#include "core/session/ticket_keys.h"
#include "support/test.h"
#include "support/torture.h"

enum {
  KEY = TLSTREAM_TICKET_KEY_LEN,
  ENTRY = KEY + 16, /* a key and its times */
  MOST = TLSTREAM_TICKET_KEYS_MAX
};

static const unsigned char password[32] = "a secret of thirty-two bytes...";
static const tlstream_bytes secret = {password, sizeof(password)};

static long long clock_says;

static long long read_clock(void *data) {
  return *(long long *)data;
}

static tlstream_ticket_keys *
ring_of(const tlstream_ticket_keys_options *given) {
  tlstream_error error;
  tlstream_ticket_keys *keys = tlstream_ticket_keys_new(given, &error);
  if (keys == NULL) TEST_STOP("%s", error.message);
  return keys;
}

/* Keys that differ in each byte. */
static tlstream_bytes some_keys(unsigned char *room, size_t count,
                                unsigned seed) {
  for (size_t i = 0; i < count * KEY; i++)
    room[i] = (unsigned char)(seed + 7 * i + i / KEY);
  return (tlstream_bytes){room, count * KEY};
}

/* The names, first bytes only, in their order. */
static size_t names_of(tlstream_ticket_keys *keys, unsigned char *out) {
  tlstream__ticket_ring ring;
  tlstream__ticket_keys_copy(keys, &ring);
  for (size_t i = 0; i < ring.count; i++)
    out[i] = ring.keys[i].name[0];
  return ring.count;
}

TEST(a_new_ring_has_one_random_key) {
  unsigned char names[2][MOST];
  tlstream_ticket_keys *keys = ring_of(NULL);
  tlstream_ticket_keys *other = ring_of(NULL);
  tlstream__ticket_ring rings[2];
  CHECK_INT(names_of(keys, names[0]), 1);
  CHECK_INT(names_of(other, names[1]), 1);
  tlstream__ticket_keys_copy(keys, &rings[0]);
  tlstream__ticket_keys_copy(other, &rings[1]);
  CHECK(memcmp(rings[0].keys, rings[1].keys, KEY) != 0);
  tlstream_ticket_keys_unref(other);
  tlstream_ticket_keys_unref(keys);
}

TEST(keys_are_set_in_their_order_and_the_last_set_counts) {
  unsigned char room[MOST * KEY];
  unsigned char names[MOST];
  tlstream_ticket_keys *keys =
      ring_of(TLSTREAM_TICKET_KEYS(.keys = some_keys(room, 3, 1)));
  CHECK_INT(names_of(keys, names), 3);
  for (size_t i = 0; i < 3; i++)
    CHECK_INT(names[i], room[i * KEY]);
  tlstream_bytes all = some_keys(room, MOST, 2);
  CHECK_ERROR(tlstream_ticket_keys_set(keys, all, NULL), 0);
  CHECK_INT(names_of(keys, names), MOST);
  CHECK_INT(names[0], 2);
  tlstream_ticket_keys_unref(keys);
}

TEST(what_are_no_keys_is_refused_and_changes_nothing) {
  unsigned char room[(MOST + 1) * KEY];
  unsigned char names[MOST];
  tlstream_error error;
  tlstream_ticket_keys *keys =
      ring_of(TLSTREAM_TICKET_KEYS(.keys = some_keys(room, 2, 9)));
  static const size_t lengths[] = {0,       1,  KEY - 1,
                                   KEY + 1, 48, (MOST + 1) * KEY};
  EACH_ROW(i, lengths) {
    tlstream_bytes odd = some_keys(room, MOST + 1, 3);
    odd.len = lengths[i];
    CHECK_ERROR(tlstream_ticket_keys_set(keys, odd, &error),
                TLSTREAM_ERR_BAD_TICKET_KEYS);
    CHECK_HAS(error.message, "not 1 to 16 keys of 80 bytes");
  }
  tlstream_bytes twice = some_keys(room, 2, 3);
  memcpy(room + KEY, room, 16);
  CHECK_ERROR(tlstream_ticket_keys_set(keys, twice, &error),
              TLSTREAM_ERR_BAD_TICKET_KEYS);
  CHECK_HAS(error.message, "number 2 has the name");
  for (size_t half = 0; half < 2; half++) {
    tlstream_bytes zero = some_keys(room, 2, 3);
    memset(room + 16 + half * 32, 0, 32);
    CHECK_ERROR(tlstream_ticket_keys_set(keys, zero, &error),
                TLSTREAM_ERR_BAD_TICKET_KEYS);
    CHECK_HAS(error.message, "number 1 is not random");
    CHECK(tlstream_ticket_keys_new(TLSTREAM_TICKET_KEYS(.keys = zero),
                                   &error) == NULL);
    CHECK_ERROR(error.code, TLSTREAM_ERR_BAD_TICKET_KEYS);
  }
  CHECK_INT(names_of(keys, names), 2);
  CHECK_INT(names[0], 9);
  tlstream_ticket_keys_unref(keys);
}

/* Opens what was issued with the ring's key of that name? As OpenSSL asks. */
static int use(tlstream_ticket_keys *keys, unsigned char *name, int issue) {
  unsigned char iv[EVP_MAX_IV_LENGTH] = {0};
  EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
  EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
  EVP_MAC_CTX *mac = EVP_MAC_CTX_new(hmac);
  int result = tlstream__ticket_keys_use(keys, name, iv, cipher, mac, issue);
  EVP_MAC_CTX_free(mac);
  EVP_MAC_free(hmac);
  EVP_CIPHER_CTX_free(cipher);
  return result;
}

TEST(a_ring_rotates_by_itself_and_forgets) {
  unsigned char first[16];
  unsigned char second[16];
  clock_says = 1000000;
  tlstream_ticket_keys *keys = ring_of(
      TLSTREAM_TICKET_KEYS(.rotation_s = 100, .retention_s = 150,
                           .clock = read_clock, .clock_data = &clock_says));
  CHECK_INT(use(keys, first, 1), 1);
  clock_says += 99;
  CHECK_INT(use(keys, second, 1), 1);
  CHECK(memcmp(first, second, 16) == 0);
  CHECK_INT(use(keys, first, 0), 1);
  clock_says += 1; /* 100: a new one issues */
  CHECK_INT(use(keys, first, 0), 2);
  CHECK_INT(use(keys, second, 1), 1);
  CHECK(memcmp(first, second, 16) != 0);
  clock_says += 149; /* 249: one more, and the first is just still there */
  CHECK_INT(use(keys, first, 0), 2);
  CHECK_INT(use(keys, second, 0), 2);
  clock_says += 1; /* 250 */
  CHECK_INT(use(keys, first, 0), 0);
  CHECK_INT(use(keys, second, 0), 2);
  tlstream_ticket_keys_unref(keys);
}

/* Keys age while the ring is not used. */
TEST(a_ring_that_slept_has_one_key) {
  unsigned char names[MOST];
  unsigned char first[16];
  clock_says = 1000000;
  tlstream_ticket_keys *keys = ring_of(
      TLSTREAM_TICKET_KEYS(.clock = read_clock, .clock_data = &clock_says));
  CHECK_INT(use(keys, first, 1), 1);
  clock_says += 3600 + 7200;
  CHECK_INT(use(keys, first, 0), 0);
  CHECK_INT(names_of(keys, names), 1);
  tlstream_ticket_keys_unref(keys);
}

TEST(a_clock_that_is_set_back_starts_the_time_again) {
  unsigned char name[16];
  clock_says = 1000000;
  tlstream_ticket_keys *keys =
      ring_of(TLSTREAM_TICKET_KEYS(.rotation_s = 100, .clock = read_clock,
                                   .clock_data = &clock_says));
  CHECK_INT(use(keys, name, 1), 1);
  clock_says = 5000;
  CHECK_INT(use(keys, name, 0), 1);
  clock_says += 99;
  CHECK_INT(use(keys, name, 0), 1);
  clock_says += 1;
  CHECK_INT(use(keys, name, 0), 2);
  tlstream_ticket_keys_unref(keys);
}

TEST(a_ring_without_rotation_stays_until_others_are_set) {
  unsigned char names[MOST];
  unsigned char name[16];
  clock_says = 1;
  tlstream_ticket_keys *keys = ring_of(
      TLSTREAM_TICKET_KEYS(.rotation_s = TLSTREAM_NO_ROTATION,
                           .clock = read_clock, .clock_data = &clock_says));
  CHECK_INT(use(keys, name, 1), 1);
  clock_says += 1000000000;
  CHECK_INT(use(keys, name, 0), 1);
  for (int i = 1; i < MOST; i++) {
    CHECK_ERROR(tlstream_ticket_keys_rotate(keys, NULL), 0);
    CHECK_INT(use(keys, name, 0), 2);
    CHECK_INT(names_of(keys, names), i + 1);
  }
  CHECK_ERROR(tlstream_ticket_keys_rotate(keys, NULL), 0);
  CHECK_INT(use(keys, name, 0), 0); /* the oldest made room */
  CHECK_INT(names_of(keys, names), MOST);
  tlstream_ticket_keys_unref(keys);
}

TEST(an_export_takes_keys_and_times_along) {
  unsigned char name[16];
  size_t len = 0;
  clock_says = 1000000;
  const tlstream_ticket_keys_options *options =
      TLSTREAM_TICKET_KEYS(.rotation_s = 100, .retention_s = 50,
                           .clock = read_clock, .clock_data = &clock_says);
  tlstream_ticket_keys *from = ring_of(options);
  tlstream_ticket_keys *to = ring_of(options);
  CHECK_INT(use(from, name, 1), 1);
  CHECK_INT(use(to, name, 0), 0);
  clock_says += 60;
  void *sealed = tlstream_ticket_keys_export(from, secret, &len, NULL);
  CHECK_ERROR(tlstream_ticket_keys_import(to, (tlstream_bytes){sealed, len},
                                          secret, NULL),
              0);
  CHECK_INT(use(to, name, 0), 1);
  clock_says += 40; /* it was 60 s old when it came */
  CHECK_INT(use(to, name, 0), 2);
  clock_says += 50;
  CHECK_INT(use(to, name, 0), 0);
  tlstream_free(sealed);
  tlstream_ticket_keys_unref(from);
  tlstream_ticket_keys_unref(to);
}

TEST(no_two_exports_are_equal_and_none_shows_a_key) {
  unsigned char room[KEY];
  size_t len[2] = {0, 0};
  tlstream_ticket_keys *keys =
      ring_of(TLSTREAM_TICKET_KEYS(.keys = some_keys(room, 1, 5)));
  void *one = tlstream_ticket_keys_export(keys, secret, &len[0], NULL);
  void *other = tlstream_ticket_keys_export(keys, secret, &len[1], NULL);
  CHECK_INT(len[0], len[1]);
  CHECK(memcmp((char *)one + 40, (char *)other + 40, len[0] - 40) != 0);
  CHECK(memmem(one, len[0], room, 8) == NULL);
  tlstream_free(one);
  tlstream_free(other);
  tlstream_ticket_keys_unref(keys);
}

/* Each bit of it counts, and each length; what is refused changes nothing. */
TEST(an_export_that_was_changed_is_refused) {
  unsigned char names[MOST];
  unsigned char room[2 * KEY];
  size_t len = 0;
  tlstream_error error;
  tlstream_ticket_keys *from =
      ring_of(TLSTREAM_TICKET_KEYS(.keys = some_keys(room, 2, 1)));
  tlstream_ticket_keys *to =
      ring_of(TLSTREAM_TICKET_KEYS(.keys = some_keys(room, 2, 9)));
  unsigned char *sealed = tlstream_ticket_keys_export(from, secret, &len, NULL);
  for (size_t i = 0; i < len; i++) {
    IN_CASE("byte %zu of %zu", i, len);
    sealed[i] ^= 1u << i % 8;
    CHECK_ERROR(tlstream_ticket_keys_import(to, (tlstream_bytes){sealed, len},
                                            secret, &error),
                i < 8 ? TLSTREAM_ERR_BAD_TICKET_KEYS
                      : TLSTREAM_ERR_WRONG_SECRET);
    sealed[i] ^= 1u << i % 8;
    CHECK_ERROR(tlstream_ticket_keys_import(to, (tlstream_bytes){sealed, i},
                                            secret, &error),
                i == len - ENTRY ? TLSTREAM_ERR_WRONG_SECRET
                                 : TLSTREAM_ERR_BAD_TICKET_KEYS);
  }
  unsigned char other[sizeof(password)];
  memcpy(other, password, sizeof(other));
  other[31] ^= 1;
  CHECK_ERROR(tlstream_ticket_keys_import(
                  to, (tlstream_bytes){sealed, len},
                  (tlstream_bytes){other, sizeof(other)}, &error),
              TLSTREAM_ERR_WRONG_SECRET);
  CHECK_INT(names_of(to, names), 2);
  CHECK_INT(names[0], 9);
  tlstream_free(sealed);
  tlstream_ticket_keys_unref(from);
  tlstream_ticket_keys_unref(to);
}

TEST(a_password_is_no_secret) {
  static const tlstream_bytes weak[] = {
      {NULL, 0}, {"hunter2", 7}, {password, 31}, {NULL, 32}};
  size_t len = 0;
  tlstream_error error;
  tlstream_ticket_keys *keys = ring_of(NULL);
  EACH_ROW(i, weak) {
    CHECK(tlstream_ticket_keys_export(keys, weak[i], &len, &error) == NULL);
    CHECK_ERROR(error.code, TLSTREAM_ERR_INVALID_ARGUMENT);
    CHECK_ERROR(tlstream_ticket_keys_import(keys, secret, weak[i], &error),
                TLSTREAM_ERR_INVALID_ARGUMENT);
    CHECK_HAS(error.message, "not a password");
  }
  tlstream_ticket_keys_unref(keys);
}

TEST(keys_are_wiped) {
  unsigned char room[3 * KEY];
  size_t len = 0;
  torture_install();
  tlstream_bytes given = some_keys(room, 3, 1);
  torture_watch(room + 16, 32);
  tlstream_ticket_keys *keys = ring_of(TLSTREAM_TICKET_KEYS(.keys = given));
  tlstream_free(tlstream_ticket_keys_export(keys, secret, &len, NULL));
  tlstream_ticket_keys_ref(keys);
  tlstream_ticket_keys_unref(keys);
  tlstream_ticket_keys_unref(keys);
  CHECK_INT(torture_spilled(TORTURE_LIBRARY), 0);
  torture_watch(NULL, 0);
}

static void make_and_export(void *data) {
  size_t len = 0;
  tlstream_error error = {0};
  (void)data;
  tlstream_ticket_keys *keys = tlstream_ticket_keys_new(NULL, &error);
  void *sealed = keys != NULL
                     ? tlstream_ticket_keys_export(keys, secret, &len, &error)
                     : NULL;
  CHECK(sealed != NULL || error.code == TLSTREAM_ERR_NO_MEMORY);
  tlstream_free(sealed);
  tlstream_ticket_keys_unref(keys);
}

TEST(without_memory_there_is_an_error) {
  torture_install();
  CHECK_INT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, make_and_export, NULL),
            3);
}

static void *work(void *data) {
  tlstream_ticket_keys *keys = data;
  unsigned char name[16];
  size_t len = 0;
  size_t failures = 0;
  for (int i = 0; i < 50; i++) {
    failures += use(keys, name, 1) != 1;
    failures += use(keys, name, 0) < 0;
    failures += tlstream_ticket_keys_rotate(keys, NULL) != 0;
    void *sealed = tlstream_ticket_keys_export(keys, secret, &len, NULL);
    failures += tlstream_ticket_keys_import(keys, (tlstream_bytes){sealed, len},
                                            secret, NULL) != 0;
    tlstream_free(sealed);
  }
  tlstream_ticket_keys_unref(keys);
  return (void *)failures;
}

TEST(threads_share_a_ring) {
  pthread_t threads[4];
  tlstream_ticket_keys *keys = ring_of(NULL);
  for (int i = 0; i < 4; i++)
    pthread_create(&threads[i], NULL, work, tlstream_ticket_keys_ref(keys));
  for (int i = 0; i < 4; i++) {
    void *failures = NULL;
    pthread_join(threads[i], &failures);
    CHECK_INT((intptr_t)failures, 0);
  }
  tlstream_ticket_keys_unref(keys);
}
