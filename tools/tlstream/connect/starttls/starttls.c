/* SPDX-License-Identifier: MIT */
#include "connect/starttls/starttls.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "message.h"

/* REPLY_MAX bounds a reply of many lines. */
enum { REPLY_MAX = 64 * 1024, CONNECT_MS = 10000 };

static void ignore_close(uv_handle_t *handle) {
  (void)handle;
}

/* Zeroed: not made yet. */
static void close_once(uv_handle_t *handle) {
  if (handle->type == UV_UNKNOWN_HANDLE || uv_is_closing(handle)) return;
  uv_close(handle, ignore_close);
}

static void fail(starttls *self, int status) {
  if (self->is_over) return;
  self->is_over = true;
  close_once((uv_handle_t *)&self->deadline);
  close_once(&self->uv.any);
  self->on_failed(self, status);
}

static void fail_with(starttls *self, int code, const char *what) {
  print_message("%s: %s", tlstream_error_name(code), what);
  fail(self, EXIT_PEER);
}

static void fail_by_system(starttls *self, const char *what, int status) {
  print_message("%s: %s %s: %s", uv_err_name(status), what,
                escaped(self->target), uv_strerror(status));
  fail(self, EXIT_PEER);
}

static void on_deadline(uv_timer_t *timer) {
  starttls *self = timer->data;
  print_message("%s: %s did not begin TLS within %u ms",
                tlstream_error_name(TLSTREAM_ERR_CONNECT_TIMEOUT),
                escaped(self->target), self->timeout_ms);
  fail(self, EXIT_PEER);
}

/* The reply is not authenticated, but it may explain the refusal. */
static void fail_by_reply(starttls *self, int code, const char *why) {
  char shown[4 * REPLY_QUOTE_MAX];
  const reply *given = &self->reply;
  tlstream_escape(shown, sizeof(shown), given->quote, given->quote_len);
  if (given->quote_len == 0) {
    print_message("%s: %s", tlstream_error_name(code), why);
  } else {
    print_message("%s: %s: '%s'", tlstream_error_name(code), why, shown);
  }
  fail(self, EXIT_PEER);
}

/* The same, with what has been received of it. */
static void fail_by_received(starttls *self, int code, const char *why) {
  size_t len = self->len;
  while (len > 0 && memchr("\r\n", self->received[len - 1], 2) != NULL)
    len--;
  reply_quote(&self->reply, self->received, len);
  fail_by_reply(self, code, why);
}

static void on_written(uv_write_t *request, int status) {
  starttls *self = request->data;
  if (status == 0 || self->is_over) return; /* already reported */
  fail_by_system(self, "cannot write to", status);
}

static const starttls_step *step_of(const starttls *self) {
  return &self->protocol->steps[self->step];
}

static const char *name_to_send(const starttls *self, request_name kind,
                                char own[STARTTLS_NAME_MAX]) {
  if (kind == NAME_NONE) return "";
  if (self->name != NULL) return self->name;
  if (kind == NAME_OF_SERVER) return self->domain != NULL ? self->domain : "";
  starttls_own_name(&self->uv.stream, own);
  return own;
}

/* The length of the request, or 0 if the name cannot stand in it. */
static size_t make_request(starttls *self) {
  char own[STARTTLS_NAME_MAX];
  const starttls_step *step = step_of(self);
  const char *name = name_to_send(self, step->name, own);
  if (step->name != NAME_NONE && !starttls_name_is_valid(name)) return 0;
  const char *end = step->request_end != NULL ? step->request_end : "";
  size_t room = sizeof(self->request) - step->request_len;
  memcpy(self->request, step->request, step->request_len);
  int more =
      snprintf(self->request + step->request_len, room, "%s%s", name, end);
  return (size_t)more < room ? step->request_len + (size_t)more : 0;
}

static void send_request(starttls *self) {
  if (step_of(self)->request == NULL) return;
  size_t len = make_request(self);
  if (len == 0) {
    print_message("no name that can be sent to the server is known; --name "
                  "gives one");
    fail(self, EXIT_LOCAL);
    return;
  }
  uv_buf_t buf = uv_buf_init(self->request, (unsigned)len);
  self->write.data = self;
  int status = uv_write(&self->write, &self->uv.stream, &buf, 1, on_written);
  if (status != 0) fail_by_system(self, "cannot write to", status);
}

/* False after a reset that has not been read yet. */
static bool is_connected(const starttls *self) {
  struct sockaddr_storage peer;
  int len = sizeof(peer);
  return self->path != NULL ||
         uv_tcp_getpeername(&self->uv.tcp, (struct sockaddr *)&peer, &len) == 0;
}

static void finish(starttls *self) {
  if (!is_connected(self)) {
    fail_with(self, TLSTREAM_ERR_CLOSED_IN_HANDSHAKE,
              "the server closed the connection before TLS");
    return;
  }
  self->is_over = true;
  close_once((uv_handle_t *)&self->deadline);
  uv_read_stop(&self->uv.stream);
  self->on_ready(self, &self->uv.stream,
                 (tlstream_bytes){self->received, self->len});
}

static void next_step(starttls *self);

