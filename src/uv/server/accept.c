/* SPDX-License-Identifier: MIT */
/*
 * Accepting, as far as the limits allow. A connection that may not come in yet
 * stays in the kernel's backlog: nobody asks for it.
 *
 * libuv could accept for us, but without a descriptor left it either hangs up
 * on whoever waits and tells nobody, or tries for ever inside of one call
 * (uv__server_io in 1.44). See docs/decisions/0009-accepting.md.
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
  RETRY_MS = 100,
  SILENCE_MS = 1000 /* so long, a handshake keeps its place whoever waits */
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

static void on_retry(uv_timer_t *timer) {
  tlstream_server *server = timer->data;
  if (server->reserve < 0) server->reserve = tlstream__socket_reserve();
  tlstream__server_accept(server);
}

/* Without a pause we would fail again at once, and again. */
static void pause_accepting(tlstream_server *server, int status) {
  uv_timer_start(&server->retry, on_retry, RETRY_MS, 0);
  emit_error(server, status);
}

/* Whoever waits is better off with an end than with a connection that nobody
 * serves: a descriptor is kept for letting them in and out again. */
static void refuse_waiting(tlstream_server *server) {
  struct sockaddr_storage peer;
  if (server->reserve < 0) return;
  close(server->reserve);
  for (int i = 0; i < REFUSED_MAX; i++) {
    int fd = tlstream__socket_accept(server->socket, &peer);
    if (fd < 0) break;
    close(fd);
  }
  server->reserve = tlstream__socket_reserve();
}

/* What is wrong with the connection that was next, not with us (accept(2)). */
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

/* True if the next one may be tried. */
static bool accept_failed(tlstream_server *server, int status) {
  if (concerns_one(status)) return true;
  if (status == UV_EAGAIN) return false;
  if (status == UV_EMFILE || status == UV_ENFILE) refuse_waiting(server);
  pause_accepting(server, status);
  return false;
}

bool tlstream__server_is_full(const tlstream_server *server) {
  return server->options.max_connections != 0 &&
         server->stream_count >= server->options.max_connections;
}

static bool handshakes_at_limit(const tlstream_server *server) {
  return server->handshakes >= server->options.max_handshakes;
}

/* The handshake that has been silent for longest, and since when. */
static tlstream *oldest_handshake(const tlstream_server *server,
                                  uint64_t *since) {
  tlstream *found = NULL;
  *since = TLSTREAM_NO_DEADLINE;
  for (tlstream *each = server->handshaking; each != NULL;
       each = each->owner_next) {
    uint64_t its = tlstream__pair_silent_since(each->pair);
    if (its >= *since) continue;
    *since = its;
    found = each;
  }
  return found;
}

/* When somebody may take the place of a handshake, or TLSTREAM_NO_DEADLINE. */
static uint64_t next_place(const tlstream_server *server) {
  uint64_t since = 0;
  tlstream *silent = oldest_handshake(server, &since);
  return silent != NULL ? since + SILENCE_MS : TLSTREAM_NO_DEADLINE;
}

bool tlstream__server_has_place(const tlstream_server *server) {
  return !handshakes_at_limit(server) ||
         next_place(server) <= uv_now(server->loop->uv);
}

/* Else whoever opens connections and says nothing keeps all others out. */
void tlstream__server_evict_oldest(tlstream_server *server) {
  uint64_t since = 0;
  tlstream_error error;
  if (!handshakes_at_limit(server)) return;
  tlstream *silent = oldest_handshake(server, &since);
  if (silent == NULL) return;
  tlstream__error_set(&error, TLSTREAM_ERR_HANDSHAKE_TIMEOUT,
                      "nothing was heard of it for %u ms, and others wait for "
                      "its place (max_handshakes)",
                      (unsigned)(uv_now(server->loop->uv) - since));
  tlstream__server_handshake_done(silent);
  tlstream__stream_fail(silent, &error);
}

static void add_connection(tlstream_server *server, int fd,
                           const struct sockaddr_storage *peer) {
  tlstream_address address;
  tlstream__handle *handle =
      tlstream__handle_new(server->loop->uv, server->path == NULL);
  int status = handle != NULL ? tlstream__handle_open(handle, fd) : UV_ENOMEM;
  if (status != 0) {
    close(fd);
    if (handle != NULL) tlstream__handle_discard(handle);
    pause_accepting(server, status);
    return;
  }
  tlstream__address_from((const struct sockaddr *)peer, &address);
  tlstream__handle_connected(handle, &address);
  tlstream__server_add_connection(server, handle);
}

/* True if there may be more. */
static bool accept_one(tlstream_server *server) {
  struct sockaddr_storage peer;
  int fd = tlstream__socket_accept(server->socket, &peer);
  if (fd < 0) return accept_failed(server, fd);
  server->error_emitted = false;
  if (tlstream__server_is_full(server)) {
    close(fd);
  } else {
    tlstream__server_evict_oldest(server);
    add_connection(server, fd, &peer);
  }
  return true;
}

static bool is_listening(const tlstream_server *server) {
  return server->socket >= 0 && !uv_is_active((uv_handle_t *)&server->retry);
}

/* Those who come while the server is full are refused, which needs no
 * handshake. */
static bool may_accept(const tlstream_server *server) {
  if (!is_listening(server)) return false;
  return tlstream__server_is_full(server) || tlstream__server_has_place(server);
}

static void on_readable(uv_poll_t *poll, int status, int events) {
  tlstream_server *server = poll->data;
  (void)events;
  if (status != 0) pause_accepting(server, status);
  for (int i = 0; i < BATCH && may_accept(server); i++) {
    if (!accept_one(server)) break;
  }
  tlstream__server_accept(server);
}

static void on_idle_timer(uv_timer_t *timer) {
  tlstream__server_accept(timer->data);
}

/* Nothing else tells us that a silence has lasted long enough. */
static void wait_for_place(tlstream_server *server, bool accepts) {
  uint64_t now = uv_now(server->loop->uv);
  uint64_t at = accepts || !is_listening(server) ? TLSTREAM_NO_DEADLINE
                                                 : next_place(server);
  if (at == TLSTREAM_NO_DEADLINE) {
    uv_timer_stop(&server->idle_timer);
  } else {
    uv_timer_start(&server->idle_timer, on_idle_timer, at > now ? at - now : 0,
                   0);
  }
}

void tlstream__server_accept(tlstream_server *server) {
  bool wanted = may_accept(server);
  wait_for_place(server, wanted);
  if (wanted == server->accepting) return;
  server->accepting = wanted;
  if (wanted) {
    uv_poll_start(&server->poll, UV_READABLE, on_readable);
  } else {
    uv_poll_stop(&server->poll);
  }
}
