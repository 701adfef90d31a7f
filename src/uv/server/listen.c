/* SPDX-License-Identifier: MIT */
/* Listening: from an address, a name or a path to a socket. */
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "core/x509/idn.h"
#include "uv/address.h"
#include "uv/server/state.h"
#include "uv/socket.h"
#include "uv/uv_error.h"

enum { BACKLOG = 511, HOST_MAX = 253 };

/* Poll the socket, which becomes the server's on success. */
static int watch(tlstream_server *server, int fd) {
  int status = uv_poll_init(server->loop->uv, &server->poll, fd);
  if (status != 0) return status;
  server->poll.data = server;
  server->open_handles++;
  server->socket = fd;
  server->reserve = tlstream__socket_reserve();
  server->accepting = TLSTREAM__ACCEPTING_PAUSED;
  tlstream__server_accept(server);
  return 0;
}

static int open_socket(tlstream_server *server, const struct sockaddr *address,
                       socklen_t len) {
  int backlog = server->options.backlog > 0 ? server->options.backlog : BACKLOG;
  int fd = tlstream__socket_listen(address, len, backlog,
                                   server->options.reuse_port);
  if (fd < 0) return fd;
  server->is_unix = address->sa_family == AF_UNIX;
  int status = watch(server, fd);
  if (status == 0) return 0;
  if (server->path != NULL) unlink(server->path);
  close(fd);
  return status;
}

/* Every address: one IPv6 socket that accepts IPv4 too, or, on a machine
 * without IPv6, an IPv4 socket. */
static int open_any(tlstream_server *server, int port) {
  struct sockaddr_in6 all6;
  struct sockaddr_in all4;
  uv_ip6_addr("::", port, &all6);
  int status =
      open_socket(server, (const struct sockaddr *)&all6, sizeof(all6));
  if (status != UV_EAFNOSUPPORT && status != UV_EADDRNOTAVAIL) return status;
  uv_ip4_addr("0.0.0.0", port, &all4);
  return open_socket(server, (const struct sockaddr *)&all4, sizeof(all4));
}

static int open_host(tlstream_server *server, const char *host, int port) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
  struct sockaddr_in6 zoned;
  uv_getaddrinfo_t request;
  char service[16];
  char ascii[HOST_MAX + 1];
  const char *name = tlstream__idn_prefer_ascii(host, ascii, sizeof(ascii));
  if (tlstream__address_with_zone(name, port, &zoned)) {
    return open_socket(server, (const struct sockaddr *)&zoned, sizeof(zoned));
  }
  snprintf(service, sizeof(service), "%d", port);
  int status =
      uv_getaddrinfo(server->loop->uv, &request, NULL, name, service, &hints);
  if (status != 0) return status;
  status = open_socket(server, request.addrinfo->ai_addr,
                       request.addrinfo->ai_addrlen);
  uv_freeaddrinfo(request.addrinfo);
  return status;
}

static int explain(tlstream_error *error, int status, const char *target) {
  char what[HOST_MAX + 64];
  snprintf(what, sizeof(what), "cannot listen on %s", target);
  return tlstream__uv_error(error, TLSTREAM_ERR_LISTEN, status, what);
}

static bool may_listen(const tlstream_server *server) {
  return server->life == TLSTREAM__SERVER_OPEN && server->socket < 0;
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
  if (!may_listen(server)) return refuse_state(error);
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

static int open_path(tlstream_server *server, const char *path, size_t len) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  char *copy = tlstream__strdup(path);
  if (copy == NULL) return UV_ENOMEM;
  memcpy(name.sun_path, path, len);
  server->path = copy;
  int status =
      open_socket(server, (const struct sockaddr *)&name, sizeof(name));
  if (status == 0) return 0;
  server->path = NULL;
  tlstream__free(copy);
  return status;
}

int tlstream_server_listen_path(tlstream_server *server, const char *path,
                                tlstream_error *error) {
  char shown[128];
  tlstream__error_clear(error);
  if (!may_listen(server)) return refuse_state(error);
  size_t len = strlen(path);
  if (len == 0 || len >= sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "the path of a Unix socket has 1 to %zu bytes",
                               sizeof(((struct sockaddr_un *)NULL)->sun_path) -
                                   1);
  }
  int status = open_path(server, path, len);
  if (status == 0) return 0;
  return explain(error, status,
                 tlstream_escape(shown, sizeof(shown), path, len));
}

int tlstream_server_listen_descriptor(tlstream_server *server, int fd,
                                      tlstream_error *error) {
  char target[48];
  tlstream__error_clear(error);
  if (!may_listen(server)) return refuse_state(error);
  int family = tlstream__socket_take_listening(fd);
  if (family < 0) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "descriptor %d is no TCP or Unix socket that "
                               "listens",
                               fd);
  }
  server->is_unix = family == AF_UNIX;
  int status = watch(server, fd);
  if (status == 0) return 0;
  snprintf(target, sizeof(target), "descriptor %d", fd);
  return explain(error, status, target);
}

static void on_poll_closed(uv_handle_t *poll) {
  tlstream__server_handle_closed(poll->data);
}

void tlstream__server_stop_listening(tlstream_server *server) {
  if (server->socket < 0) return;
  uv_close((uv_handle_t *)&server->poll, on_poll_closed);
  if (server->path != NULL) unlink(server->path);
  close(server->socket);
  if (server->reserve >= 0) close(server->reserve);
  server->socket = server->reserve = -1;
  server->accepting = TLSTREAM__ACCEPTING_OFF;
  uv_timer_stop(&server->retry);
}

int tlstream_server_address(const tlstream_server *server,
                            tlstream_address *address) {
  if (server->socket < 0) return TLSTREAM_ERR_WRONG_STATE;
  return tlstream__address_of(server->socket, address) == 0
             ? 0
             : TLSTREAM_ERR_WRONG_STATE;
}
