/* SPDX-License-Identifier: MIT */
/*
 * A stream and a plain handle, joined: a proxy that takes TLS off. The client
 * is a stream, its server joins it with `near`, and `far` is the other end of
 * that, which the test commands.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tlstream/pipe_handle.h>
#include <tlstream/stream_info.h>

#include "support/test.h"
#include "support/torture.h"
#include "support/uv/loopback.h"
#include "support/uv/plain.h"

/* More than the buffers of four sockets. */
enum { BULK = 32 * 1024 * 1024, SOME = 100000 };

typedef struct proxy {
  loopback net;
  actor client;
  plain_end near;
  plain_end far;
  bool far_is_mute; /* it does not read */
  int joined;       /* what the call returned */
  uv_shutdown_t shutdown;
  void (*when_joined)(struct proxy *self);
} proxy;

static void join(loopback *net, actor *guest) {
  proxy *self = net->data;
  tlstream_error error;
  guest->any_data = true;
  self->joined = tlstream_pipe_handle(guest->stream, self->near.handle,
                                      plain_released, &error);
  CHECK_ERROR(self->joined, 0);
  if (!self->far_is_mute) plain_read(&self->far);
  if (self->when_joined != NULL) self->when_joined(self);
}

static void proxy_open(proxy *self, plain_kind kind) {
  self->net.data = self;
  self->net.on_connection = join;
  self->client.any_data = true;
  loopback_open(&self->net);
  plain_link(self->net.loop, kind, &self->near, &self->far);
  self->near.handle->data = &self->near;
  loopback_serve(&self->net, NULL);
  loopback_connect(&self->net, &self->client,
                   TLSTREAM_CONNECT(.allow_half_open = true));
}

static void proxy_run(proxy *self) {
  loopback_run(&self->net);
  actor_done(&self->client);
  CHECK_INT(self->near.released, 1);
  plain_done(&self->near);
  plain_done(&self->far);
  loopback_close(&self->net);
}

static void on_shutdown(uv_shutdown_t *request, int status) {
  (void)request, (void)status;
}

static void end_far(proxy *self) {
  uv_shutdown(&self->shutdown, self->far.handle, on_shutdown);
}

static void reset_far(proxy *self) {
  int fd = -1;
  struct linger linger = {.l_onoff = 1};
  uv_fileno((uv_handle_t *)self->far.handle, &fd);
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
  plain_close(&self->far);
}

static void say_and_end(actor *self, callback_kind kind) {
  if (kind != CAME_SECURE) return;
  CHECK_GE(actor_write(self, SOME), 0);
  tlstream_end(self->stream);
}

static void answer_and_close(plain_end *far, int status) {
  CHECK_ERROR(status, UV_EOF);
  CHECK_INT(far->heard_len, SOME);
  plain_say(far, "an answer after the end");
  plain_close(far);
}

/* uv_close() drops what waits: the answer is small enough to have left. */
TEST(the_streams_end_is_a_half_close) {
  for (plain_kind kind = 0; kind < PLAIN_KINDS; kind++) {
    proxy self = {.client.act = say_and_end, .far.on_stop = answer_and_close};
    proxy_open(&self, kind);
    proxy_run(&self);
    CHECK_INT(self.client.got, strlen("an answer after the end"));
    CHECK_INT(self.client.ending, TLSTREAM_ENDING_CLEAN);
    CHECK_INT(self.net.guests[0].ending, TLSTREAM_ENDING_CLEAN);
  }
}

static void greet_and_end(proxy *self) {
  plain_say(&self->far, "hello");
  end_far(self);
}

static void answer_the_end(actor *self, callback_kind kind) {
  if (kind != CAME_END) return;
  CHECK_INT(self->got, 5);
  CHECK_GE(actor_write(self, SOME), 0);
  tlstream_end(self->stream);
}

static void close_far(plain_end *far, int status) {
  CHECK_ERROR(status, UV_EOF);
  plain_close(far);
}

TEST(the_handles_end_is_a_half_close) {
  for (plain_kind kind = 0; kind < PLAIN_KINDS; kind++) {
    proxy self = {.client.act = answer_the_end,
                  .when_joined = greet_and_end,
                  .far.on_stop = close_far};
    proxy_open(&self, kind);
    loopback_until_over(&self.net, &self.client);
    CHECK_INT(self.far.heard_len, SOME);
    proxy_run(&self);
    CHECK_INT(self.client.ending, TLSTREAM_ENDING_CLEAN);
    CHECK_INT(self.net.guests[0].ending, TLSTREAM_ENDING_CLEAN);
  }
}

