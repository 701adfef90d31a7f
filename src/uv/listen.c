/* SPDX-License-Identifier: MIT */
/* Listening and accepting. A connection that may not be accepted yet stays in
 * the kernel's backlog: libuv does not ask for more until it has been. */
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "uv/address.h"
#include "uv/server_state.h"
#include "uv/uv_error.h"

enum { BACKLOG = 511, RETRY_MS = 100, HOST_MAX = 253 };

static void tell_error(tlstream_server *server, int status) {
  tlstream_error error;
  if (server->error_told) return;
  server->error_told = true;
  tlstream__uv_error(&error, TLSTREAM_ERR_SYSTEM, status,
                     "cannot accept connections at the moment");
  if (server->events->on_error != NULL) {
    server->events->on_error(server, &error, server->data);
  }
}

static void on_retry(uv_timer_t *timer) {
  tlstream__server_accept(timer->data);
}

static void pause_accepting(tlstream_server *server, int status) {
  server->waiting = true;
  uv_timer_start(&server->retry, on_retry, RETRY_MS, 0);
  tell_error(server, status);
}

static bool is_full(const tlstream_server *server) {
  return server->options.max_connections != 0 &&
         server->stream_count >= server->options.max_connections;
}

/* libuv holds one accepted connection and stops listening until we take it, so
 * not taking it is how others are made to wait. */
static void accept_one(tlstream_server *server) {
  tlstream__handle *handle =
      tlstream__handle_new(server->loop->uv, server->listener->is_tcp);
  if (handle == NULL) {
    pause_accepting(server, UV_ENOMEM);
    return;
  }
  int status = uv_accept(&server->listener->uv.stream, &handle->uv.stream);
  server->waiting = false;
  if (status != 0 || is_full(server)) {
    tlstream__handle_discard(handle);
    if (status != 0 && status != UV_EAGAIN) tell_error(server, status);
    return;
  }
  server->error_told = false;
  tlstream__server_adopt(server, handle);
}

void tlstream__server_accept(tlstream_server *server) {
  if (!server->waiting || server->closing || server->listener == NULL) return;
  if (server->handshakes >= server->options.max_handshakes &&
      !is_full(server)) {
    return;
  }
  accept_one(server);
}

static void on_connection(uv_stream_t *listener, int status) {
  tlstream__handle *handle = listener->data;
  tlstream_server *server = handle->base.owner;
  if (status != 0) {
    tell_error(server, status);
    return;
  }
  server->waiting = true;
  tlstream__server_accept(server);
}

static int listen_on(tlstream_server *server, tlstream__handle *handle) {
  int backlog = server->options.backlog > 0 ? server->options.backlog : BACKLOG;
  handle->base.owner = server;
  return uv_listen(&handle->uv.stream, backlog, on_connection);
}

static int open_tcp(tlstream_server *server, const struct sockaddr *address,
                    unsigned flags) {
  tlstream__handle *handle =
      tlstream__handle_new(server->loop->uv, /* is_tcp = */ true);
  if (handle == NULL) return UV_ENOMEM;
  int status = uv_tcp_bind(&handle->uv.tcp, address, flags);
  if (status == 0) status = listen_on(server, handle);
  if (status != 0) {
    tlstream__handle_discard(handle);
    return status;
  }
  server->listener = handle;
  return 0;
}

/* Every address: one IPv6 socket that takes IPv4 too, or, on a machine without
 * IPv6, IPv4 alone. */
static int open_any(tlstream_server *server, int port) {
  struct sockaddr_in6 all6;
  struct sockaddr_in all4;
  uv_ip6_addr("::", port, &all6);
  int status = open_tcp(server, (const struct sockaddr *)&all6, 0);
  if (status != UV_EAFNOSUPPORT && status != UV_EADDRNOTAVAIL &&
      status != UV_EINVAL) {
    return status;
  }
  uv_ip4_addr("0.0.0.0", port, &all4);
  return open_tcp(server, (const struct sockaddr *)&all4, 0);
}

