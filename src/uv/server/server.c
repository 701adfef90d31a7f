/* SPDX-License-Identifier: MIT */
/* A server's life, and its closing. */
#include <tlstream/pair_ending.h>
#include <tlstream/server.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/options.h"
#include "core/context/context.h"
#include "uv/server/state.h"
#include "uv/stream/state.h"

enum {
  MAX_HANDSHAKES = 1000,
  LATE_MS = 3000 /* what closes at the end of the drain may take so long */
};

static const tlstream_server_events no_events;

static void finish(tlstream_server *server) {
  tlstream__loop *loop = server->loop;
  if (server->events->on_close != NULL) {
    server->events->on_close(server, server->data);
  }
  tlstream_context_unref(server->context);
  tlstream__hosts_clear(&server->names);
  tlstream__free(server->path);
  tlstream__free(server);
  tlstream__loop_leave(loop);
}

static void on_timer_closed(uv_handle_t *timer) {
  tlstream__server_handle_closed(timer->data);
}

static void close_handles(tlstream_server *server) {
  server->life = TLSTREAM__SERVER_CLOSED;
  uv_close((uv_handle_t *)&server->retry, on_timer_closed);
  uv_close((uv_handle_t *)&server->evict, on_timer_closed);
  uv_close((uv_handle_t *)&server->drain, on_timer_closed);
}

static void on_task(tlstream__task *task) {
  tlstream_server *server =
      (tlstream_server *)(void *)((char *)task -
                                  offsetof(tlstream_server, task));
  if (server->life != TLSTREAM__SERVER_CLOSED) {
    tlstream__server_give_slots(server);
  }
  switch (server->life) {
    case TLSTREAM__SERVER_OPEN: tlstream__server_accept(server); break;
    case TLSTREAM__SERVER_CLOSING:
      if (tlstream__server_stream_count(server) == 0) close_handles(server);
      break;
    case TLSTREAM__SERVER_CLOSED:
      if (server->open_handles == 0) finish(server);
      break;
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
  uv_timer_init(server->loop->uv, &server->evict);
  uv_timer_init(server->loop->uv, &server->drain);
  server->retry.data = server->evict.data = server->drain.data = server;
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
  return tlstream__server_stream_count(server);
}

void tlstream_server_set_max_connections(tlstream_server *server, size_t max) {
  server->options.max_connections = max;
  if (server->life == TLSTREAM__SERVER_CLOSED) return;
  tlstream__loop_schedule(server->loop, &server->task);
}

static void begin_closing(tlstream_server *server) {
  if (server->life != TLSTREAM__SERVER_OPEN) return;
  tlstream__server_stop_listening(server);
  server->life = TLSTREAM__SERVER_CLOSING;
  tlstream__loop_schedule(server->loop, &server->task);
}

static bool is_handshaking(const tlstream *stream) {
  return stream->owner_phase != TLSTREAM__PHASE_NONE &&
         stream->owner_phase != TLSTREAM__PHASE_DONE;
}

/* One that has failed already still has an alert to send. */
static void destroy_if_handshaking(tlstream *stream) {
  if (is_handshaking(stream) && tlstream_pair_error(stream->pair) == NULL) {
    tlstream_destroy(stream);
  }
}

static void on_late(uv_timer_t *timer) {
  tlstream__server_for_each(timer->data, tlstream_destroy);
}

static void on_drained(uv_timer_t *timer) {
  tlstream_server *server = timer->data;
  tlstream__server_for_each(server, tlstream_close);
  uv_timer_start(timer, on_late, LATE_MS, 0);
}

void tlstream_server_close(tlstream_server *server, unsigned drain_ms) {
  if (server->life == TLSTREAM__SERVER_CLOSED) return;
  /* uv_now() is the time of the loop's last turn, which may be long ago. */
  uv_update_time(server->loop->uv);
  uint64_t until = uv_now(server->loop->uv) + drain_ms;
  bool closing = server->life == TLSTREAM__SERVER_CLOSING;
  if (closing && until >= server->drain_until) return;
  begin_closing(server);
  tlstream__server_for_each(server, destroy_if_handshaking);
  server->drain_until = until;
  uv_timer_start(&server->drain, on_drained, drain_ms, 0);
}

void tlstream_server_destroy(tlstream_server *server) {
  if (server->life == TLSTREAM__SERVER_CLOSED) return;
  begin_closing(server);
  tlstream__server_for_each(server, tlstream_destroy);
}
