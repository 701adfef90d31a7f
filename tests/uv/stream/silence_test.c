/* SPDX-License-Identifier: MIT */
/* Deadlines that begin when nothing has happened for a while: they count from
 * what begins them, not from what happened last. */
#include <tlstream/stream_info.h>

#include "support/test.h"
#include "support/uv/loopback.h"

enum { SILENCE_MS = 60, BIG = 64 * 1024 };

static uint64_t now_ms(void) {
  return uv_hrtime() / 1000000;
}

static void (*afterwards)(actor *self);

static void on_time(uv_timer_t *timer) {
  afterwards(timer->data);
  uv_close((uv_handle_t *)timer, NULL);
}

static void be_silent(actor *self, callback_kind kind) {
  static uv_timer_t timer;
  if (kind != CAME_SECURE) return;
  timer.data = self;
  uv_timer_init(tlstream_loop(self->stream), &timer);
  uv_timer_start(&timer, on_time, SILENCE_MS, 0);
}

static void run(loopback *net, actor *client,
                const tlstream_connect_options *options) {
  loopback_open(net);
  loopback_serve(net, NULL);
  loopback_connect(net, client, options);
  loopback_run(net);
  actor_done(client);
  loopback_close(net);
}

static void end_it(actor *self) {
  tlstream_end(self->stream);
}

/* The pause was longer than the shutdown deadline. */
TEST(a_quiet_stream_can_be_ended) {
  loopback net = {0};
  actor client = {.act = be_silent};
  afterwards = end_it;
  run(&net, &client, TLSTREAM_CONNECT(.timeouts.shutdown_ms = SILENCE_MS / 2));
  CHECK_STR(client.error.message, "");
  CHECK_INT(client.order.count[CAME_ERROR], 0);
}

static uint64_t written;

/* So much at once is encrypted and sent inside of the call. */
static void write_much(actor *self) {
  written = now_ms();
  CHECK_GE(actor_write(self, BIG), 0);
}

static void do_not_answer(loopback *net, actor *guest) {
  (void)net;
  actor_pause(guest);
}

TEST(what_is_written_ends_the_silence) {
  loopback net = {.on_connection = do_not_answer};
  actor client = {.act = be_silent};
  afterwards = write_much;
  loopback_open(&net);
  loopback_serve(&net, NULL);
  loopback_connect(&net, &client,
                   TLSTREAM_CONNECT(.timeouts.idle_ms = 2 * SILENCE_MS));
  loopback_until_over(&net, &client);
  CHECK_ERROR(client.error.code, TLSTREAM_ERR_IDLE_TIMEOUT);
  CHECK_GE(now_ms() - written, 2 * SILENCE_MS - 1);
  actor_destroy(&net.guests[0]);
  loopback_run(&net);
  actor_done(&client);
  loopback_close(&net);
}
