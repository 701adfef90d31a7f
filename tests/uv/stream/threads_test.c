/* SPDX-License-Identifier: MIT */
/*
 * K1, K2: four loops on four threads share two contexts. Every thread serves,
 * and connects to all four servers; the last reference to a context goes where
 * the last connection does. For ThreadSanitizer.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include <tlstream/client.h>
#include <tlstream/memory.h>
#include <tlstream/pair_ending.h>
#include <tlstream/server.h>
#include <tlstream/stream_info.h>

#include "support/peers.h"
#include "support/test.h"

enum { THREADS = 4, ROUNDS = 6, AT_ONCE = 2 * THREADS, LEN = 20 * 1000 };

typedef struct worker worker;

/* One connection after another. */
typedef struct caller {
  worker *owner;
  int number;
  int rounds;
  size_t got;
} caller;

/* Only its own thread touches it, the ports and `done` aside. */
struct worker {
  uv_thread_t thread;
  uv_loop_t loop;
  uv_async_t done; /* all threads are through */
  tlstream_server *server;
  int port;
  caller callers[AT_ONCE];
  unsigned left; /* callers that are not through */
  unsigned accepted;
  unsigned clean;
  unsigned faults;
};

static worker workers[THREADS];
static uv_barrier_t all_listen;
static atomic_uint busy = THREADS;
static tlstream_context *client_context;
static tlstream_context *server_context;
static char payload[LEN];

/* Both sides have a certificate and want to see the other's. */
static tlstream_context *make_context(bool is_server) {
  const made_cert *leaf = test_leaf(KEY_ECDSA);
  return tlstream_context_new(
      TLSTREAM_CONTEXT(.cert = leaf->cert_pem, .key = leaf->key_pem,
                       .ca = test_ca()->cert_pem,
                       .request_certificate = is_server),
      NULL);
}

static void call(caller *self);

static void expect(worker *self, bool held) {
  if (!held) self->faults++;
}

static void on_secure(tlstream *stream, void *data) {
  caller *self = data;
  char *json = tlstream_json(stream);
  expect(self->owner, tlstream_authorized(stream) && json != NULL);
  expect(self->owner, tlstream_write(stream, payload, LEN) >= 0);
  tlstream_free(json);
}

static void on_data(tlstream *stream, const void *bytes, size_t len,
                    void *data) {
  caller *self = data;
  expect(self->owner, self->got + len <= LEN &&
                          memcmp(payload + self->got, bytes, len) == 0);
  self->got += len;
  if (self->got == LEN) tlstream_end(stream);
}

static void report_all(void) {
  for (int i = 0; i < THREADS; i++)
    uv_async_send(&workers[i].done);
}

static void on_close(tlstream *stream, tlstream_ending ending, void *data) {
  caller *self = data;
  worker *owner = self->owner;
  (void)stream;
  if (ending == TLSTREAM_ENDING_CLEAN && self->got == LEN) owner->clean++;
  if (++self->rounds < ROUNDS) {
    call(self);
  } else if (--owner->left == 0 && atomic_fetch_sub(&busy, 1) == 1) {
    report_all();
  }
}

static const tlstream_events client_events = {
    .on_secure = on_secure,
    .on_data = on_data,
    .on_close = on_close,
};

/* A reference of its own for each call, given back at once. */
static void call(caller *self) {
  tlstream_error error;
  tlstream_context *context = tlstream_context_ref(client_context);
  int other = (self->number + self->rounds) % THREADS;
  self->got = 0;
  tlstream *stream = tlstream_connect(
      &self->owner->loop,
      TLSTREAM_CONNECT(.context = context, .host = "127.0.0.1",
                       .port = workers[other].port, .verify_name = SERVER_NAME),
      &client_events, self, &error);
  tlstream_context_unref(context);
  expect(self->owner, stream != NULL);
}

static void on_connection(tlstream_server *server, tlstream *stream,
                          void *data) {
  worker *self = data;
  tlstream_certificate *peer = tlstream_peer_certificate(stream);
  (void)server;
  self->accepted++;
  expect(self, tlstream_authorized(stream) && peer != NULL);
  expect(self, tlstream_pipe(stream, stream) == 0);
  tlstream_certificate_unref(peer);
}

static const tlstream_server_events server_events = {
    .on_connection = on_connection,
};

static void on_done(uv_async_t *done) {
  worker *self = done->data;
  tlstream_server_close(self->server, 0);
  uv_close((uv_handle_t *)done, NULL);
}

static void serve(worker *self) {
  tlstream_error error;
  tlstream_address address = {.port = 0};
  tlstream_context *context = tlstream_context_ref(server_context);
  self->server =
      tlstream_server_new(&self->loop, TLSTREAM_SERVER(.context = context),
                          &server_events, self, &error);
  tlstream_context_unref(context);
  expect(self,
         tlstream_server_listen(self->server, "127.0.0.1", 0, &error) == 0);
  expect(self, tlstream_server_address(self->server, &address) == 0);
  self->port = address.port;
}

static void work(void *arg) {
  worker *self = arg;
  tlstream_context *own = make_context(true); /* all at the same time */
  expect(self, own != NULL);
  tlstream_context_unref(own);
  uv_loop_init(&self->loop);
  uv_async_init(&self->loop, &self->done, on_done);
  self->done.data = self;
  serve(self);
  uv_barrier_wait(&all_listen);
  self->left = AT_ONCE;
  for (int i = 0; i < AT_ONCE; i++) {
    self->callers[i] = (caller){.owner = self, .number = i};
    call(&self->callers[i]);
  }
  /* From here on, only servers and connections have them. */
  tlstream_context_unref(client_context);
  tlstream_context_unref(server_context);
  uv_run(&self->loop, UV_RUN_DEFAULT);
  expect(self, uv_loop_close(&self->loop) == 0);
}

/* References for all threads. */
static tlstream_context *shared(bool is_server) {
  tlstream_context *context = make_context(is_server);
  CHECK(context != NULL);
  for (int i = 1; i < THREADS; i++)
    tlstream_context_ref(context);
  return context;
}

TEST(loops_on_threads_share_contexts) {
  unsigned accepted = 0;
  client_context = shared(false);
  server_context = shared(true);
  pattern_fill(payload, 0, LEN);
  uv_barrier_init(&all_listen, THREADS);
  for (int i = 0; i < THREADS; i++)
    CHECK_ERROR(uv_thread_create(&workers[i].thread, work, &workers[i]), 0);
  for (int i = 0; i < THREADS; i++) {
    uv_thread_join(&workers[i].thread);
    CHECK_INT(workers[i].faults, 0);
    CHECK_INT(workers[i].clean, AT_ONCE * ROUNDS);
    accepted += workers[i].accepted;
  }
  CHECK_INT(accepted, THREADS * AT_ONCE * ROUNDS);
  uv_barrier_destroy(&all_listen);
}
