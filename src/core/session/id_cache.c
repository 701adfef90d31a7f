/* SPDX-License-Identifier: MIT */
/* Entries are in a list by age and in the chains of a hash table, which is made
 * with the first of them: most servers never have one. */
#include "core/session/id_cache.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/alloc.h"

enum { BUCKETS_MAX = 4096 };

typedef struct entry {
  struct entry *newer;
  struct entry *older;
  struct entry *next; /* in its chain */
  long long ends;
  unsigned char id[TLSTREAM__ID_LEN_MAX];
  size_t id_len;
  size_t len;
  unsigned char bytes[];
} entry;

struct tlstream__id_cache {
  pthread_mutex_t lock; /* for all that follows */
  entry *newest;
  entry *oldest;
  entry **chains; /* NULL before the first entry */
  size_t mask;    /* of the index of a chain */
  size_t count;
  size_t capacity;
};

tlstream__id_cache *tlstream__id_cache_new(size_t capacity) {
  tlstream__id_cache *made = tlstream__calloc(sizeof(*made));
  if (made == NULL) return NULL;
  pthread_mutex_init(&made->lock, NULL);
  made->capacity = capacity;
  made->mask = 1;
  while (made->mask < capacity && made->mask < BUCKETS_MAX)
    made->mask *= 2;
  made->mask--;
  return made;
}

/* Ids are our own random bytes: any of them will do. A client that asks for
 * others finds one chain, and adds to none. */
static entry **chain_of(tlstream__id_cache *cache, const unsigned char *id) {
  size_t number = (size_t)id[0] << 8 | id[1];
  return &cache->chains[number & cache->mask];
}

static bool is_it(const entry *at, const void *id, size_t len) {
  return at->id_len == len && memcmp(at->id, id, len) == 0;
}

static bool is_id(size_t len) {
  return len >= 2 && len <= TLSTREAM__ID_LEN_MAX;
}

static entry *find(tlstream__id_cache *cache, const void *id, size_t len) {
  if (cache->chains == NULL || !is_id(len)) return NULL;
  entry *at = *chain_of(cache, id);
  while (at != NULL && !is_it(at, id, len))
    at = at->next;
  return at;
}

static void release(entry *gone) {
  OPENSSL_cleanse(gone, sizeof(*gone) + gone->len);
  tlstream__free(gone);
}

static void forget(tlstream__id_cache *cache, entry *gone) {
  entry **at = chain_of(cache, gone->id);
  while (*at != gone)
    at = &(*at)->next;
  *at = gone->next;
  *(gone->newer != NULL ? &gone->newer->older : &cache->newest) = gone->older;
  *(gone->older != NULL ? &gone->older->newer : &cache->oldest) = gone->newer;
  cache->count--;
  release(gone);
}

void tlstream__id_cache_free(tlstream__id_cache *cache) {
  if (cache == NULL) return;
  while (cache->oldest != NULL)
    forget(cache, cache->oldest);
  tlstream__free(cache->chains);
  pthread_mutex_destroy(&cache->lock);
  tlstream__free(cache);
}

static void add(tlstream__id_cache *cache, entry *made) {
  entry *same = find(cache, made->id, made->id_len);
  if (same != NULL) forget(cache, same);
  if (cache->count == cache->capacity) forget(cache, cache->oldest);
  entry **chain = chain_of(cache, made->id);
  made->next = *chain;
  *chain = made;
  made->older = cache->newest;
  *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = made;
  cache->newest = made;
  cache->count++;
}

void tlstream__id_cache_put(tlstream__id_cache *cache, const void *id,
                            size_t id_len, const void *bytes, size_t len,
                            long long ends) {
  if (!is_id(id_len) || len > TLSTREAM__ID_SESSION_MAX) return;
  entry *made = tlstream__calloc(sizeof(*made) + len);
  if (made == NULL) return;
  made->ends = ends;
  made->id_len = id_len;
  made->len = len;
  memcpy(made->id, id, id_len);
  memcpy(made->bytes, bytes, len);
  pthread_mutex_lock(&cache->lock);
  if (cache->chains == NULL) {
    cache->chains = tlstream__calloc((cache->mask + 1) * sizeof(entry *));
  }
  bool fine = cache->chains != NULL;
  if (fine) add(cache, made);
  pthread_mutex_unlock(&cache->lock);
  if (!fine) release(made);
}

size_t tlstream__id_cache_get(tlstream__id_cache *cache, const void *id,
                              size_t id_len, long long now, void *out) {
  size_t len = 0;
  pthread_mutex_lock(&cache->lock);
  entry *found = find(cache, id, id_len);
  if (found != NULL && found->ends <= now) {
    forget(cache, found);
  } else if (found != NULL) {
    len = found->len;
    memcpy(out, found->bytes, len);
  }
  pthread_mutex_unlock(&cache->lock);
  return len;
}

void tlstream__id_cache_drop(tlstream__id_cache *cache, const void *id,
                             size_t id_len) {
  pthread_mutex_lock(&cache->lock);
  entry *found = find(cache, id, id_len);
  if (found != NULL) forget(cache, found);
  pthread_mutex_unlock(&cache->lock);
}
