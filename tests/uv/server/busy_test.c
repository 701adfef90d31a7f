/* SPDX-License-Identifier: MIT */
/* F2: a server that has as many handshakes as it may have, most of them with
 * clients that say nothing. Whoever does speak is served within a second. */
#include <stdlib.h>
#include <unistd.h>

#include <tlstream/pair_ending.h>
#include <tlstream/stream_hello.h>
#include <tlstream/stream_info.h>

#include "support/test.h"
#include "support/uv/loopback.h"
#include "support/virtual_clock.h"

enum { SILENT = 8, PATIENCE_MS = 1000, DRIP_MS = 300, LONG_MS = 5000 };

static bool has_all_hands_full(loopback *net) {
  return tlstream_server_connections(net->server) ==
         net->options.max_handshakes;
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
  actor client = {.name = "visitor"};
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

TEST(who_speaks_gets_a_silent_ones_place) {
  int fds[SILENT];
  loopback net = {0};
  open_net(&net, SILENT);
  for (int i = 0; i < SILENT; i++)
    fds[i] = raw_connect(&net);
  loopback_until(&net, has_all_hands_full);
  uint64_t first = time_of_a_visit(&net);
  CHECK(first >= PATIENCE_MS / 2 && first <= PATIENCE_MS);
  CHECK_INT(count_open(fds, SILENT), SILENT - 1); /* one place was enough */
  CHECK_INT(net.client_errors, 1);
  CHECK_ERROR(net.client_error.code, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK_HAS(net.client_error.message, "others wait for its place");
  int one_more = raw_connect(&net);
  loopback_until(&net, has_all_hands_full);
  CHECK_INT(time_of_a_visit(&net), 0); /* the rest is silent for long */
  CHECK_INT(count_open(fds, SILENT), SILENT - 2);
  CHECK_INT(raw_look(one_more), RAW_OPEN); /* and this one is not */
  for (int i = 0; i < SILENT; i++)
    close(fds[i]);
  close(one_more);
  close_net(&net);
}

/* Sends a byte of a good ClientHello now and then. */
typedef struct drip {
  uv_timer_t timer;
  tlstream_pair *pair;
  int fd;
  size_t sent;
} drip;

static void on_drip(uv_timer_t *timer) {
  drip *self = timer->data;
  size_t len = 0;
  const char *bytes = tlstream_pair_peek(self->pair, &len);
  CHECK_INT(send(self->fd, bytes + self->sent++, 1, MSG_NOSIGNAL), 1);
}

static void open_drip(drip *self, loopback *net) {
  self->pair = config_pair(&net->config, TLSTREAM_ROLE_CLIENT);
  CHECK_ERROR(tlstream_pair_start(self->pair), 0);
  self->fd = raw_connect(net);
  self->timer.data = self;
  uv_timer_init(net->loop, &self->timer);
  uv_timer_start(&self->timer, on_drip, DRIP_MS, DRIP_MS);
}

/* It came first, and is not the one that has been silent for longest. */
TEST(who_says_little_keeps_its_place) {
  loopback net = {0};
  drip slow = {.sent = 0};
  open_net(&net, 2);
  open_drip(&slow, &net);
  int silent = raw_connect(&net);
  loopback_until(&net, has_all_hands_full);
  CHECK_LE(time_of_a_visit(&net), PATIENCE_MS);
  CHECK_GT(slow.sent, 0);
  CHECK_INT(raw_look(slow.fd), RAW_OPEN);
  CHECK_INT(raw_look(silent), RAW_ENDED);
  uv_close((uv_handle_t *)&slow.timer, NULL);
  tlstream_pair_free(slow.pair);
  close(slow.fd);
  close(silent);
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

/* Whoever waits for an answer of ours is not to blame for the silence. */
TEST(our_own_silence_costs_nobody_a_place) {
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
