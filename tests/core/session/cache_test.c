/* SPDX-License-Identifier: MIT */
/* A client's cache: bounded, by server, each session of TLS 1.3 once. D3, D7.
 */
#include <pthread.h>

#include "core/session/cache.h"
#include "support/visit.h"

#include "support/test.h"

enum { NOW = 0 }; /* nothing has expired */

static tlstream_context *client;
static tlstream_context *servers[2];

BEFORE_TESTS(set_up) {
  client = visit_client();
  servers[0] = visit_server(TLSTREAM_TLS_1_2);
  servers[1] = visit_server(TLSTREAM_TLS_1_3);
}

AFTER_TESTS(tear_down) {
  tlstream_context_unref(servers[0]);
  tlstream_context_unref(servers[1]);
  tlstream_context_unref(client);
}

static tlstream__fingerprint key_of(unsigned number) {
  tlstream__fingerprint key = {
      {(unsigned char)number, (unsigned char)(number >> 8)}};
  return key;
}

static void put(tlstream__session_cache *cache, unsigned number,
                tlstream_session *session) {
  tlstream__fingerprint key = key_of(number);
  tlstream__session_cache_put(cache, &key, session);
}

static tlstream_session *take(tlstream__session_cache *cache, unsigned number,
                              const tlstream_session *like, long long now) {
  tlstream__fingerprint key = key_of(number);
  return tlstream__session_cache_take(
      cache, &key, tlstream__session_terms_of(like).binding, now, now);
}

static bool has(tlstream__session_cache *cache, unsigned number,
                const tlstream_session *like) {
  tlstream_session *found = take(cache, number, like, NOW);
  tlstream_session_unref(found);
  return found != NULL;
}

TEST(one_of_1_2_stays_and_one_of_1_3_leaves) {
  for (int v = 0; v < 2; v++) {
    tlstream__session_cache *cache = tlstream__session_cache_new(8);
    tlstream_session *made = visit_session(client, servers[v]);
    put(cache, 1, made);
    CHECK(!has(cache, 2, made));
    CHECK(has(cache, 1, made));
    CHECK_INT(has(cache, 1, made), v == 0);
    tlstream__session_cache_free(cache);
    tlstream_session_unref(made);
  }
}

TEST(what_was_used_longest_ago_makes_room) {
  tlstream__session_cache *cache = tlstream__session_cache_new(3);
  tlstream_session *made = visit_session(client, servers[0]);
  for (unsigned i = 0; i < 3; i++)
    put(cache, i, made);
  CHECK(has(cache, 0, made));
  put(cache, 3, made);
  CHECK(has(cache, 0, made));
  CHECK(!has(cache, 1, made));
  CHECK(has(cache, 2, made) && has(cache, 3, made));
  tlstream__session_cache_free(cache);
  tlstream_session_unref(made);
}

TEST(it_never_holds_more_than_it_may) {
  enum { CAPACITY = 5, MANY = 2000 };
  tlstream__session_cache *cache = tlstream__session_cache_new(CAPACITY);
  tlstream_session *made = visit_session(client, servers[0]);
  unsigned found = 0;
  for (unsigned i = 0; i < MANY; i++)
    put(cache, i, made);
  for (unsigned i = 0; i < MANY; i++)
    found += has(cache, i, made);
  CHECK_INT(found, CAPACITY);
  tlstream__session_cache_free(cache);
  tlstream_session_unref(made);
}

TEST(of_one_server_there_are_few_and_the_latest_first) {
  enum { PUT = 6, STAY = 4 };
  tlstream__session_cache *cache = tlstream__session_cache_new(100);
  tlstream_session *made[PUT];
  for (int i = 0; i < PUT; i++) {
    made[i] = visit_session(client, servers[1]);
    put(cache, 1, made[i]);
  }
  for (int i = PUT - 1; i >= 0; i--) {
    tlstream_session *taken = take(cache, 1, made[0], NOW);
    CHECK(taken == (i >= PUT - STAY ? made[i] : NULL));
    tlstream_session_unref(taken);
  }
  for (int i = 0; i < PUT; i++)
    tlstream_session_unref(made[i]);
  tlstream__session_cache_free(cache);
}

