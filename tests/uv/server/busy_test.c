/* SPDX-License-Identifier: MIT */
/* F2: a server that has as many handshakes as it may have, most of them with
 * clients that send nothing, or a byte now and then. A client that does go on
 * is served soon. */
#include <stdlib.h>
#include <unistd.h>

#include <tlstream/pair_ending.h>
#include <tlstream/stream_hello.h>
#include <tlstream/stream_info.h>

#include "support/test.h"
#include "support/uv/loopback.h"
#include "support/virtual_clock.h"

enum {
  SLOTS = 20,
  CROWD = 2 * SLOTS,
  EVICTABLE_MS = 1000,
  DRIP_MS = 800,
  LONG_MS = 5000
};

static bool has_crowd(loopback *net) {
  return tlstream_server_connections(net->server) == CROWD;
}

static char folder[64];

/* On a path: looking a name up takes real time, in a thread. */
static void open_net(loopback *net, size_t max_handshakes) {
  char path[80];
  snprintf(folder, sizeof(folder), "/tmp/tlstream-busy-XXXXXX");
  CHECK(mkdtemp(folder) != NULL);
  snprintf(path, sizeof(path), "%s/socket", folder);
  net->expects = ANY_NUMBER;
  net->options.max_handshakes = max_handshakes;
  virtual_clock_start();
  loopback_open(net);
  loopback_serve(net, path);
}

static void close_net(loopback *net) {
  tlstream_server_destroy(net->server);
  loopback_run(net);
  loopback_close(net);
  virtual_clock_stop();
  CHECK_INT(rmdir(folder), 0);
}

/* Come, be served, and leave; returns how long that took. */
static uint64_t time_of_a_visit(loopback *net) {
  actor client = {.name = "client"};
  uint64_t before = virtual_clock_now();
  loopback_connect(net, &client, NULL);
  loopback_until_secure(net, &client);
  uint64_t after = virtual_clock_now();
  tlstream_end(client.stream);
  loopback_until_over(net, &client);
  actor_done(&client);
  CHECK_INT(client.ending, TLSTREAM_ENDING_CLEAN);
  return after - before;
}

static int count_open(const int *fds, int count) {
  int open = 0;
  for (int i = 0; i < count; i++)
    open += raw_look(fds[i]) == RAW_OPEN;
  return open;
}

static void close_all(const int *fds, int count) {
  for (int i = 0; i < count; i++)
    close(fds[i]);
}

TEST(silent_clients_hold_no_slot) {
  int fds[CROWD];
  loopback net = {0};
  open_net(&net, 1);
  for (int i = 0; i < CROWD; i++)
    fds[i] = raw_connect(&net);
  loopback_until(&net, has_crowd);
  CHECK_INT(time_of_a_visit(&net), 0);
  CHECK_INT(count_open(fds, CROWD), CROWD);
  CHECK_INT(net.client_errors, 0);
  close_all(fds, CROWD);
  close_net(&net);
}

/* Sends a byte now and then: of a ClientHello, or of a record behind it that
 * never ends. */
typedef struct drip {
  uv_timer_t timer;
  tlstream_pair *pair; /* whose hello it is; NULL: it has been sent */
  int fd;
  size_t sent;
} drip;

static void on_drip(uv_timer_t *timer) {
  static const char record[] = "\x17\x03\x03\x40\0and so on, byte by byte";
  drip *self = timer->data;
  size_t len = sizeof(record);
  const char *bytes = record;
  if (self->pair != NULL) bytes = tlstream_pair_peek(self->pair, &len);
  CHECK(self->sent < len);
  (void)!send(self->fd, bytes + self->sent++, 1, MSG_NOSIGNAL);
}

