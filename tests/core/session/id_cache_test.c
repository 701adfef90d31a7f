/* SPDX-License-Identifier: MIT */
/* The cache of sessions by id: bounded, in the order of their age, wiped. D3.
 */
#include <pthread.h>
#include <stdint.h>

#include "core/session/id_cache.h"
#include "support/test.h"
#include "support/torture.h"

enum { NEVER = 1 << 30 };

static unsigned char room[TLSTREAM__ID_SESSION_MAX];

/* An id of 32 bytes for a number. */
static const unsigned char *id_of(unsigned number, unsigned char *id) {
  memset(id, 0, TLSTREAM__ID_LEN_MAX);
  memcpy(id, &number, sizeof(number));
  return id;
}

static void put(tlstream__id_cache *cache, unsigned number, const char *text,
                long long ends) {
  unsigned char id[TLSTREAM__ID_LEN_MAX];
  tlstream__id_cache_put(cache, id_of(number, id), sizeof(id), text,
                         strlen(text), ends);
}

/* What is kept, as a text, or "". */
static const char *get(tlstream__id_cache *cache, unsigned number,
                       long long now) {
  unsigned char id[TLSTREAM__ID_LEN_MAX];
  size_t len =
      tlstream__id_cache_get(cache, id_of(number, id), sizeof(id), now, room);
  room[len] = '\0';
  return (const char *)room;
}

TEST(what_was_put_is_found_until_it_ends) {
  tlstream__id_cache *cache = tlstream__id_cache_new(3);
  CHECK_STR(get(cache, 1, 0), "");
  put(cache, 1, "one", 100);
  put(cache, 2, "two", 100);
  CHECK_STR(get(cache, 1, 99), "one");
  CHECK_STR(get(cache, 2, 99), "two");
  put(cache, 1, "another", 200);
  CHECK_STR(get(cache, 1, 99), "another");
  CHECK_STR(get(cache, 2, 100), "");
  CHECK_STR(get(cache, 2, 50), ""); /* it was forgotten */
  CHECK_STR(get(cache, 1, 100), "another");
  unsigned char id[TLSTREAM__ID_LEN_MAX];
  tlstream__id_cache_drop(cache, id_of(1, id), sizeof(id));
  tlstream__id_cache_drop(cache, id_of(1, id), sizeof(id));
  CHECK_STR(get(cache, 1, 0), "");
  tlstream__id_cache_free(cache);
  tlstream__id_cache_free(NULL);
}

TEST(the_oldest_makes_room) {
  for (unsigned capacity = 1; capacity <= 5; capacity++) {
    tlstream__id_cache *cache = tlstream__id_cache_new(capacity);
    for (unsigned i = 0; i < 100; i++) {
      put(cache, i, "x", NEVER);
      CHECK_STR(get(cache, i, 0), "x");
      if (i + 1 >= capacity) CHECK_STR(get(cache, i + 1 - capacity, 0), "x");
      if (i >= capacity) CHECK_STR(get(cache, i - capacity, 0), "");
    }
    tlstream__id_cache_free(cache);
  }
}

/* Ids of one chain, as a peer cannot make them: they are ours. */
TEST(ids_with_the_same_start_are_told_apart) {
  tlstream__id_cache *cache = tlstream__id_cache_new(50);
  for (unsigned i = 0; i < 50; i++)
    put(cache, i << 16, i % 2 == 0 ? "even" : "odd", NEVER);
  for (unsigned i = 0; i < 50; i++)
    CHECK_STR(get(cache, i << 16, 0), i % 2 == 0 ? "even" : "odd");
  tlstream__id_cache_free(cache);
}

TEST(odd_ids_and_long_sessions_are_not_kept) {
  static const size_t lengths[] = {0, 1, TLSTREAM__ID_LEN_MAX + 1};
  static unsigned char large[TLSTREAM__ID_SESSION_MAX + 1];
  unsigned char id[TLSTREAM__ID_LEN_MAX + 1] = "an id";
  tlstream__id_cache *cache = tlstream__id_cache_new(3);
  EACH_ROW(i, lengths) {
    tlstream__id_cache_put(cache, id, lengths[i], "x", 1, NEVER);
    CHECK_INT(tlstream__id_cache_get(cache, id, lengths[i], 0, room), 0);
  }
  tlstream__id_cache_put(cache, id, 5, large, sizeof(large), NEVER);
  CHECK_INT(tlstream__id_cache_get(cache, id, 5, 0, room), 0);
  tlstream__id_cache_put(cache, id, 5, large, sizeof(large) - 1, NEVER);
  CHECK_INT(tlstream__id_cache_get(cache, id, 5, 0, room), sizeof(large) - 1);
  CHECK_INT(tlstream__id_cache_get(cache, id, 4, 0, room), 0);
  tlstream__id_cache_free(cache);
}

/* A million clients are as many bytes as a hundred. */
TEST(memory_stays_where_it_is) {
  torture_install();
  tlstream__id_cache *cache = tlstream__id_cache_new(100);
  size_t full = 0;
  for (unsigned i = 0; i < 1000000; i++) {
    put(cache, i, "some bytes", NEVER);
    if (i == 99) full = torture_bytes();
  }
  CHECK_INT(torture_bytes(), full);
  tlstream__id_cache_free(cache);
}

TEST(sessions_are_wiped) {
  torture_install();
  torture_watch("master secret", 13);
  tlstream__id_cache *cache = tlstream__id_cache_new(2);
  for (unsigned i = 0; i < 4; i++)
    put(cache, i, "master secret", 100);
  get(cache, 3, 100);
  tlstream__id_cache_free(cache);
  CHECK_INT(torture_spilled(TORTURE_LIBRARY), 0);
  torture_watch(NULL, 0);
}

static void keep_one(void *unused) {
  (void)unused;
  tlstream__id_cache *cache = tlstream__id_cache_new(2);
  if (cache == NULL) return;
  put(cache, 1, "x", NEVER);
  CHECK_STR(get(cache, 1, 0), torture_struck() ? "" : "x");
  tlstream__id_cache_free(cache);
}

TEST(without_memory_nothing_is_kept) {
  torture_install();
  CHECK_INT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, keep_one, NULL), 4);
}

static void *work(void *data) {
  unsigned char id[TLSTREAM__ID_LEN_MAX];
  unsigned char out[TLSTREAM__ID_SESSION_MAX];
  size_t odd = 0;
  for (unsigned i = 0; i < 1000; i++) {
    tlstream__id_cache_put(data, id_of(i % 20, id), sizeof(id), "x", 1, NEVER);
    odd += tlstream__id_cache_get(data, id, sizeof(id), 0, out) > 1;
    tlstream__id_cache_drop(data, id_of(i % 7, id), sizeof(id));
  }
  return (void *)odd;
}

TEST(threads_share_a_cache) {
  pthread_t threads[4];
  tlstream__id_cache *cache = tlstream__id_cache_new(10);
  for (int i = 0; i < 4; i++)
    pthread_create(&threads[i], NULL, work, cache);
  for (int i = 0; i < 4; i++) {
    void *odd = NULL;
    pthread_join(threads[i], &odd);
    CHECK_INT((intptr_t)odd, 0);
  }
  tlstream__id_cache_free(cache);
}