static void destroy_when_secure(actor *self, callback_kind kind) {
  if (kind != CAME_SECURE) return;
  CHECK_GE(actor_write(self, 100), 0);
  tlstream_flush(self->stream);
  actor_destroy(self);
}

static void close_on_any_end(plain_end *far, int status) {
  (void)status;
  plain_close(far);
}

/* A cut of the stream is none of the handle's ends. */
TEST(a_cut_of_the_stream_resets_the_handle) {
  proxy self = {.client.act = destroy_when_secure,
                .far.on_stop = close_on_any_end};
  proxy_open(&self, PLAIN_TCP);
  proxy_run(&self);
  CHECK_ERROR(self.far.stop, UV_ECONNRESET);
  CHECK_INT(self.net.guests[0].ending, TLSTREAM_ENDING_FAILED);
}

TEST(a_reset_of_the_handle_destroys_the_stream) {
  proxy self = {.when_joined = reset_far};
  proxy_open(&self, PLAIN_TCP);
  proxy_run(&self);
  CHECK_INT(self.net.guests[0].ending, TLSTREAM_ENDING_DESTROYED);
  CHECK_INT(self.client.ending, TLSTREAM_ENDING_FAILED);
  CHECK_INT(self.client.order.count[CAME_END], 0);
}

static void say_something(actor *self, callback_kind kind) {
  if (kind == CAME_SECURE) CHECK_GE(actor_write(self, 100), 0);
}

static void answer_and_reset(plain_end *far, const char *bytes, size_t len) {
  proxy *self = far->data;
  (void)bytes, (void)len;
  if (far->writes > 0) return;
  plain_say(far, "busy");
  reset_far(self);
}

/* As a backend does that refuses without having read all. */
TEST(what_the_handle_said_before_its_reset_arrives) {
  proxy self = {.client.act = say_something, .far.on_bytes = answer_and_reset};
  self.far.data = &self;
  proxy_open(&self, PLAIN_TCP);
  proxy_run(&self);
  CHECK_INT(self.client.got, 4);
  CHECK_INT(self.client.ending, TLSTREAM_ENDING_FAILED);
  CHECK_INT(self.net.guests[0].ending, TLSTREAM_ENDING_DESTROYED);
}

/* The user's own destroy() is a cut too. */
static void destroy_guest(proxy *self) {
  actor_destroy(&self->net.guests[0]);
}

TEST(destroying_the_stream_resets_the_handle) {
  proxy self = {.when_joined = destroy_guest, .far.on_stop = close_on_any_end};
  proxy_open(&self, PLAIN_TCP);
  proxy_run(&self);
  CHECK_ERROR(self.far.stop, UV_ECONNRESET);
  CHECK_INT(self.net.guests[0].ending, TLSTREAM_ENDING_DESTROYED);
}

static void send_bulk(actor *self, callback_kind kind) {
  if (kind == CAME_SECURE) CHECK_GE(actor_write(self, BULK), 0);
  if (kind == CAME_DRAIN) tlstream_end(self->stream);
}

static void wait_a_while(uv_timer_t *timer) {
  uv_close((uv_handle_t *)timer, NULL);
}

/* Run the loop for some time, in which what is going to stand still does. */
static void pass_time(proxy *self) {
  uv_timer_t timer;
  uv_timer_init(self->net.loop, &timer);
  uv_timer_start(&timer, wait_a_while, 200, 0);
  while (!uv_is_closing((uv_handle_t *)&timer))
    uv_run(self->net.loop, UV_RUN_ONCE);
  uv_run(self->net.loop, UV_RUN_NOWAIT);
}

TEST(a_handle_that_takes_nothing_stops_the_stream) {
  proxy self = {.client.act = send_bulk,
                .far_is_mute = true,
                .far.on_stop = close_on_any_end};
  proxy_open(&self, PLAIN_TCP);
  loopback_until_secure(&self.net, &self.client);
  pass_time(&self);
  CHECK_INT(self.joined, 0);
  CHECK_LT(uv_stream_get_write_queue_size(self.near.handle), 1024 * 1024);
  CHECK_GT(tlstream_write_queue_size(self.client.stream), 0);
  plain_read(&self.far);
  proxy_run(&self);
  CHECK_INT(self.client.ending, TLSTREAM_ENDING_CLEAN);
}