static int open_host(tlstream_server *server, const char *host, int port) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
  uv_getaddrinfo_t request;
  char service[16];
  snprintf(service, sizeof(service), "%d", port);
  int status =
      uv_getaddrinfo(server->loop->uv, &request, NULL, host, service, &hints);
  if (status != 0) return status;
  status = open_tcp(server, request.addrinfo->ai_addr, 0);
  uv_freeaddrinfo(request.addrinfo);
  return status;
}

static int explain(tlstream_error *error, int status, const char *target) {
  char what[HOST_MAX + 64];
  snprintf(what, sizeof(what), "cannot listen on %s", target);
  return tlstream__uv_error(error, TLSTREAM_ERR_LISTEN, status, what);
}

static int refuse_state(tlstream_error *error) {
  return tlstream__error_set(error, TLSTREAM_ERR_WRONG_STATE,
                             "the server listens already, or is closing");
}

int tlstream_server_listen(tlstream_server *server, const char *host, int port,
                           tlstream_error *error) {
  char target[HOST_MAX + 32];
  char shown[HOST_MAX];
  tlstream__error_clear(error);
  if (server->listener != NULL || server->closing) return refuse_state(error);
  if (port < 0 || port > 65535 || (host != NULL && strlen(host) > HOST_MAX)) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "a port is a number from 0 to 65535, and a host "
                               "has at most %d bytes",
                               HOST_MAX);
  }
  const char *name = host != NULL ? host : "every address";
  tlstream_escape(shown, sizeof(shown), name, strlen(name));
  snprintf(target, sizeof(target), "%s port %d", shown, port);
  int status =
      host != NULL ? open_host(server, host, port) : open_any(server, port);
  return status != 0 ? explain(error, status, target) : 0;
}

static int open_pipe(tlstream_server *server, const char *path) {
  tlstream__handle *handle =
      tlstream__handle_new(server->loop->uv, /* is_tcp = */ false);
  char *copy = tlstream__strdup(path);
  int status = handle != NULL && copy != NULL ? 0 : UV_ENOMEM;
  if (status == 0) status = uv_pipe_bind(&handle->uv.pipe, path);
  if (status == 0) status = listen_on(server, handle);
  if (status != 0) {
    if (handle != NULL) tlstream__handle_discard(handle);
    tlstream__free(copy);
    return status;
  }
  server->listener = handle;
  server->path = copy;
  return 0;
}

int tlstream_server_listen_path(tlstream_server *server, const char *path,
                                tlstream_error *error) {
  char shown[128];
  tlstream__error_clear(error);
  if (server->listener != NULL || server->closing) return refuse_state(error);
  size_t len = strlen(path);
  /* libuv would cut a longer path off without a word. */
  if (len == 0 || len >= sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "the path of a Unix socket has 1 to %zu bytes",
                               sizeof(((struct sockaddr_un *)NULL)->sun_path) -
                                   1);
  }
  int status = open_pipe(server, path);
  if (status == 0) return 0;
  return explain(error, status,
                 tlstream_escape(shown, sizeof(shown), path, len));
}

static void on_listener_closed(uv_handle_t *uv) {
  tlstream__handle *handle = uv->data;
  tlstream_server *server = handle->base.owner;
  tlstream__free(handle);
  tlstream__server_handle_closed(server);
}

void tlstream__server_deafen(tlstream_server *server) {
  if (server->listener == NULL) return;
  /* libuv removes the path of a pipe that it closes. */
  server->open_handles++;
  uv_close(&server->listener->uv.any, on_listener_closed);
  server->listener = NULL;
}

int tlstream_server_address(const tlstream_server *server,
                            tlstream_address *address) {
  if (server->listener == NULL) return TLSTREAM_ERR_WRONG_STATE;
  tlstream__transport *transport = &server->listener->base;
  return transport->methods->local_address(transport, address) == 0
             ? 0
             : TLSTREAM_ERR_WRONG_STATE;
}