static void begin_step(starttls *self) {
  send_request(self);
  if (!self->is_over && step_of(self)->parse == NULL) next_step(self);
}

/* Bytes after a complete reply were sent before the next request. They may be
 * injected, so they are refused, as tlstream_upgrade() refuses bytes after the
 * last reply. */
static void next_step(starttls *self) {
  self->reply = (reply){0};
  self->consumed = 0;
  if (++self->step == self->protocol->count) {
    finish(self);
  } else if (self->len > 0) {
    fail_with(self, TLSTREAM_ERR_PLAINTEXT_INJECTED,
              "a reply came before its request, from the server or from an "
              "attacker");
  } else {
    begin_step(self);
  }
}

static void consume(starttls *self, size_t used) {
  self->consumed += used;
  self->len -= used;
  memmove(self->received, self->received + used, self->len);
}

static reply_result parse(starttls *self, bool is_ended, size_t *used) {
  self->reply.step = step_of(self);
  self->reply.bytes = self->received;
  self->reply.len = self->len;
  self->reply.is_ended = is_ended;
  return self->reply.step->parse(&self->reply, used);
}

/* Parse one part of the reply. True if another may be in the buffer. */
static bool process_reply(starttls *self, bool is_ended) {
  size_t used = 0;
  switch (parse(self, is_ended, &used)) {
    case REPLY_PARTIAL: consume(self, used); return used > 0;
    case REPLY_OK:
      consume(self, used);
      next_step(self);
      return self->len > 0;
    case REPLY_REFUSED:
      fail_by_reply(self, TLSTREAM_ERR_NOT_TLS, self->reply.why);
      return false;
    case REPLY_TOO_LONG:
      fail_by_received(self, TLSTREAM_ERR_NOT_TLS,
                       "the reply of the server is too long");
      return false;
    default:
      fail_by_received(self, TLSTREAM_ERR_NOT_TLS,
                       "this is not a reply in this protocol");
      return false;
  }
}

/* Parse what there is, and what it means that there is no more. */
static void process_end(starttls *self) {
  while (!self->is_over && process_reply(self, /* is_ended = */ true))
    continue;
  if (self->is_over) return;
  fail_by_received(self, TLSTREAM_ERR_CLOSED_IN_HANDSHAKE,
                   "the server closed the connection before TLS");
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf) {
  starttls *self = handle->data;
  (void)suggested;
  *buf = uv_buf_init(self->received + self->len,
                     (unsigned)(sizeof(self->received) - self->len));
}

static void on_read(uv_stream_t *stream, ssize_t nread, const uv_buf_t *buf) {
  starttls *self = stream->data;
  (void)buf;
  if (nread == UV_EOF) {
    process_end(self);
  } else if (nread < 0) {
    fail_by_system(self, "cannot read from", (int)nread);
  }
  if (nread <= 0) return;
  self->len += (size_t)nread;
  while (!self->is_over && process_reply(self, /* is_ended = */ false))
    continue;
  if (self->is_over) return;
  if (self->len == sizeof(self->received) || self->consumed > REPLY_MAX) {
    fail_by_received(self, TLSTREAM_ERR_NOT_TLS,
                     "the reply of the server is too long");
  }
}

static void begin(starttls *self) {
  int status = uv_read_start(&self->uv.stream, on_alloc, on_read);
  if (status != 0) {
    fail_by_system(self, "cannot read from", status);
  } else {
    begin_step(self);
  }
}

/* Owns the descriptor, if only to close it. */
static int open_handle(starttls *self, int fd) {
  int status = 0;
  if (self->path != NULL) {
    uv_pipe_init(self->loop, &self->uv.pipe, 0);
    status = uv_pipe_open(&self->uv.pipe, fd);
  } else {
    uv_tcp_init(self->loop, &self->uv.tcp);
    status = uv_tcp_open(&self->uv.tcp, fd);
  }
  self->uv.any.data = self;
  if (status != 0) close(fd);
  return status;
}

static void on_dialed(int fd, const tlstream_address *peer,
                      const tlstream_error *error, void *data) {
  starttls *self = data;
  (void)peer;
  if (error != NULL) {
    fail(self, print_error(error));
    return;
  }
  uv_timer_init(self->loop, &self->deadline);
  self->deadline.data = self;
  uv_timer_start(&self->deadline, on_deadline, self->timeout_ms, 0);
  int status = open_handle(self, fd);
  if (status != 0) {
    fail_by_system(self, "cannot use the connection to", status);
  } else {
    begin(self);
  }
}

void starttls_start(starttls *self, uv_loop_t *loop, const endpoint *target,
                    const char *path) {
  tlstream_error error;
  self->loop = loop;
  self->path = path;
  self->target = path != NULL ? path : target->host;
  unsigned connect_ms =
      self->timeout_ms < CONNECT_MS ? self->timeout_ms : CONNECT_MS;
  if (tlstream_dial(loop,
                    TLSTREAM_DIAL(.host = path == NULL ? target->host : NULL,
                                  .port = target->port, .path = path,
                                  .connect_ms = connect_ms),
                    on_dialed, self, &error) == NULL) {
    fail(self, print_error(&error));
  }
}
