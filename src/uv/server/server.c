/* SPDX-License-Identifier: MIT */
/* A server's life: made, its streams, closed. */
#include <tlstream/server.h>
#include <tlstream/stream_info.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/options.h"
#include "core/context/context.h"
#include "uv/server/state.h"
#include "uv/stream/state.h"

enum { MAX_HANDSHAKES = 1000, SHUTDOWN_TIMEOUT = 3000 };

static const tlstream_server_events no_events;

static tlstream_server *server_of(const tlstream *stream) {
  return stream->owner_data;
}

static void list_insert(tlstream **list, tlstream *stream) {
  stream->owner_before = NULL;
  stream->owner_next = *list;
  if (*list != NULL) (*list)->owner_before = stream;
  *list = stream;
}

static void list_remove(tlstream **list, tlstream *stream) {
  if (stream->owner_before != NULL) {
    stream->owner_before->owner_next = stream->owner_next;
  } else {
    *list = stream->owner_next;
  }
  if (stream->owner_next != NULL) {
    stream->owner_next->owner_before = stream->owner_before;
  }
}

/* One way or another: somebody else may come in. */
void tlstream__server_handshake_done(tlstream *stream) {
  tlstream_server *server = server_of(stream);
  if (!stream->in_handshake) return;
  stream->in_handshake = false;
  server->handshakes--;
  list_remove(&server->handshaking, stream);
  list_insert(&server->streams, stream);
  tlstream__loop_schedule(server->loop, &server->task);
}

static void on_stream_secure(tlstream *stream) {
  tlstream_server *server = server_of(stream);
  tlstream__server_handshake_done(stream);
  if (server->events->on_connection != NULL) {
    server->events->on_connection(server, stream, server->data);
  }
}

static void on_stream_failed(tlstream *stream, const tlstream_error *error) {
  tlstream_server *server = server_of(stream);
  tlstream_address address = {.host = ""};
  (void)tlstream_remote_address(stream, &address);
  if (server->events->on_client_error != NULL) {
    server->events->on_client_error(server, &address, error, server->data);
  }
}

static void on_stream_closed(tlstream *stream) {
  tlstream_server *server = server_of(stream);
  tlstream__server_handshake_done(stream);
  list_remove(&server->streams, stream);
  server->stream_count--;
  tlstream__loop_schedule(server->loop, &server->task);
}

static const tlstream__owner owner = {
    .on_hello = tlstream__server_on_hello,
    .answer_hello = tlstream__server_answer_hello,
    .on_secure = on_stream_secure,
    .on_failed = on_stream_failed,
    .on_closed = on_stream_closed,
};

static tlstream_pair *make_pair(tlstream_server *server) {
  const tlstream_server_options *options = &server->options;
  return tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER, .context = server->context,
                    .choose_context = tlstream__server_asks(server),
                    .timeouts = options->timeouts,
                    .allow_half_open = options->allow_half_open),
      uv_now(server->loop->uv), NULL);
}

static void report_no_memory(tlstream_server *server,
                             tlstream__handle *handle) {
  tlstream_address address = {.host = ""};
  tlstream_error error;
  tlstream__error_plain(&error, TLSTREAM_ERR_NO_MEMORY);
  handle->base.methods->remote_address(&handle->base, &address);
  tlstream__handle_discard(handle);
  if (server->events->on_client_error != NULL) {
    server->events->on_client_error(server, &address, &error, server->data);
  }
}

tlstream *tlstream__server_stream(tlstream_server *server) {
  tlstream_pair *pair = make_pair(server);
  tlstream *stream = pair != NULL ? tlstream__stream_new(server->loop->uv, pair,
                                                         &owner, server)
                                  : NULL;
  if (stream == NULL) {
    tlstream_pair_free(pair);
    return NULL;
  }
  if (server->options.high_water_mark != 0) {
    stream->high_water = server->options.high_water_mark;
  }
  stream->allow_half_open = server->options.allow_half_open;
  return stream;
}

void tlstream__server_begin(tlstream *stream, tlstream__handle *handle) {
  tlstream_server *server = server_of(stream);
  stream->in_handshake = true;
  server->stream_count++;
  server->handshakes++;
  list_insert(&server->handshaking, stream);
  tlstream__stream_begin(stream, &handle->base);
}

void tlstream__server_add_connection(tlstream_server *server,
                                     tlstream__handle *handle) {
  tlstream *stream = tlstream__server_stream(server);
  if (stream != NULL) {
    tlstream__server_begin(stream, handle);
  } else {
    report_no_memory(server, handle);
  }
}

static void finish(tlstream_server *server) {
  tlstream__loop *loop = server->loop;
  if (server->events->on_close != NULL) {
    server->events->on_close(server, server->data);
  }
  tlstream_context_unref(server->context);
  tlstream__sni_clear(&server->names);
  tlstream__free(server->path);
  tlstream__free(server);
  tlstream__loop_leave(loop);
}

