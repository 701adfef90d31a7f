/* SPDX-License-Identifier: MIT */
/* A reset is not an end, also where libuv calls it one. */
#include <sys/socket.h>
#include <unistd.h>

#include <tlstream/stream_socket.h>
#include <tlstream/transport.h>

#include "support/test.h"
#include "support/uv/loopback.h"

enum { SOME = 100 };

/* Data, and a reset right behind it. */
static void send_and_reset(loopback *net, actor *guest) {
  struct linger linger = {.l_onoff = 1};
  (void)net;
  CHECK_GE(actor_write(guest, SOME), 0);
  tlstream_flush(guest->stream);
  CHECK_INT(setsockopt(tlstream_descriptor(guest->stream), SOL_SOCKET,
                       SO_LINGER, &linger, sizeof(linger)),
            0);
  actor_destroy(guest);
}

/* Both are there by the time that it reads. */
static void read_late(actor *self, callback_kind kind) {
  loopback *net = self->data;
  if (kind != CAME_SECURE) return;
  actor_pause(self);
  net->awaited = self;
}

static bool guest_is_gone(loopback *net) {
  return net->connections > 0 && net->guests[0].order.count[CAME_CLOSE] > 0;
}

static void check_reset(const char *host, bool may_truncate) {
  loopback net = {.config.may_truncate = may_truncate,
                  .on_connection = send_and_reset};
  actor client = {.act = read_late, .data = &net};
  loopback_open(&net);
  loopback_serve(&net, host);
  loopback_connect(&net, &client, NULL);
  loopback_until(&net, guest_is_gone);
  CHECK_INT(client.order.count[CAME_SECURE], 1);
  actor_resume(&client);
  loopback_run(&net);
  actor_done(&client);
  CHECK_INT(client.got, SOME);
  CHECK_ERROR(client.error.system, UV_ECONNRESET);
  CHECK_INT(client.order.count[CAME_END], 0);
  CHECK_INT(client.ending, TLSTREAM_ENDING_FAILED);
  loopback_close(&net);
}

TEST(a_reset_behind_data_is_no_end) {
  check_reset(NULL, false);
}

TEST(nor_where_an_end_without_close_notify_is_one) {
  check_reset(NULL, true);
}

/* What waits for the inner handshake is lost, and the outer stream, which has
 * sent all that it was given, must not look complete. */
static tlstream *inner;

static void go_inside(actor *self, callback_kind kind) {
  tlstream_error error;
  if (kind != CAME_SECURE) return;
  inner = tlstream_over_stream(
      self->stream,
      TLSTREAM_OVER(.role = TLSTREAM_ROLE_CLIENT, .verify_name = "a.test"),
      NULL, NULL, &error);
  if (!CHECK(inner != NULL)) return;
  CHECK_ERROR(tlstream_write(inner, "lost", 4), 0);
}

static void only_listen(loopback *net, actor *guest) {
  (void)net;
  guest->any_data = true;
}

static bool has_its_hello(loopback *net) {
  return net->guests[0].got > 0;
}

TEST(a_stream_that_loses_data_resets_the_one_around_it) {
  loopback net = {.on_connection = only_listen};
  actor client = {.act = go_inside, .carries = true};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  loopback_connect(&net, &client, NULL);
  loopback_until(&net, has_its_hello);
  tlstream_destroy(inner);
  loopback_run(&net);
  CHECK_ERROR(net.guests[0].error.system, UV_ECONNRESET);
  CHECK_INT(net.guests[0].order.count[CAME_END], 0);
  CHECK_INT(client.ending, TLSTREAM_ENDING_DESTROYED);
  loopback_close(&net);
}
