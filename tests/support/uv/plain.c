/* SPDX-License-Identifier: MIT */
#include "support/uv/plain.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tlstream/pair_ending.h>

#include "support/test.h"
#include "support/uv/loopback.h"

typedef union any_handle {
  uv_stream_t stream;
  uv_tcp_t tcp;
  uv_pipe_t pipe;
} any_handle;

typedef struct plain_request {
  uv_write_t request;
  char bytes[];
} plain_request;

static void *must_have(void *memory) {
  if (memory == NULL) abort();
  return memory;
}

void plain_make(uv_loop_t *loop, plain_kind kind, plain_end *self) {
  any_handle *made = must_have(malloc(sizeof(*made)));
  int status = kind == PLAIN_TCP ? uv_tcp_init(loop, &made->tcp)
                                 : uv_pipe_init(loop, &made->pipe, 0);
  CHECK_INT(status, 0);
  self->handle = &made->stream;
  self->handle->data = self;
  self->heard = must_have(calloc(1, 1));
}

static void open_fd(plain_end *self, int fd) {
  if (self->handle->type == UV_TCP) {
    CHECK_ERROR(uv_tcp_open((uv_tcp_t *)self->handle, fd), 0);
    uv_tcp_nodelay((uv_tcp_t *)self->handle, 1); /* tests are impatient */
  } else {
    CHECK_ERROR(uv_pipe_open((uv_pipe_t *)self->handle, fd), 0);
  }
}

static void connect_tcp(int fds[2]) {
  loopback at = {.at = {.host = "127.0.0.1"}};
  int listening = raw_listen("127.0.0.1", 1, &at.at.port);
  fds[0] = raw_connect(&at);
  fds[1] = accept(listening, NULL, NULL);
  CHECK_GE(fds[1], 0);
  close(listening);
}

void plain_link(uv_loop_t *loop, plain_kind kind, plain_end *a, plain_end *b) {
  int fds[2];
  if (kind == PLAIN_TCP) {
    connect_tcp(fds);
  } else {
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
  }
  plain_make(loop, kind, a);
  plain_make(loop, kind, b);
  open_fd(a, fds[0]);
  open_fd(b, fds[1]);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf) {
  (void)handle;
  *buf = uv_buf_init(must_have(malloc(suggested)), (unsigned)suggested);
}

static void note(plain_end *self, const char *bytes, size_t len) {
  size_t needed = self->heard_len + len + 1;
  if (needed > self->heard_cap) {
    self->heard_cap = 2 * needed;
    self->heard = must_have(realloc(self->heard, self->heard_cap));
  }
  memcpy(self->heard + self->heard_len, bytes, len);
  self->heard_len += len;
  self->heard[self->heard_len] = '\0';
}

/* The buffer goes first: a callback may free the handle. */
static void on_read(uv_stream_t *handle, ssize_t nread, const uv_buf_t *buf) {
  plain_end *self = handle->data;
  CHECK(self->handle == handle);
  if (nread > 0) {
    note(self, buf->base, (size_t)nread);
    if (self->on_bytes != NULL) {
      self->on_bytes(self, buf->base, (size_t)nread);
    }
  } else if (nread < 0) {
    uv_read_stop(handle);
    self->stop = (int)nread;
    if (self->on_stop != NULL) self->on_stop(self, (int)nread);
  }
  free(buf->base);
}

void plain_read(plain_end *self) {
  CHECK_ERROR(uv_read_start(self->handle, on_alloc, on_read), 0);
}

/* The user's own callback finds the user's own data, whatever has happened to
 * the handle since. */
static void on_written(uv_write_t *request, int status) {
  plain_end *self = request->handle->data;
  CHECK(self == request->data);
  self->written++;
  if (status != 0) self->failed++;
  free(request);
}

void plain_write(plain_end *self, const void *bytes, size_t len) {
  plain_request *made = must_have(malloc(sizeof(*made) + len));
  uv_buf_t buf = uv_buf_init(made->bytes, (unsigned)len);
  memcpy(made->bytes, bytes, len);
  made->request.data = self;
  CHECK_ERROR(uv_write(&made->request, self->handle, &buf, 1, on_written), 0);
  self->writes++;
}

void plain_say(plain_end *self, const char *text) {
  plain_write(self, text, strlen(text));
}

static void on_closed(uv_handle_t *handle) {
  plain_end *self = handle->data;
  self->handle = NULL;
  free(handle);
}

void plain_close(plain_end *self) {
  if (self->handle == NULL || uv_is_closing((uv_handle_t *)self->handle)) {
    return;
  }
  uv_close((uv_handle_t *)self->handle, on_closed);
}

void plain_released(uv_stream_t *handle) {
  plain_end *self = handle->data;
  CHECK(self->handle == handle);
  self->handle = NULL;
  self->released++;
  free(handle);
}

void plain_done(plain_end *self) {
  CHECK(self->handle == NULL);
  CHECK_INT(self->written, self->writes);
  free(self->heard);
  self->heard = NULL;
  self->heard_len = self->heard_cap = 0;
}

void plain_peer_flush(plain_peer *self) {
  size_t len = 0;
  const void *data = tlstream_pair_peek(self->pair, &len);
  if (len == 0 || self->hold || self->end.handle == NULL) return;
  if (uv_is_closing((uv_handle_t *)self->end.handle)) return;
  plain_write(&self->end, data, len);
  tlstream_pair_consume(self->pair, len);
}

/* All of it is counted, the beginning is kept. */
static void keep_data(plain_peer *self, const char *bytes, size_t len) {
  size_t room = sizeof(self->got) - 1;
  if (self->got_len < room) {
    size_t n = len < room - self->got_len ? len : room - self->got_len;
    memcpy(self->got + self->got_len, bytes, n);
    self->got[self->got_len + n] = '\0';
  }
  self->got_len += len;
}

static void take_data(plain_peer *self) {
  char bytes[16 * 1024];
  ptrdiff_t len = 0;
  while ((len = tlstream_pair_read(self->pair, bytes, sizeof(bytes))) > 0)
    keep_data(self, bytes, (size_t)len);
}

static void look_at_events(plain_peer *self) {
  tlstream_event event = TLSTREAM_EVENT_NONE;
  while ((event = tlstream_pair_next_event(self->pair)) != 0) {
    if (event != TLSTREAM_EVENT_END) continue;
    self->saw_end = true;
    if (!self->rude) tlstream_pair_end(self->pair);
  }
}

void plain_peer_feed(plain_peer *self, const void *data, size_t len) {
  const char *bytes = data;
  while (len > 0) {
    ptrdiff_t taken = tlstream_pair_feed(self->pair, bytes, len);
    if (taken <= 0) break;
    bytes += taken;
    len -= (size_t)taken;
    take_data(self);
  }
  look_at_events(self);
  plain_peer_flush(self);
}

static void on_bytes(plain_end *end, const char *bytes, size_t len) {
  plain_peer_feed((plain_peer *)(void *)end, bytes, len);
}

void plain_peer_open(plain_peer *self, tlstream_pair *pair) {
  self->pair = pair;
  self->end.on_bytes = on_bytes;
  CHECK_ERROR(tlstream_pair_start(pair), 0);
  plain_peer_flush(self);
}

void plain_peer_done(plain_peer *self) {
  tlstream_pair_free(self->pair);
  plain_done(&self->end);
}
