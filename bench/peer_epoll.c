/* SPDX-License-Identifier: MIT */
/*
 * The server a careful C programmer writes without any library in between:
 * one thread, epoll (level-triggered), non-blocking sockets and SSL_set_fd.
 *
 * A step of a connection returns the epoll events it waits for, or 0 when the
 * connection is over. Bytes the kernel refused are kept with the connection,
 * and nothing more is read from it until they have left.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <openssl/err.h>

#include "peer.h"

enum {
  CLOSED = 0,
  RECORDS_PER_TURN = 16, /* then the other connections have theirs */
  EVENTS_PER_WAIT = 256,
};

struct connection {
  SSL *ssl;
  int fd;
  uint32_t events; /* what epoll watches for */
  char *unsent;    /* owned; NULL unless the socket is full */
  size_t unsent_len;
};

static enum peer_mode mode;
static SSL_CTX *context;
static int epoll_fd;
static int listen_fd;

/* What OpenSSL waits for after a call that did not succeed. */
static uint32_t awaited(struct connection *conn, int result) {
  switch (SSL_get_error(conn->ssl, result)) {
    case SSL_ERROR_WANT_READ: return EPOLLIN;
    case SSL_ERROR_WANT_WRITE: return EPOLLOUT;
    case SSL_ERROR_ZERO_RETURN: SSL_shutdown(conn->ssl); return CLOSED;
    default: return CLOSED;
  }
}

/* OpenSSL may hold bytes that epoll cannot see: waiting for a socket that is
 * almost always writable is the way to be called again at once. */
static uint32_t call_again(struct connection *conn) {
  return SSL_has_pending(conn->ssl) ? EPOLLIN | EPOLLOUT : EPOLLIN;
}

static void keep_unsent(struct connection *conn, const char *bytes,
                        size_t len) {
  conn->unsent = malloc(len);
  if (conn->unsent == NULL) peer_fail("malloc");
  memcpy(conn->unsent, bytes, len);
  conn->unsent_len = len;
}

/* Every echo is at most one record, which leaves whole or not at all. */
static uint32_t send_echo(struct connection *conn, const char *bytes,
                          size_t len) {
  int sent = SSL_write(conn->ssl, bytes, (int)len);
  if (sent > 0) return EPOLLIN;
  uint32_t events = awaited(conn, sent);
  if (events != CLOSED && conn->unsent == NULL) keep_unsent(conn, bytes, len);
  return events;
}

static uint32_t flush(struct connection *conn) {
  uint32_t events = send_echo(conn, conn->unsent, conn->unsent_len);
  if (events != EPOLLIN) return events;
  free(conn->unsent);
  conn->unsent = NULL;
  return EPOLLIN;
}

static uint32_t receive(struct connection *conn) {
  static char buf[PEER_READ_CHUNK];
  for (int i = 0; i < RECORDS_PER_TURN; i++) {
    int got = SSL_read(conn->ssl, buf, sizeof(buf));
    if (got <= 0) return awaited(conn, got);
    if (mode == PEER_ECHO) {
      uint32_t events = send_echo(conn, buf, (size_t)got);
      if (conn->unsent != NULL || events == CLOSED) return events;
    }
    /* Asking again would cost a system call only to get EAGAIN. */
    if (!SSL_has_pending(conn->ssl)) return EPOLLIN;
  }
  return call_again(conn);
}

static uint32_t send_bulk(struct connection *conn) {
  for (int i = 0; i < RECORDS_PER_TURN; i++) {
    int sent = SSL_write(conn->ssl, peer_bulk_bytes, PEER_BULK_CHUNK);
    if (sent <= 0) return awaited(conn, sent);
  }
  return EPOLLOUT;
}

static uint32_t step(struct connection *conn) {
  ERR_clear_error();
  if (!SSL_is_init_finished(conn->ssl)) {
    int result = SSL_do_handshake(conn->ssl);
    if (result != 1) return awaited(conn, result);
    if (mode != PEER_BULK) return call_again(conn);
  }
  if (mode == PEER_BULK) return send_bulk(conn);
  if (conn->unsent != NULL) {
    uint32_t events = flush(conn);
    if (conn->unsent != NULL) return events;
  }
  return receive(conn);
}

static void drop(struct connection *conn) {
  SSL_free(conn->ssl);
  close(conn->fd);
  free(conn->unsent);
  free(conn);
}

static void serve(struct connection *conn) {
  uint32_t events = step(conn);
  if (events == CLOSED) {
    drop(conn);
    return;
  }
  if (events == conn->events) return;
  struct epoll_event event = {.events = events, .data.ptr = conn};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, conn->fd, &event) != 0)
    peer_fail("epoll_ctl");
  conn->events = events;
}

static void watch(int fd, void *owner) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = owner};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
    peer_fail("epoll_ctl (stdin must be a pipe or a terminal)");
}

static void welcome(int fd) {
  struct connection *conn = calloc(1, sizeof(*conn));
  if (conn == NULL) peer_fail("calloc");
  conn->fd = fd;
  conn->events = EPOLLIN;
  conn->ssl = SSL_new(context);
  if (conn->ssl == NULL || SSL_set_fd(conn->ssl, fd) != 1) peer_fail("SSL_new");
  SSL_set_accept_state(conn->ssl);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  watch(fd, conn);
}

static void accept_all(void) {
  for (;;) {
    int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      welcome(fd);
      continue;
    }
    if (errno == EAGAIN) return;
    if (errno != ECONNABORTED && errno != EINTR) peer_fail("accept4");
  }
}

static int listen_anywhere(void) {
  struct sockaddr_in address = {
      .sin_family = AF_INET,
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  socklen_t len = sizeof(address);
  listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listen_fd < 0) peer_fail("socket");
  if (bind(listen_fd, (struct sockaddr *)&address, len) != 0) peer_fail("bind");
  if (listen(listen_fd, PEER_BACKLOG) != 0) peer_fail("listen");
  if (getsockname(listen_fd, (struct sockaddr *)&address, &len) != 0)
    peer_fail("getsockname");
  return ntohs(address.sin_port);
}

static void dispatch(void *owner) {
  if (owner == &listen_fd) {
    accept_all();
  } else if (owner == NULL) {
    peer_check_stdin();
  } else {
    serve(owner);
  }
}

int main(int argc, char **argv) {
  mode = peer_arguments(argc, argv);
  context = peer_context(argv[2], argv[3]);
  /* One read takes the header and the body of a record together. */
  SSL_CTX_set_read_ahead(context, 1);
  signal(SIGPIPE, SIG_IGN);
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd < 0) peer_fail("epoll_create1");
  peer_announce(listen_anywhere());
  watch(listen_fd, &listen_fd);
  watch(STDIN_FILENO, NULL);

  struct epoll_event events[EVENTS_PER_WAIT];
  for (;;) {
    int count = epoll_wait(epoll_fd, events, EVENTS_PER_WAIT, -1);
    if (count < 0 && errno != EINTR) peer_fail("epoll_wait");
    for (int i = 0; i < count; i++)
      dispatch(events[i].data.ptr);
  }
}
