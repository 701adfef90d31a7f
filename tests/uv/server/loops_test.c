/* SPDX-License-Identifier: MIT */
/* The advice of docs/guide/servers.md for more than one core: a loop and a
 * server on each thread, one context, one port. For ThreadSanitizer too. */
#include <stdatomic.h>

#include <tlstream/client.h>
#include <tlstream/server.h>

#include "support/peers.h"
#include "support/test.h"

enum { LOOPS = 3, CLIENTS = 30 };

typedef struct serving {
  uv_thread_t thread;
  uv_loop_t loop;
  uv_async_t done;
  tlstream_server *server;
  unsigned connections;
} serving;

static serving each[LOOPS];
static atomic_uint served;

static void on_connection(tlstream_server *server, tlstream *stream,
                          void *data) {
  serving *self = data;
  (void)server;
  self->connections++;
  atomic_fetch_add(&served, 1);
  tlstream_write(stream, "hello", 5);
  tlstream_end(stream);
}

static const tlstream_server_events events = {.on_connection = on_connection};

static void on_done(uv_async_t *done) {
  serving *self = done->data;
  tlstream_server_close(self->server, 0);
  uv_close((uv_handle_t *)done, NULL);
}

/* Before its thread runs. Returns the port. */
static int prepare(serving *self, tlstream_context *context, int port) {
  tlstream_error error;
  tlstream_address at = {.port = 0};
  CHECK_ERROR(uv_loop_init(&self->loop), 0);
  CHECK_ERROR(uv_async_init(&self->loop, &self->done, on_done), 0);
  self->done.data = self;
  self->server = tlstream_server_new(
      &self->loop, TLSTREAM_SERVER(.context = context, .reuse_port = true),
      &events, self, &error);
  CHECK_ERROR(tlstream_server_listen(self->server, "127.0.0.1", port, &error),
              0);
  CHECK_ERROR(tlstream_server_address(self->server, &at), 0);
  return at.port;
}

static void serve(void *data) {
  serving *self = data;
  uv_run(&self->loop, UV_RUN_DEFAULT);
}

static unsigned answered;

static void on_data(tlstream *stream, const void *bytes, size_t len,
                    void *data) {
  (void)stream, (void)data;
  if (len == 5 && memcmp(bytes, "hello", 5) == 0) answered++;
}

static const tlstream_events client_events = {.on_data = on_data};

static void connect_all(uv_loop_t *loop, tlstream_context *context, int port) {
  tlstream_error error;
  for (int i = 0; i < CLIENTS; i++) {
    CHECK(tlstream_connect(loop,
                           TLSTREAM_CONNECT(.context = context,
                                            .host = "127.0.0.1", .port = port,
                                            .verify_name = SERVER_NAME),
                           &client_events, NULL, &error) != NULL);
  }
  uv_run(loop, UV_RUN_DEFAULT);
}

TEST(a_loop_on_each_thread_serves_the_same_port) {
  int port = 0;
  uv_loop_t loop;
  const config terms = {0};
  tlstream_context *ours = config_context(&terms, TLSTREAM_ROLE_SERVER);
  tlstream_context *theirs = config_context(&terms, TLSTREAM_ROLE_CLIENT);
  for (int i = 0; i < LOOPS; i++)
    port = prepare(&each[i], ours, port);
  tlstream_context_unref(ours);
  for (int i = 0; i < LOOPS; i++)
    CHECK_ERROR(uv_thread_create(&each[i].thread, serve, &each[i]), 0);
  CHECK_ERROR(uv_loop_init(&loop), 0);
  connect_all(&loop, theirs, port);
  tlstream_context_unref(theirs);
  CHECK_INT(answered, CLIENTS);
  for (int i = 0; i < LOOPS; i++) {
    uv_async_send(&each[i].done);
    uv_thread_join(&each[i].thread);
    CHECK_LT(each[i].connections, CLIENTS); /* the kernel spreads them */
    CHECK_ERROR(uv_loop_close(&each[i].loop), 0);
  }
  CHECK_INT(atomic_load(&served), CLIENTS);
  CHECK_ERROR(uv_loop_close(&loop), 0);
}
