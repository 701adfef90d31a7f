/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* accept4 */
#endif
#include "uv/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include <uv.h>

static int last_error(void) {
  return uv_translate_sys_error(errno);
}

#ifdef SOCK_CLOEXEC
static int make(int family) {
  return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static int take(int listening, struct sockaddr *peer, socklen_t *len) {
  return accept4(listening, peer, len, SOCK_CLOEXEC | SOCK_NONBLOCK);
}
#else
static int prepare(int fd) {
  if (fd >= 0) fcntl(fd, F_SETFD, FD_CLOEXEC);
  if (fd >= 0) fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

static int make(int family) {
  return prepare(socket(family, SOCK_STREAM, 0));
}

static int take(int listening, struct sockaddr *peer, socklen_t *len) {
  return prepare(accept(listening, peer, len));
}
#endif

static int set(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof(value));
}

int tlstream__socket_set(int fd, int level, int option, int value) {
  return set(fd, level, option, value) == 0 ? 0 : last_error();
}

int tlstream__socket_outcome(int fd) {
  int number = 0;
  socklen_t len = sizeof(number);
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &len) != 0) {
    return last_error();
  }
  return number != 0 ? uv_translate_sys_error(number) : 0;
}

void tlstream__socket_reset_on_close(const uv_stream_t *handle) {
  const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  uv_os_fd_t fd = -1;
  if (uv_fileno((const uv_handle_t *)handle, &fd) != 0) return;
  (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

int tlstream__socket_end(const uv_stream_t *handle) {
  uv_os_fd_t fd = -1;
  int status = uv_fileno((const uv_handle_t *)handle, &fd);
  if (status == 0) status = tlstream__socket_outcome(fd);
  /* EPIPE: the peer's FIN came first, and the reset was about bytes of ours. */
  return status < 0 && status != UV_EPIPE ? status : UV_EOF;
}

/* A port can be bound again at once after a restart, and an IPv6 socket for all
 * addresses accepts IPv4 connections too. */
static int set_options(int fd, int family, bool reuse_port) {
  if (family == AF_UNIX) return 0;
  if (set(fd, SOL_SOCKET, SO_REUSEADDR, 1) != 0) return -1;
  if (reuse_port && set(fd, SOL_SOCKET, SO_REUSEPORT, 1) != 0) return -1;
  return family == AF_INET6 ? set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0) : 0;
}

int tlstream__socket_listen(const struct sockaddr *address, socklen_t len,
                            int backlog, bool reuse_port) {
  int fd = make(address->sa_family);
  if (fd < 0) return last_error();
  if (set_options(fd, address->sa_family, reuse_port) == 0 &&
      bind(fd, address, len) == 0 && listen(fd, backlog) == 0) {
    return fd;
  }
  int status = last_error();
  close(fd);
  return status;
}

static int ask(int fd, int option) {
  int value = 0;
  socklen_t len = sizeof(value);
  int failed = getsockopt(fd, SOL_SOCKET, option, &value, &len);
  return failed ? last_error() : value;
}

int tlstream__socket_take_listening(int fd) {
  struct sockaddr_storage name = {0};
  socklen_t len = sizeof(name);
  if (ask(fd, SO_ACCEPTCONN) <= 0 || ask(fd, SO_TYPE) != SOCK_STREAM ||
      getsockname(fd, (struct sockaddr *)&name, &len) != 0 ||
      (name.ss_family != AF_INET && name.ss_family != AF_INET6 &&
       name.ss_family != AF_UNIX)) {
    return UV_EINVAL;
  }
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
      fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    return last_error();
  }
  return name.ss_family;
}

int tlstream__socket_connect(const struct sockaddr *address, socklen_t len,
                             bool *connected) {
  int fd = make(address->sa_family);
  if (fd < 0) return last_error();
  *connected = connect(fd, address, len) == 0;
  /* Interrupted, it goes on all the same (connect(2)). */
  if (*connected || errno == EINPROGRESS || errno == EINTR) return fd;
  int status = last_error();
  close(fd);
  return status;
}

int tlstream__socket_accept(int listening, struct sockaddr_storage *peer) {
  socklen_t len = sizeof(*peer);
  memset(peer, 0, sizeof(*peer));
  int fd = take(listening, (struct sockaddr *)peer, &len);
  return fd >= 0 ? fd : last_error();
}

int tlstream__socket_reserve(void) {
  int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  return fd >= 0 ? fd : last_error();
}
