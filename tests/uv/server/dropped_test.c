/* SPDX-License-Identifier: MIT */
/*
 * F11: thousands of connections that break off, at every point of the
 * handshake. Each is reported once, and nothing of them is left: no descriptor,
 * no memory, and no error that a later connection would find (H2).
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>
#include <tlstream/stream_info.h>

#include "support/test.h"
#include "support/torture.h"
#include "support/uv/loopback.h"

enum { DROPS = 500 };

/* The other end of a stream: a pair on a plain socket, which breaks off when so
 * many bytes have passed either way. */
typedef struct quitter {
  tlstream_pair *pair;
  int fd;
  size_t left;
} quitter;

static bool send_some(quitter *self) {
  size_t len = 0;
  const void *data = tlstream_pair_peek(self->pair, &len);
  if (len > self->left) len = self->left;
  if (len == 0) return false;
  ssize_t sent = send(self->fd, data, len, MSG_NOSIGNAL);
  if (sent <= 0) return false;
  tlstream_pair_consume(self->pair, (size_t)sent);
  self->left -= (size_t)sent;
  return true;
}

static bool receive_some(quitter *self) {
  char bytes[4096];
  size_t room = self->left < sizeof(bytes) ? self->left : sizeof(bytes);
  if (room == 0) return false;
  ssize_t len = recv(self->fd, bytes, room, MSG_DONTWAIT);
  if (len <= 0) return false;
  CHECK_INT(tlstream_pair_feed(self->pair, bytes, (size_t)len), len);
  self->left -= (size_t)len;
  return true;
}

/* Until its limit is reached, or it is secure and has nothing more to send. */
static void talk(quitter *self, loopback *net) {
  CHECK_ERROR(tlstream_pair_start(self->pair), 0);
  while (self->left > 0) {
    bool moved = send_some(self);
    moved |= receive_some(self);
    bool done = tlstream_pair_is_secure(self->pair) &&
                tlstream_pair_pending(self->pair) == 0;
    if (done && !moved) break;
    uv_run(net->loop, UV_RUN_NOWAIT);
  }
}

static void quit(quitter *self, bool reset) {
  if (reset) {
    raw_reset(self->fd);
  } else {
    close(self->fd);
  }
  tlstream_pair_free(self->pair);
}

/* How many bytes go either way in all. */
static size_t whole(loopback *net, quitter *self) {
  self->left = SIZE_MAX;
  talk(self, net);
  CHECK(tlstream_pair_is_secure(self->pair));
  return SIZE_MAX - self->left;
}

static bool is_empty(loopback *net) {
  return tlstream_server_connections(net->server) == 0;
}

static void check_nothing_left(size_t blocks, int descriptors) {
  CHECK_INT(torture_live(TORTURE_LIBRARY), blocks);
  CHECK_INT(open_descriptors(), descriptors);
}

static quitter call_server(loopback *net) {
  return (quitter){.pair = config_pair(&net->config, TLSTREAM_ROLE_CLIENT),
                   .fd = raw_connect(net)};
}

static void one_drop(loopback *net, size_t bytes, bool reset) {
  unsigned before = net->connections + net->client_errors;
  quitter client = call_server(net);
  client.left = bytes;
  talk(&client, net);
  while (is_empty(net) && net->connections + net->client_errors == before)
    uv_run(net->loop, UV_RUN_ONCE);
  quit(&client, reset);
  loopback_until(net, is_empty);
  CHECK_INT(net->connections + net->client_errors, before + 1);
}

static void connect_once(loopback *net) {
  actor client = {0};
  loopback_connect(net, &client, NULL);
  loopback_until_secure(net, &client);
  tlstream_end(client.stream);
  loopback_until_over(net, &client);
  CHECK_INT(client.ending, TLSTREAM_ENDING_CLEAN);
  loopback_until(net, is_empty);
}

static void drop_clients(tlstream_version version) {
  loopback net = {.config.version = version, .expects = ANY_NUMBER};
  torture_install();
  loopback_open(&net);
  loopback_serve(&net, NULL);
  connect_once(&net);
  quitter full = call_server(&net);
  size_t total = whole(&net, &full);
  quit(&full, false);
  loopback_until(&net, is_empty);
  size_t blocks = torture_live(TORTURE_LIBRARY);
  int descriptors = open_descriptors();
  for (size_t i = 0; i < DROPS; i++)
    one_drop(&net, total * i / DROPS, i % 2 == 1);
  check_nothing_left(blocks, descriptors);
  CHECK_GT(net.client_errors, DROPS / 2);
  connect_once(&net);
  tlstream_server_destroy(net.server);
  loopback_run(&net);
  loopback_close(&net);
}

TEST(a_server_loses_clients) {
  drop_clients(TLSTREAM_TLS_1_2);
  drop_clients(TLSTREAM_TLS_1_3);
}

/* A server of ours has no part in this; `at` is where the quitter listens. */
static quitter answer_client(loopback *net, int listener, actor *client) {
  quitter server = {.pair = config_pair(&net->config, TLSTREAM_ROLE_SERVER),
                    .fd = -1};
  loopback_connect(net, client, NULL);
  while (server.fd < 0) {
    uv_run(net->loop, UV_RUN_NOWAIT);
    server.fd = accept(listener, NULL, NULL);
    CHECK(server.fd >= 0 || errno == EAGAIN);
  }
  return server;
}

static void one_quit(loopback *net, int listener, size_t bytes, bool reset) {
  actor client = {0};
  quitter server = answer_client(net, listener, &client);
  server.left = bytes;
  talk(&server, net);
  quit(&server, reset);
  loopback_until_over(net, &client);
  actor_done(&client);
  CHECK_INT(client.order.count[CAME_ERROR], 1);
  CHECK_INT(client.ending, TLSTREAM_ENDING_FAILED);
}

/* A stream that is there all the time keeps what the loop lends. */
static void quit_on_clients(tlstream_version version) {
  loopback net = {.config.version = version};
  actor first = {0};
  actor second = {0};
  torture_install();
  loopback_open(&net);
  snprintf(net.at.host, sizeof(net.at.host), "127.0.0.1");
  int listener = raw_listen("127.0.0.1", 8, &net.at.port);
  fcntl(listener, F_SETFL, O_NONBLOCK);
  quitter full = answer_client(&net, listener, &first);
  size_t total = whole(&net, &full);
  quitter again = answer_client(&net, listener, &second);
  whole(&net, &again);
  quit(&again, false);
  loopback_until_over(&net, &second);
  size_t blocks = torture_live(TORTURE_LIBRARY);
  int descriptors = open_descriptors();
  for (size_t i = 0; i < DROPS; i++)
    one_quit(&net, listener, total * i / DROPS, i % 2 == 1);
  check_nothing_left(blocks, descriptors);
  CHECK(tlstream_is_secure(first.stream)); /* the others did not touch it */
  actor_destroy(&first);
  quit(&full, false);
  close(listener);
  loopback_run(&net);
  loopback_close(&net);
}

TEST(a_client_loses_servers) {
  quit_on_clients(TLSTREAM_TLS_1_2);
  quit_on_clients(TLSTREAM_TLS_1_3);
}