static void send_bulk_back(proxy *self) {
  char *bulk = calloc(1, BULK);
  plain_write(&self->far, bulk, BULK);
  free(bulk);
  end_far(self);
}

static void pause_when_secure(actor *self, callback_kind kind) {
  if (kind == CAME_SECURE) actor_pause(self);
  if (kind == CAME_END) tlstream_end(self->stream);
}

TEST(a_client_that_reads_nothing_stops_the_handle) {
  proxy self = {.client.act = pause_when_secure,
                .when_joined = send_bulk_back,
                .far.on_stop = close_on_any_end};
  proxy_open(&self, PLAIN_TCP);
  loopback_until_secure(&self.net, &self.client);
  pass_time(&self);
  CHECK_LT(tlstream_write_queue_size(self.net.guests[0].stream), 1024 * 1024);
  CHECK_GT(uv_stream_get_write_queue_size(self.far.handle), 0);
  actor_resume(&self.client);
  proxy_run(&self);
  CHECK_INT(self.client.got, BULK);
  CHECK_INT(self.client.ending, TLSTREAM_ENDING_CLEAN);
}

static void try_what_is_refused(proxy *self) {
  tlstream_error error;
  tlstream *stream = self->net.guests[0].stream;
  plain_end other = {0};
  plain_make(self->net.loop, PLAIN_TCP, &other);
  CHECK_ERROR(tlstream_pipe_handle(stream, other.handle, NULL, &error),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(
      tlstream_pipe_handle(self->client.stream, other.handle, NULL, &error),
      TLSTREAM_ERR_WRONG_STATE);
  CHECK_HAS(error.message, "not connected");
  CHECK_ERROR(tlstream_pipe_handle(self->client.stream, self->near.handle, NULL,
                                   &error),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pipe(stream, stream), TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pipe(stream, self->client.stream),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pipe(self->client.stream, stream),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK(tlstream_over_stream(stream,
                             TLSTREAM_OVER(.role = TLSTREAM_ROLE_CLIENT,
                                           .verify_name = "a.test"),
                             NULL, NULL, &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_WRONG_STATE);
  plain_close(&other);
  while (other.handle != NULL)
    uv_run(self->net.loop, UV_RUN_NOWAIT);
  plain_done(&other);
  tlstream_destroy(stream);
  CHECK_ERROR(tlstream_pipe_handle(stream, self->near.handle, NULL, &error),
              TLSTREAM_ERR_CLOSED);
}

/* The first allocation fails, and all is as it was. */
static void try_without_memory(proxy *self) {
  tlstream_error error;
  tlstream *stream = self->client.stream;
  plain_end near = {0};
  plain_end far = {0};
  plain_link(self->net.loop, PLAIN_TCP, &near, &far);
  torture_arm(TORTURE_LIBRARY, TORTURE_ONCE, 1);
  int code = tlstream_pipe_handle(stream, near.handle, plain_released, &error);
  CHECK(torture_disarm());
  CHECK_ERROR(code, TLSTREAM_ERR_NO_MEMORY);
  CHECK(near.handle->data == &near);
  CHECK_INT(near.released, 0);
  plain_close(&near);
  plain_close(&far);
  while (near.handle != NULL || far.handle != NULL)
    uv_run(self->net.loop, UV_RUN_NOWAIT);
  plain_done(&near);
  plain_done(&far);
  tlstream_end(stream);
}

static bool is_joined(loopback *net) {
  return net->connections > 0;
}

TEST(what_cannot_be_joined_is_refused) {
  proxy self = {.far.on_stop = close_on_any_end};
  proxy_open(&self, PLAIN_TCP);
  loopback_until(&self.net, is_joined);
  try_what_is_refused(&self);
  proxy_run(&self);
}

TEST(without_memory_nothing_has_changed) {
  proxy self = {.far.on_stop = close_on_any_end};
  torture_install();
  proxy_open(&self, PLAIN_TCP);
  loopback_until(&self.net, is_joined);
  try_without_memory(&self);
  proxy_run(&self);
}
