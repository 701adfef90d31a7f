/* SPDX-License-Identifier: MIT */
/* K1, H1: one context, many threads. Of most use under ThreadSanitizer. */
#include <pthread.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "support/connect.h"
#include "support/make_cert.h"
#include "support/test.h"
#include "support/torture.h"

enum { THREADS = 8, ROUNDS = 25 };

typedef struct worker {
  pthread_t thread;
  pthread_barrier_t *start;
  tlstream_context *client; /* a reference of its own */
  tlstream_context *server; /* likewise */
  tlstream_bytes key;
  tlstream_bytes cert;
  int met;
  int refused;
} worker;

/* The threads do not check: their results are looked at when they are done. */
static void *run_shared(void *data) {
  worker *self = data;
  pthread_barrier_wait(self->start);
  for (int i = 0; i < ROUNDS; i++) {
    tlstream_context *client = tlstream_context_ref(self->client);
    tlstream_context *server = tlstream_context_ref(self->server);
    connection both =
        connect_pairs(client, server, i % 2 == 0 ? "a.test" : "b.test");
    self->met += tlstream_pair_authorized(both.client);
    self->refused += tlstream_pair_error(both.client) != NULL;
    tlstream_context_unref(client);
    tlstream_context_unref(server);
    disconnect_pairs(&both);
  }
  tlstream_context_unref(self->client);
  tlstream_context_unref(self->server);
  return NULL;
}

/* Each makes contexts of its own, good ones and bad ones. */
static void *run_alone(void *data) {
  worker *self = data;
  pthread_barrier_wait(self->start);
  for (int i = 0; i < ROUNDS; i++) {
    tlstream_error error;
    tlstream_context *context = tlstream_context_new(
        TLSTREAM_CONTEXT(.key = self->key, .cert = self->cert,
                         .ca = i % 2 == 0 ? self->cert : self->key),
        &error);
    self->met += context != NULL;
    self->refused += error.code == TLSTREAM_ERR_BAD_CERTIFICATE;
    tlstream_context_unref(context);
  }
  return NULL;
}

static void run_all(worker *workers, void *(*run)(void *)) {
  pthread_barrier_t start;
  pthread_barrier_init(&start, NULL, THREADS);
  for (int i = 0; i < THREADS; i++) {
    workers[i].start = &start;
    CHECK_INT(pthread_create(&workers[i].thread, NULL, run, &workers[i]), 0);
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(workers[i].thread, NULL);
    CHECK_INT(workers[i].met, ROUNDS / 2 + 1);
    CHECK_INT(workers[i].refused, ROUNDS / 2);
  }
  pthread_barrier_destroy(&start);
}

/* Where the system's roots are, for the next context; and each worker has made
 * more than that. */
enum { KEPT_MAX = 4 };

/* The first thing that the program does: what is made once is made here. The
 * last reference may be any thread's. */
TEST(one_context_serves_many_threads) {
  worker workers[THREADS] = {0};
  made_cert root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  made_cert leaf = make_cert(&(cert_plan){.name = "a.test", .by = &root});
  torture_install();
  tlstream_context *client = context_with(NULL, &root);
  tlstream_context *server = context_with(&leaf, NULL);
  for (int i = 0; i < THREADS; i++) {
    workers[i].client = tlstream_context_ref(client);
    workers[i].server = tlstream_context_ref(server);
  }
  tlstream_context_unref(client);
  tlstream_context_unref(server);
  run_all(workers, run_shared);
  CHECK_LE(torture_live(TORTURE_LIBRARY), KEPT_MAX);
  made_cert_clear(&leaf);
  made_cert_clear(&root);
}

TEST(contexts_are_made_on_any_thread) {
  worker workers[THREADS] = {0};
  made_cert alone = make_cert(&(cert_plan){.name = "a.test"});
  torture_install();
  for (int i = 0; i < THREADS; i++) {
    workers[i].key = alone.key_pem;
    workers[i].cert = alone.cert_pem;
  }
  run_all(workers, run_alone);
  CHECK_LE(torture_live(TORTURE_LIBRARY), KEPT_MAX);
  made_cert_clear(&alone);
}