TEST(a_later_one_of_1_2_replaces_what_there_is) {
  tlstream__session_cache *cache = tlstream__session_cache_new(100);
  tlstream_session *old = visit_session(client, servers[1]);
  tlstream_session *new = visit_session(client, servers[0]);
  put(cache, 1, old);
  put(cache, 1, new);
  tlstream_session *taken = take(cache, 1, new, NOW);
  CHECK(taken == new);
  tlstream_session_unref(taken);
  tlstream__session_cache_drop(cache, &(tlstream__fingerprint){{1}}, new);
  CHECK(!has(cache, 1, new));
  tlstream__session_cache_free(cache);
  tlstream_session_unref(old);
  tlstream_session_unref(new);
}

TEST(what_does_not_fit_any_more_is_dropped) {
  tlstream__session_cache *cache = tlstream__session_cache_new(100);
  tlstream_session *made = visit_session(client, servers[0]);
  put(cache, 1, made);
  CHECK(take(cache, 1, made, tlstream_session_expires(made)) == NULL);
  CHECK(!has(cache, 1, made));
  tlstream__session_cache_free(cache);
  tlstream_session_unref(made);
}

/* With pairs: by name and port, and each context has its own. */
TEST(a_context_resumes_by_itself) {
  for (int v = 0; v < 2; v++) {
    tlstream_context *cached = context_of(
        TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem, .session_cache_size = 10));
    tlstream_context *other = context_of(
        TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem, .session_cache_size = 10));
    visit at = {.client = cached, .server = servers[v], .port = 443};
    visit done = visit_run(at);
    CHECK(done.secure && !done.resumed);
    tlstream_session_unref(done.kept);
    for (int i = 0; i < 3; i++) {
      done = visit_run(at);
      CHECK(done.secure && done.authorized && done.resumed);
      CHECK_INT(done.source, TLSTREAM_SOURCE_SESSION);
      tlstream_session_unref(done.kept);
    }
    at.port = 8443;
    done = visit_run(at);
    CHECK(done.secure && !done.resumed);
    tlstream_session_unref(done.kept);
    at.port = 443;
    at.client = other;
    done = visit_run(at);
    CHECK(done.secure && !done.resumed);
    tlstream_session_unref(done.kept);
    tlstream_context_unref(other);
    tlstream_context_unref(cached);
  }
}

/* A server that cannot resume what it gave must not fail for ever. */
TEST(a_session_that_came_to_grief_is_forgotten) {
  tlstream_context *cached = context_of(
      TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem, .session_cache_size = 10));
  visit at = {.client = cached, .server = servers[0]};
  visit done = visit_run(at);
  tlstream_session_unref(done.kept);
  tlstream_pair *pair = client_with(cached, NULL);
  tlstream_error reset = reset_cause;
  CHECK_INT(tlstream_pair_start(pair), 0);
  tlstream_pair_feed_error(pair, &reset);
  tlstream_pair_free(pair);
  done = visit_run(at);
  CHECK(done.secure && !done.resumed);
  tlstream_session_unref(done.kept);
  tlstream_context_unref(cached);
}

/* Threads put and take at once; the sanitizer for threads looks on. */
typedef struct worker {
  tlstream__session_cache *cache;
  tlstream_session *session;
  unsigned taken;
} worker;

static void *work(void *data) {
  worker *self = data;
  for (unsigned i = 0; i < 500; i++) {
    put(self->cache, i % 7, self->session);
    self->taken += has(self->cache, (i + 6) % 7, self->session);
  }
  return NULL;
}

TEST(threads_share_it) {
  enum { THREADS = 3 };
  pthread_t threads[THREADS];
  worker workers[THREADS];
  tlstream__session_cache *cache = tlstream__session_cache_new(4);
  tlstream_session *made = visit_session(client, servers[0]);
  for (int i = 0; i < THREADS; i++) {
    workers[i] = (worker){.cache = cache, .session = made};
    CHECK_INT(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
  }
  for (int i = 0; i < THREADS; i++) {
    CHECK_INT(pthread_join(threads[i], NULL), 0);
    CHECK_GT(workers[i].taken, 0);
  }
  tlstream__session_cache_free(cache);
  tlstream_session_unref(made);
}
