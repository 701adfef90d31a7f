/* SPDX-License-Identifier: MIT */
#include "uv/ocsp/exchange.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include <tlstream/dial.h>
#include <tlstream/ocsp.h>

#include "base/alloc.h"
#include "base/error.h"
#include "uv/uv_error.h"

enum {
  HEAD_MAX = 8 * 1024,
  ANSWER_MAX = TLSTREAM_OCSP_MAX + HEAD_MAX,
  REQUEST_HEAD_MAX = 2048,
  STATUS_OK = 200
};

struct tlstream__exchange {
  uv_timer_t timer;
  uv_tcp_t tcp;
  uv_write_t write;
  tlstream_dialer *dialer; /* while it connects */
  tlstream__url url;
  char head[REQUEST_HEAD_MAX];
  unsigned char *request; /* owned */
  size_t request_len;
  unsigned char *answer; /* owned */
  size_t answer_len;
  tlstream__exchange_cb on_done; /* NULL: it has been called, or need not be */
  void *data;
  int holds; /* handles that are open, and the dialer */
};

static void release(tlstream__exchange *exchange) {
  if (--exchange->holds > 0) return;
  tlstream__free(exchange->request);
  tlstream__free(exchange->answer);
  tlstream__free(exchange);
}

static void on_closed(uv_handle_t *handle) {
  release(handle->data);
}

static void close_handle(uv_handle_t *handle) {
  if (!uv_is_closing(handle)) uv_close(handle, on_closed);
}

static bool is_connected(const tlstream__exchange *exchange) {
  return exchange->tcp.data != NULL;
}

static void shut(tlstream__exchange *exchange) {
  exchange->on_done = NULL;
  if (exchange->dialer != NULL) tlstream_dialer_cancel(exchange->dialer);
  if (is_connected(exchange)) close_handle((uv_handle_t *)&exchange->tcp);
  close_handle((uv_handle_t *)&exchange->timer);
}

static void finish(tlstream__exchange *exchange, const void *body, size_t len,
                   const tlstream_error *error) {
  tlstream__exchange_cb on_done = exchange->on_done;
  void *data = exchange->data;
  if (on_done == NULL) return;
  shut(exchange);
  on_done(body, len, error, data);
}

static void fail(tlstream__exchange *exchange, const char *what) {
  tlstream_error error;
  tlstream__error_set(&error, TLSTREAM_ERR_OCSP_RESPONSE,
                      "the responder http://%s%s %s", exchange->url.authority,
                      exchange->url.path, what);
  finish(exchange, NULL, 0, &error);
}

static void fail_uv(tlstream__exchange *exchange, int status) {
  tlstream_error error;
  tlstream__uv_error(&error, TLSTREAM_ERR_SYSTEM, status,
                     "the connection to the responder");
  finish(exchange, NULL, 0, &error);
}

static void take_answer(tlstream__exchange *exchange,
                        const tlstream__http_answer *answer) {
  char what[64];
  if (answer->status == STATUS_OK) {
    finish(exchange, answer->body, answer->len, NULL);
    return;
  }
  snprintf(what, sizeof(what), "answers with HTTP status %d", answer->status);
  fail(exchange, what);
}

static void look(tlstream__exchange *exchange, bool at_end) {
  tlstream__http_answer answer;
  switch (tlstream__http_parse(&answer, exchange->answer, exchange->answer_len,
                               at_end)) {
    case TLSTREAM__HTTP_DONE: take_answer(exchange, &answer); break;
    case TLSTREAM__HTTP_BAD:
      fail(exchange,
           at_end ? "ends in the middle of its answer" : "does not speak HTTP");
      break;
    default:
      if (exchange->answer_len == ANSWER_MAX) {
        fail(exchange, "answers with more than 40 KiB");
      }
      break;
  }
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *room) {
  tlstream__exchange *exchange = handle->data;
  (void)suggested;
  room->base = (char *)exchange->answer + exchange->answer_len;
  room->len = ANSWER_MAX - exchange->answer_len;
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *room) {
  tlstream__exchange *exchange = stream->data;
  (void)room;
  if (n > 0) exchange->answer_len += (size_t)n;
  if (n > 0 || n == UV_EOF) {
    look(exchange, n == UV_EOF);
  } else if (n < 0) {
    fail_uv(exchange, (int)n);
  }
}