void tlstream__server_handle_closed(tlstream_server *server) {
  if (--server->open_handles == 0) finish(server);
}

static void on_timer_closed(uv_handle_t *timer) {
  tlstream__server_handle_closed(timer->data);
}

/* All streams have gone: let go of the rest. */
static void close_handles(tlstream_server *server) {
  server->closed = true;
  tlstream__loop_unschedule(server->loop, &server->task);
  uv_close((uv_handle_t *)&server->retry, on_timer_closed);
  uv_close((uv_handle_t *)&server->idle_timer, on_timer_closed);
  uv_close((uv_handle_t *)&server->drain, on_timer_closed);
}

static void on_task(tlstream__task *task) {
  tlstream_server *server =
      (tlstream_server *)(void *)((char *)task -
                                  offsetof(tlstream_server, task));
  if (server->closed) return;
  if (server->closing && server->stream_count == 0) {
    close_handles(server);
  } else {
    tlstream__server_accept(server);
  }
}

static void init(tlstream_server *server,
                 const tlstream_server_options *options,
                 const tlstream_server_events *events, void *data) {
  server->options = *options;
  if (server->options.max_handshakes == 0) {
    server->options.max_handshakes = MAX_HANDSHAKES;
  }
  server->context = tlstream_context_ref(options->context);
  server->events = events != NULL ? events : &no_events;
  server->data = data;
  server->socket = -1;
  server->reserve = -1;
  server->task.run = on_task;
  uv_timer_init(server->loop->uv, &server->retry);
  uv_timer_init(server->loop->uv, &server->idle_timer);
  uv_timer_init(server->loop->uv, &server->drain);
  server->retry.data = server->idle_timer.data = server->drain.data = server;
  server->open_handles = 3;
}

tlstream_server *tlstream_server_new(uv_loop_t *loop,
                                     const tlstream_server_options *options,
                                     const tlstream_server_events *events,
                                     void *data, tlstream_error *error) {
  tlstream_server_options known = {0};
  tlstream__error_clear(error);
  if (tlstream__options_copy(&known, sizeof(known), options, "server", error) !=
          0 ||
      tlstream__context_check_server(known.context, error) != 0) {
    return NULL;
  }
  tlstream_server *server = tlstream__calloc(sizeof(*server));
  if (server != NULL) server->loop = tlstream__loop_enter(loop);
  if (server == NULL || server->loop == NULL) {
    tlstream__free(server);
    tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
    return NULL;
  }
  init(server, &known, events, data);
  return server;
}

size_t tlstream_server_connections(const tlstream_server *server) {
  return server->stream_count;
}

void tlstream_server_set_max_connections(tlstream_server *server, size_t max) {
  server->options.max_connections = max;
  if (!server->closed) tlstream__loop_schedule(server->loop, &server->task);
}

static void begin_closing(tlstream_server *server) {
  if (server->closing) return;
  server->closing = true;
  uv_timer_stop(&server->retry);
  uv_timer_stop(&server->idle_timer);
  tlstream__server_stop_listening(server);
  tlstream__loop_schedule(server->loop, &server->task);
}

/* Who speaks TLS inside of a stream ends it, or destroys it, from there. */
static void for_each(tlstream_server *server, void (*what)(tlstream *)) {
  tlstream *const lists[] = {server->streams, server->handshaking};
  for (int i = 0; i < 2; i++) {
    for (tlstream *each = lists[i]; each != NULL; each = each->owner_next)
      what(tlstream__stream_top(each));
  }
}

/* Somebody who is still shaking hands will get no further. */
static void end_or_destroy(tlstream *stream) {
  if (stream->in_handshake) {
    tlstream_destroy(stream);
  } else {
    tlstream_end(stream);
  }
}

static void on_patience_lost(uv_timer_t *timer) {
  for_each(timer->data, tlstream_destroy);
}

static void on_drained(uv_timer_t *timer) {
  tlstream_server *server = timer->data;
  unsigned patience = server->options.timeouts.shutdown_ms;
  for_each(server, end_or_destroy);
  uv_timer_start(timer, on_patience_lost,
                 patience != 0 ? patience : SHUTDOWN_TIMEOUT, 0);
}

void tlstream_server_close(tlstream_server *server, unsigned drain_ms) {
  if (server->closed) return;
  /* The loop's time is that of its last turn, which may be long ago. */
  uv_update_time(server->loop->uv);
  uint64_t until = uv_now(server->loop->uv) + drain_ms;
  if (server->closing && until >= server->drain_until) return;
  begin_closing(server);
  server->drain_until = until;
  uv_timer_start(&server->drain, on_drained, drain_ms, 0);
}

void tlstream_server_destroy(tlstream_server *server) {
  if (server->closed) return;
  begin_closing(server);
  for_each(server, tlstream_destroy);
}
