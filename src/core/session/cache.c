/* SPDX-License-Identifier: MIT */
/*
 * Entries are in a list by age and, by server, in chains of a hash table. New
 * ones go to the front of both, so that a chain, too, begins with the latest.
 */
#include "core/session/cache.h"

#include <pthread.h>
#include <string.h>

#include "base/alloc.h"

enum {
  BUCKETS_MAX = 4096,
  PER_SERVER = 4 /* for as many connections at once; servers send two or so */
};

typedef struct entry {
  struct entry *newer;
  struct entry *older;
  struct entry *next; /* in its chain */
  tlstream__fingerprint key;
  tlstream_session *session; /* a reference */
} entry;

struct tlstream__session_cache {
  pthread_mutex_t lock;
  entry *newest;
  entry *oldest;
  size_t count;
  size_t capacity;
  size_t mask; /* of the index of a chain */
  entry *chains[];
};

static size_t buckets_for(size_t capacity) {
  size_t buckets = 1;
  while (buckets < capacity && buckets < BUCKETS_MAX)
    buckets *= 2;
  return buckets;
}

tlstream__session_cache *tlstream__session_cache_new(size_t capacity) {
  size_t buckets = buckets_for(capacity);
  tlstream__session_cache *made =
      tlstream__calloc(sizeof(*made) + buckets * sizeof(entry *));
  if (made == NULL) return NULL;
  if (pthread_mutex_init(&made->lock, NULL) != 0) {
    tlstream__free(made);
    return NULL;
  }
  made->capacity = capacity;
  made->mask = buckets - 1;
  return made;
}

/* The key is a digest: any of its bytes will do. */
static entry **chain_of(tlstream__session_cache *cache,
                        const tlstream__fingerprint *key) {
  size_t number = 0;
  memcpy(&number, key->bytes, sizeof(number));
  return &cache->chains[number & cache->mask];
}

static void unlink_from_chain(tlstream__session_cache *cache, entry *gone) {
  entry **at = chain_of(cache, &gone->key);
  while (*at != gone)
    at = &(*at)->next;
  *at = gone->next;
}

static void unlink_from_list(tlstream__session_cache *cache, entry *gone) {
  *(gone->newer != NULL ? &gone->newer->older : &cache->newest) = gone->older;
  *(gone->older != NULL ? &gone->older->newer : &cache->oldest) = gone->newer;
}

static void link_to_both(tlstream__session_cache *cache, entry *added) {
  entry **chain = chain_of(cache, &added->key);
  added->next = *chain;
  *chain = added;
  added->newer = NULL;
  added->older = cache->newest;
  *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = added;
  cache->newest = added;
}

/* Take an entry out and return its reference. */
static tlstream_session *take_out(tlstream__session_cache *cache, entry *gone) {
  tlstream_session *session = gone->session;
  unlink_from_chain(cache, gone);
  unlink_from_list(cache, gone);
  cache->count--;
  tlstream__free(gone);
  return session;
}

static void forget(tlstream__session_cache *cache, entry *gone) {
  tlstream_session_unref(take_out(cache, gone));
}

void tlstream__session_cache_free(tlstream__session_cache *cache) {
  if (cache == NULL) return;
  while (cache->oldest != NULL)
    forget(cache, cache->oldest);
  pthread_mutex_destroy(&cache->lock);
  tlstream__free(cache);
}

/* The next entry of a server in a chain, from `at` on. */
static entry *find(entry *at, const tlstream__fingerprint *key) {
  while (at != NULL && memcmp(&at->key, key, sizeof(*key)) != 0)
    at = at->next;
  return at;
}

/* A session that can be used again replaces what there is of its server, and
 * is replaced; of the others the latest stay. */
static void make_room(tlstream__session_cache *cache,
                      const tlstream__fingerprint *key, bool single_use) {
  size_t kept = 0;
  entry *next = NULL;
  for (entry *at = find(*chain_of(cache, key), key); at != NULL; at = next) {
    next = find(at->next, key);
    bool stays = single_use && tlstream_session_is_single_use(at->session) &&
                 ++kept < PER_SERVER;
    if (!stays) forget(cache, at);
  }
  if (cache->count == cache->capacity) forget(cache, cache->oldest);
}

void tlstream__session_cache_put(tlstream__session_cache *cache,
                                 const tlstream__fingerprint *key,
                                 tlstream_session *session) {
  entry *made = tlstream__calloc(sizeof(*made));
  if (made == NULL) return;
  made->key = *key;
  made->session = tlstream_session_ref(session);
  pthread_mutex_lock(&cache->lock);
  make_room(cache, key, tlstream_session_is_single_use(session));
  link_to_both(cache, made);
  cache->count++;
  pthread_mutex_unlock(&cache->lock);
}

/* What is used again is used lately. */
static tlstream_session *use(tlstream__session_cache *cache, entry *used) {
  if (tlstream_session_is_single_use(used->session)) {
    return take_out(cache, used);
  }
  unlink_from_chain(cache, used);
  unlink_from_list(cache, used);
  link_to_both(cache, used);
  return tlstream_session_ref(used->session);
}

tlstream_session *tlstream__session_cache_take(
    tlstream__session_cache *cache, const tlstream__fingerprint *key,
    const tlstream__fingerprint *binding, long long now, long long judged) {
  tlstream_session *taken = NULL;
  pthread_mutex_lock(&cache->lock);
  entry *at = find(*chain_of(cache, key), key);
  while (at != NULL && taken == NULL) {
    entry *next = find(at->next, key);
    if (tlstream__session_fits(at->session, binding, now, judged)) {
      taken = use(cache, at);
    } else {
      forget(cache, at);
    }
    at = next;
  }
  pthread_mutex_unlock(&cache->lock);
  return taken;
}

void tlstream__session_cache_drop(tlstream__session_cache *cache,
                                  const tlstream__fingerprint *key,
                                  const tlstream_session *session) {
  pthread_mutex_lock(&cache->lock);
  entry *at = find(*chain_of(cache, key), key);
  while (at != NULL && at->session != session)
    at = find(at->next, key);
  if (at != NULL) forget(cache, at);
  pthread_mutex_unlock(&cache->lock);
}
