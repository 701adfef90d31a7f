/* SPDX-License-Identifier: MIT */
/*
 * What the glue libraries do: OpenSSL between two memory BIOs, on libuv.
 * Every read is a fresh 64 KiB block copied into one BIO; what gathers in the
 * other is copied into a block of its own and handed to uv_write.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include <uv.h>

#include <openssl/err.h>

#include "peer.h"

enum {
  QUEUE_CEILING = 1024 * 1024, /* more unsent than this stops the reading */
};

struct connection {
  uv_tcp_t tcp;
  SSL *ssl;
  BIO *incoming; /* both are the SSL's */
  BIO *outgoing;
  bool paused;
};

struct outgoing_block {
  uv_write_t request;
  char bytes[];
};

static enum peer_mode mode;
static SSL_CTX *context;

static void on_closed(uv_handle_t *handle) {
  struct connection *conn = handle->data;
  SSL_free(conn->ssl);
  free(conn);
}

static void drop(struct connection *conn) {
  uv_handle_t *handle = (uv_handle_t *)&conn->tcp;
  if (!uv_is_closing(handle)) uv_close(handle, on_closed);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf) {
  (void)handle;
  *buf = uv_buf_init(malloc(suggested), (unsigned)suggested);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf);
static void on_written(uv_write_t *request, int status);

/* Sends whatever OpenSSL has made so far. */
static void flush(struct connection *conn) {
  size_t len = BIO_ctrl_pending(conn->outgoing);
  if (len == 0) return;
  struct outgoing_block *block = malloc(sizeof(*block) + len);
  if (block == NULL) peer_fail("malloc");
  BIO_read(conn->outgoing, block->bytes, (int)len);
  uv_stream_t *stream = (uv_stream_t *)&conn->tcp;
  uv_buf_t buf = uv_buf_init(block->bytes, (unsigned)len);
  if (uv_write(&block->request, stream, &buf, 1, on_written) != 0) {
    free(block);
    drop(conn);
    return;
  }
  if (!conn->paused && stream->write_queue_size > QUEUE_CEILING) {
    uv_read_stop(stream);
    conn->paused = true;
  }
}

/* PARTIAL_WRITE takes one record a call; a memory BIO never refuses one. */
static void write_all(struct connection *conn, const char *bytes, size_t len) {
  while (len > 0) {
    int sent = SSL_write(conn->ssl, bytes, (int)len);
    if (sent <= 0) peer_fail("SSL_write");
    bytes += sent;
    len -= (size_t)sent;
  }
}

static void send_bulk(struct connection *conn) {
  write_all(conn, peer_bulk_bytes, PEER_BULK_CHUNK);
  flush(conn);
}

static void on_written(uv_write_t *request, int status) {
  struct connection *conn = request->handle->data;
  uv_stream_t *stream = request->handle;
  free(request); /* the first member of its block */
  if (uv_is_closing((uv_handle_t *)stream)) return;
  if (status != 0) {
    drop(conn);
    return;
  }
  if (conn->paused && stream->write_queue_size == 0) {
    conn->paused = false;
    uv_read_start(stream, on_room, on_read);
  }
  if (mode == PEER_BULK && SSL_is_init_finished(conn->ssl) &&
      stream->write_queue_size == 0)
    send_bulk(conn);
}

/* Reads all there is; returns why it ended, an SSL_ERROR_ code. */
static int receive(struct connection *conn) {
  static char buf[PEER_READ_CHUNK];
  for (;;) {
    int got = SSL_read(conn->ssl, buf, sizeof(buf));
    if (got <= 0) return SSL_get_error(conn->ssl, got);
    if (mode == PEER_ECHO) write_all(conn, buf, (size_t)got);
  }
}

static void advance(struct connection *conn) {
  ERR_clear_error();
  /* SSL_read also does the handshake. */
  int error = receive(conn);
  if (error == SSL_ERROR_ZERO_RETURN) SSL_shutdown(conn->ssl);
  flush(conn);
  if (error != SSL_ERROR_WANT_READ) drop(conn);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf) {
  struct connection *conn = stream->data;
  if (got > 0) BIO_write(conn->incoming, buf->base, (int)got);
  free(buf->base);
  if (got < 0) {
    drop(conn);
  } else if (got > 0) {
    advance(conn);
  }
}

static struct connection *new_connection(uv_loop_t *loop) {
  struct connection *conn = calloc(1, sizeof(*conn));
  if (conn == NULL) peer_fail("calloc");
  conn->ssl = SSL_new(context);
  conn->incoming = BIO_new(BIO_s_mem());
  conn->outgoing = BIO_new(BIO_s_mem());
  if (conn->ssl == NULL || conn->incoming == NULL || conn->outgoing == NULL)
    peer_fail("SSL_new");
  SSL_set_bio(conn->ssl, conn->incoming, conn->outgoing);
  SSL_set_accept_state(conn->ssl);
  uv_tcp_init(loop, &conn->tcp);
  conn->tcp.data = conn;
  return conn;
}

static void on_connection(uv_stream_t *server, int status) {
  if (status != 0) peer_fail(uv_strerror(status));
  struct connection *conn = new_connection(server->loop);
  uv_stream_t *stream = (uv_stream_t *)&conn->tcp;
  if (uv_accept(server, stream) != 0) {
    drop(conn);
    return;
  }
  uv_tcp_nodelay(&conn->tcp, 1);
  uv_read_start(stream, on_room, on_read);
}

static int listen_anywhere(uv_tcp_t *server) {
  struct sockaddr_in address;
  int len = sizeof(address);
  uv_ip4_addr("127.0.0.1", 0, &address);
  uv_tcp_init(uv_default_loop(), server);
  int status = uv_tcp_bind(server, (struct sockaddr *)&address, 0);
  if (status == 0)
    status = uv_listen((uv_stream_t *)server, PEER_BACKLOG, on_connection);
  if (status == 0)
    status = uv_tcp_getsockname(server, (struct sockaddr *)&address, &len);
  if (status != 0) peer_fail(uv_strerror(status));
  return ntohs(address.sin_port);
}

static void on_stdin(uv_poll_t *poll, int status, int events) {
  (void)poll;
  (void)status;
  (void)events;
  peer_check_stdin();
}

int main(int argc, char **argv) {
  mode = peer_arguments(argc, argv);
  context = peer_context(argv[2], argv[3]);
  signal(SIGPIPE, SIG_IGN);

  uv_tcp_t server;
  uv_poll_t stopper;
  peer_announce(listen_anywhere(&server));
  if (uv_poll_init(uv_default_loop(), &stopper, STDIN_FILENO) != 0)
    peer_fail("uv_poll_init (stdin must be a pipe or a terminal)");
  uv_poll_start(&stopper, UV_READABLE, on_stdin);
  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