/* The responder may have answered before it had read all. */
static void on_written(uv_write_t *write, int status) {
  (void)write, (void)status;
}

static int ask(tlstream__exchange *exchange) {
  int len = snprintf(exchange->head, sizeof(exchange->head),
                     "POST %s HTTP/1.1\r\nHost: %s\r\n"
                     "Content-Type: application/ocsp-request\r\n"
                     "Accept: application/ocsp-response\r\n"
                     "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                     exchange->url.path, exchange->url.authority,
                     exchange->request_len);
  assert(len > 0 && len < REQUEST_HEAD_MAX);
  const uv_buf_t both[] = {
      uv_buf_init(exchange->head, (unsigned)len),
      uv_buf_init((char *)exchange->request, (unsigned)exchange->request_len)};
  uv_stream_t *stream = (uv_stream_t *)&exchange->tcp;
  int status = uv_write(&exchange->write, stream, both, 2, on_written);
  return status == 0 ? uv_read_start(stream, on_room, on_read) : status;
}

static int use_socket(tlstream__exchange *exchange, int fd) {
  int status = uv_tcp_init(exchange->timer.loop, &exchange->tcp);
  if (status == 0) {
    exchange->tcp.data = exchange;
    exchange->holds++;
    uv_unref((uv_handle_t *)&exchange->tcp);
    status = uv_tcp_open(&exchange->tcp, fd);
  }
  if (status != 0) close(fd);
  return status == 0 ? ask(exchange) : status;
}

static void on_dialed(int fd, const tlstream_address *peer,
                      const tlstream_error *error, void *data) {
  tlstream__exchange *exchange = data;
  (void)peer;
  exchange->dialer = NULL;
  if (exchange->on_done == NULL) {
    if (fd >= 0) close(fd);
  } else if (error != NULL) {
    finish(exchange, NULL, 0, error);
  } else {
    int status = use_socket(exchange, fd);
    if (status != 0) fail_uv(exchange, status);
  }
  release(exchange);
}

static void on_timeout(uv_timer_t *timer) {
  fail(timer->data, "takes too long");
}

static tlstream__exchange *make(const tlstream__url *url) {
  tlstream__exchange *exchange = tlstream__calloc(sizeof(*exchange));
  if (exchange == NULL) return NULL;
  exchange->url = *url;
  exchange->answer = tlstream__malloc(ANSWER_MAX);
  if (exchange->answer != NULL) return exchange;
  tlstream__free(exchange);
  return NULL;
}

static void begin(tlstream__exchange *exchange, uv_loop_t *uv,
                  unsigned timeout_ms) {
  uv_timer_init(uv, &exchange->timer);
  exchange->timer.data = exchange;
  uv_unref((uv_handle_t *)&exchange->timer);
  uv_timer_start(&exchange->timer, on_timeout, timeout_ms, 0);
  exchange->holds = 2;
}

tlstream__exchange *
tlstream__exchange_start(uv_loop_t *uv, const tlstream__url *url,
                         unsigned char *request, size_t len,
                         unsigned timeout_ms, tlstream__exchange_cb on_done,
                         void *data, tlstream_error *error) {
  tlstream__exchange *exchange = make(url);
  if (exchange != NULL) {
    exchange->dialer = tlstream_dial(uv,
                                     TLSTREAM_DIAL(.host = exchange->url.host,
                                                   .port = exchange->url.port,
                                                   .connect_ms = timeout_ms),
                                     on_dialed, exchange, error);
  } else {
    tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  if (exchange == NULL || exchange->dialer == NULL) {
    if (exchange != NULL) tlstream__free(exchange->answer);
    tlstream__free(exchange);
    tlstream__free(request);
    return NULL;
  }
  exchange->request = request;
  exchange->request_len = len;
  exchange->on_done = on_done;
  exchange->data = data;
  begin(exchange, uv, timeout_ms);
  return exchange;
}

void tlstream__exchange_cancel(tlstream__exchange *exchange) {
  shut(exchange);
}
