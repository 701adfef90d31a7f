/* SPDX-License-Identifier: MIT */
/*
 * Accepting, as far as the limits allow. A connection that may not be accepted
 * yet stays in the kernel's backlog.
 *
 * libuv can accept, but when descriptors run out it either closes connections
 * without reporting that, or retries for ever inside of one call (uv__server_io
 * in 1.44). See docs/decisions/0009-accepting.md.
 */
#include <unistd.h>

#include "base/error.h"
#include "uv/address.h"
#include "uv/server/state.h"
#include "uv/socket.h"
#include "uv/stream/state.h"
#include "uv/uv_error.h"

enum {
  BATCH = 64, /* connections, before others get their turn */
  REFUSED_MAX = 4096,
  RETRY_MS = 100
};

static void emit_error(tlstream_server *server, int status) {
  tlstream_error error;
  if (server->error_emitted) return;
  server->error_emitted = true;
  tlstream__uv_error(&error, TLSTREAM_ERR_SYSTEM, status,
                     "cannot accept connections at the moment");
  if (server->events->on_error != NULL) {
    server->events->on_error(server, &error, server->data);
  }
}

static void on_readable(uv_poll_t *poll, int status, int events);

static void set_accepting(tlstream_server *server, tlstream__accepting to) {
  if (server->accepting == to) return;
  server->accepting = to;
  if (to == TLSTREAM__ACCEPTING_ON) {
    uv_poll_start(&server->poll, UV_READABLE, on_readable);
  } else {
    uv_poll_stop(&server->poll);
  }
}

static void on_retry(uv_timer_t *timer) {
  tlstream_server *server = timer->data;
  if (server->reserve < 0) server->reserve = tlstream__socket_reserve();
  set_accepting(server, TLSTREAM__ACCEPTING_PAUSED);
  tlstream__server_accept(server);
}

/* Without a pause the next attempt would fail at once, and so on. The user may
 * close the server in its callback. */
static void pause_accepting(tlstream_server *server, int status) {
  uv_timer_start(&server->retry, on_retry, RETRY_MS, 0);
  set_accepting(server, TLSTREAM__ACCEPTING_RETRYING);
  emit_error(server, status);
}

/* A client that waits is better off with an end than with a connection that is
 * never served: the reserve descriptor is used to accept and close. */
static void refuse_waiting(tlstream_server *server) {
  struct sockaddr_storage peer;
  if (server->reserve < 0) return;
  close(server->reserve);
  for (int i = 0; i < REFUSED_MAX; i++) {
    int fd = tlstream__socket_accept(server->socket, &peer);
    if (fd < 0) break;
    close(fd);
    server->counters.refused++;
  }
  server->reserve = tlstream__socket_reserve();
}

/* The error belongs to the connection that was next, not to the socket
 * (accept(2)). */
static bool concerns_one(int status) {
  switch (status) {
    case UV_ECONNABORTED:
    case UV_EHOSTDOWN:
    case UV_EHOSTUNREACH:
    case UV_EINTR:
    case UV_ENETDOWN:
    case UV_ENETUNREACH:
    case UV_EPROTO: return true;
    default: return false;
  }
}

/* True if the next connection may be tried. */
static bool accept_failed(tlstream_server *server, int status) {
  if (concerns_one(status)) return true;
  if (status == UV_EAGAIN) return false;
  if (status == UV_EMFILE || status == UV_ENFILE) refuse_waiting(server);
  pause_accepting(server, status);
  return false;
}

static void add_connection(tlstream_server *server, int fd,
                           const struct sockaddr_storage *peer) {
  tlstream_address address;
  tlstream__handle *handle =
      tlstream__handle_new(server->loop->uv, !server->is_unix);
  int status = handle != NULL ? tlstream__handle_open(handle, fd) : UV_ENOMEM;
  if (status != 0) {
    close(fd);
    server->counters.refused++;
    if (handle != NULL) tlstream__handle_discard(handle);
    pause_accepting(server, status);
    return;
  }
  tlstream__address_from((const struct sockaddr *)peer, &address);
  tlstream__handle_connected(handle, &address);
  tlstream__server_add_connection(server, handle);
}

/* True if another connection may be waiting. */
static bool accept_one(tlstream_server *server) {
  struct sockaddr_storage peer;
  int fd = tlstream__socket_accept(server->socket, &peer);
  if (fd < 0) return accept_failed(server, fd);
  server->error_emitted = false;
  if (tlstream__server_is_full(server)) {
    close(fd);
    server->counters.refused++;
  } else {
    add_connection(server, fd, &peer);
  }
  return true;
}

/* While connections wait for a slot, others wait in the backlog. Refusing one
 * because the server is full needs no slot. */
static bool may_accept(const tlstream_server *server) {
  return tlstream__server_is_full(server) ||
         !tlstream__server_has_queue(server);
}

static void on_readable(uv_poll_t *poll, int status, int events) {
  tlstream_server *server = poll->data;
  (void)events;
  if (status != 0) pause_accepting(server, status);
  for (int i = 0; i < BATCH && server->accepting == TLSTREAM__ACCEPTING_ON &&
                  may_accept(server);
       i++) {
    if (!accept_one(server)) break;
  }
  tlstream__server_accept(server);
}

void tlstream__server_accept(tlstream_server *server) {
  if (server->accepting == TLSTREAM__ACCEPTING_PAUSED ||
      server->accepting == TLSTREAM__ACCEPTING_ON) {
    set_accepting(server, may_accept(server) ? TLSTREAM__ACCEPTING_ON
                                             : TLSTREAM__ACCEPTING_PAUSED);
  }
  tlstream__server_check(server);
}