static void open_drip(drip *self, loopback *net, bool hello_first) {
  if (!hello_first) {
    self->pair = config_pair(&net->config, TLSTREAM_ROLE_CLIENT);
    CHECK_INT(tlstream_pair_start(self->pair), 0);
  }
  self->fd = hello_first ? raw_hello(net) : raw_connect(net);
  self->timer.data = self;
  uv_timer_init(net->loop, &self->timer);
  uv_timer_start(&self->timer, on_drip, DRIP_MS, DRIP_MS);
}

static void close_drips(drip *drips, int count) {
  for (int i = 0; i < count; i++) {
    uv_close((uv_handle_t *)&drips[i].timer, NULL);
    tlstream_pair_free(drips[i].pair);
    close(drips[i].fd);
  }
}

TEST(a_dripping_hello_holds_no_slot) {
  loopback net = {0};
  drip drips[CROWD] = {{.sent = 0}};
  open_net(&net, SLOTS);
  for (int i = 0; i < CROWD; i++)
    open_drip(&drips[i], &net, false);
  loopback_until(&net, has_crowd);
  CHECK_INT(time_of_a_visit(&net), 0);
  CHECK_INT(net.client_errors, 0);
  close_drips(drips, CROWD);
  close_net(&net);
}

/* However recently they sent something: the first ones give way after a second,
 * and those that waited with the client after another. */
TEST(a_dripping_handshake_gives_way) {
  loopback net = {0};
  drip drips[CROWD] = {{.sent = 0}};
  open_net(&net, SLOTS);
  for (int i = 0; i < CROWD; i++)
    open_drip(&drips[i], &net, true);
  CHECK_LE(time_of_a_visit(&net), 2 * EVICTABLE_MS);
  CHECK_GE(net.client_errors, SLOTS + 1);
  CHECK_ERROR(net.client_error.code, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK_HAS(net.client_error.message, "others wait for its slot");
  close_drips(drips, CROWD);
  close_net(&net);
}

/* Only as many as there are clients that wait. */
TEST(one_slot_is_enough_for_one_client) {
  int fds[SLOTS];
  loopback net = {0};
  open_net(&net, SLOTS);
  for (int i = 0; i < SLOTS; i++)
    fds[i] = raw_hello(&net);
  CHECK_LE(time_of_a_visit(&net), EVICTABLE_MS);
  CHECK_INT(net.client_errors, 1);
  CHECK_INT(count_open(fds, SLOTS), SLOTS - 1);
  close_all(fds, SLOTS);
  close_net(&net);
}

static tlstream *asking;
static unsigned asked;

/* The first is to wait. */
static void ask(loopback *net, tlstream *stream, const char *servername) {
  (void)net, (void)servername;
  if (asked++ == 0) {
    asking = stream;
  } else {
    CHECK_INT(tlstream_hello_accept(stream, NULL), 0);
  }
}

static bool has_asked(loopback *net) {
  (void)net;
  return asked > 0;
}

static void on_later(uv_timer_t *timer) {
  loopback *net = timer->data;
  CHECK_INT(asked, 1);
  CHECK_INT(net->client_errors, 0);
  CHECK_INT(tlstream_hello_accept(asking, NULL), 0);
  uv_close((uv_handle_t *)timer, NULL);
}

/* A client that waits for an answer of the user's is not to blame for that. */
TEST(our_own_silence_costs_no_client_its_place) {
  loopback net = {.on_hello = ask};
  actor first = {.name = "first"};
  uv_timer_t later;
  open_net(&net, 1);
  loopback_connect(&net, &first, NULL);
  loopback_until(&net, has_asked);
  uv_timer_init(net.loop, &later);
  later.data = &net;
  uv_timer_start(&later, on_later, LONG_MS, 0);
  CHECK_INT(time_of_a_visit(&net), LONG_MS);
  CHECK_INT(asked, 2);
  CHECK(tlstream_is_secure(first.stream));
  tlstream_end(first.stream);
  loopback_until_over(&net, &first);
  actor_done(&first);
  CHECK_INT(net.client_errors, 0);
  close_net(&net);
}
