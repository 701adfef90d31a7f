/* SPDX-License-Identifier: MIT */
/* What a server does with clients that take their time, come in crowds, or only
 * look whether it is there. */
#include <poll.h>
#include <unistd.h>

#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>

#include "support/test.h"
#include "support/uv/loopback.h"

static uint64_t now_ms(void) {
  return uv_hrtime() / 1000000;
}

/* F1 */
TEST(a_client_that_sends_nothing_is_dropped) {
  loopback net = {.options.timeouts.handshake_ms = 30};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  uint64_t before = now_ms();
  int client = raw_connect(&net);
  loopback_run(&net);
  CHECK_GE(now_ms() - before, 29);
  CHECK_INT(net.client_errors, 1);
  CHECK_ERROR(net.client_error.code, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK_HAS(net.client_error.message, "30 ms");
  CHECK_HAS(net.client_error.message, "said nothing");
  CHECK(!net.client_error.quiet);
  CHECK_INT(raw_look(client), RAW_ENDED);
  close(client);
  loopback_close(&net);
}

typedef struct drip {
  uv_timer_t timer;
  tlstream_pair *pair;
  int fd;
  size_t sent;
} drip;

/* One byte of a valid ClientHello each time, until the server closes. */
static void on_drip(uv_timer_t *timer) {
  drip *self = timer->data;
  size_t len = 0;
  const char *bytes = tlstream_pair_peek(self->pair, &len);
  if (raw_look(self->fd) != RAW_OPEN || self->sent == len ||
      send(self->fd, bytes + self->sent, 1, MSG_NOSIGNAL) != 1) {
    uv_close((uv_handle_t *)timer, NULL);
  } else {
    self->sent++;
  }
}

/* F1: were the deadline prolonged by each byte, all would be sent. */
TEST(a_client_that_sends_little_is_dropped_all_the_same) {
  loopback net = {.options.timeouts.handshake_ms = 50};
  drip slow = {.sent = 0};
  size_t all = 0;
  loopback_open(&net);
  loopback_serve(&net, NULL);
  slow.pair = config_pair(&net.config, TLSTREAM_ROLE_CLIENT);
  CHECK_ERROR(tlstream_pair_start(slow.pair), 0);
  slow.fd = raw_connect(&net);
  slow.timer.data = &slow;
  uv_timer_init(net.loop, &slow.timer);
  uv_timer_start(&slow.timer, on_drip, 1, 2);
  loopback_run(&net);
  CHECK_ERROR(net.client_error.code, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  tlstream_pair_peek(slow.pair, &all);
  CHECK(slow.sent > 0 && slow.sent < all);
  CHECK_NE(raw_look(slow.fd), RAW_OPEN);
  close(slow.fd);
  tlstream_pair_free(slow.pair);
  loopback_close(&net);
}

static bool has_two(loopback *net) {
  return tlstream_server_connections(net->server) == 2;
}

static bool has_one(loopback *net) {
  return tlstream_server_connections(net->server) == 1;
}

static void destroy_all(loopback *net, actor *clients, int count) {
  for (int i = 0; i < count; i++)
    actor_destroy(&clients[i]);
  tlstream_server_destroy(net->server);
  loopback_run(net);
  for (int i = 0; i < count; i++)
    actor_done(&clients[i]);
  loopback_close(net);
}

static void check_turned_away(loopback *net, actor *client) {
  loopback_connect(net, client, NULL);
  loopback_until_over(net, client);
  CHECK_INT(client->ending, TLSTREAM_ENDING_FAILED);
  CHECK_INT(client->order.count[CAME_SECURE], 0);
  CHECK_INT(net->client_errors, 0); /* it is not the client's fault */
}

TEST(a_full_server_turns_connections_away) {
  loopback net = {.expects = ANY_NUMBER, .options.max_connections = 2};
  actor clients[5] = {{0}};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  loopback_connect(&net, &clients[0], NULL);
  loopback_connect(&net, &clients[1], NULL);
  loopback_until(&net, has_two);
  check_turned_away(&net, &clients[2]); /* handshakes count too */
  loopback_until_secure(&net, &clients[0]);
  loopback_until_secure(&net, &clients[1]);
  check_turned_away(&net, &clients[3]);
  tlstream_end(clients[0].stream);
  loopback_until(&net, has_one);
  loopback_connect(&net, &clients[4], NULL);
  loopback_until_secure(&net, &clients[4]);
  CHECK_INT(net.connections, 3);
  destroy_all(&net, clients, 5);
}

TEST(the_limit_can_be_moved) {
  loopback net = {.expects = ANY_NUMBER, .options.max_connections = 1};
  actor clients[4] = {{0}};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  loopback_connect(&net, &clients[0], NULL);
  loopback_until_secure(&net, &clients[0]);
  check_turned_away(&net, &clients[1]);
  tlstream_server_set_max_connections(net.server, 0);
  loopback_connect(&net, &clients[2], NULL);
  loopback_until_secure(&net, &clients[2]);
  tlstream_server_set_max_connections(net.server, 1);
  check_turned_away(&net, &clients[3]);
  destroy_all(&net, clients, 4);
}

/* Nothing is ready, and nothing asks for another turn. */
static bool would_sleep(const loopback *net) {
  struct pollfd events = {.fd = uv_backend_fd(net->loop), .events = POLLIN};
  return uv_backend_timeout(net->loop) != 0 && poll(&events, 1, 0) == 0;
}

/* Each turn takes as long as the timers have it, at the most. */
static void settle(loopback *net) {
  for (int i = 0; i < 1000 && !would_sleep(net); i++)
    uv_run(net->loop, UV_RUN_NOWAIT);
  CHECK(would_sleep(net));
}

/* F2 */
TEST(connections_wait_for_busy_handshakes) {
  loopback net = {.expects = 2, .options.max_handshakes = 1};
  actor client = {0};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  int silent = raw_hello(&net);
  loopback_until(&net, has_one);
  settle(&net);
  loopback_connect(&net, &client, NULL);
  loopback_until(&net, has_two);
  settle(&net);
  CHECK(!tlstream_is_secure(client.stream));
  close(silent);
  loopback_until_secure(&net, &client);
  CHECK_INT(net.client_errors, 1);
  tlstream_end(client.stream);
  loopback_run(&net);
  actor_done(&client);
  CHECK_INT(client.ending, TLSTREAM_ENDING_CLEAN);
  loopback_close(&net);
}

/* Refusing takes no handshake. */
TEST(busy_handshakes_do_not_keep_a_full_server_from_refusing) {
  loopback net = {.expects = ANY_NUMBER,
                  .options.max_handshakes = 1,
                  .options.max_connections = 1};
  actor client = {0};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  int silent = raw_connect(&net);
  loopback_until(&net, has_one);
  check_turned_away(&net, &client);
  close(silent);
  destroy_all(&net, &client, 1);
}

static void end_when_secure(actor *self, callback_kind kind) {
  if (kind == CAME_SECURE) tlstream_end(self->stream);
}

TEST(a_crowd_is_served_one_after_another) {
  enum { CROWD = 100 };
  static actor crowd[CROWD];
  loopback net = {.expects = CROWD, .options.max_handshakes = 3};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  for (int i = 0; i < CROWD; i++) {
    crowd[i] = (actor){.act = end_when_secure};
    loopback_connect(&net, &crowd[i], NULL);
  }
  loopback_run(&net);
  CHECK_INT(net.connections, CROWD);
  CHECK_INT(net.client_errors, 0);
  for (int i = 0; i < CROWD; i++)
    CHECK_INT(crowd[i].ending, TLSTREAM_ENDING_CLEAN);
  loopback_close(&net);
}

static int port_of(int fd) {
  struct sockaddr_in name;
  socklen_t len = sizeof(name);
  CHECK_INT(getsockname(fd, (struct sockaddr *)&name, &len), 0);
  return ntohs(name.sin_port);
}

/* F11: connect, send this, and leave, with a reset or without. */
static void look_in(loopback *net, const char *sent, bool reset) {
  loopback_open(net);
  loopback_serve(net, NULL);
  int fd = raw_connect(net);
  int port = port_of(fd);
  if (sent[0] != '\0') CHECK_GT(send(fd, sent, strlen(sent), 0), 0);
  if (reset) {
    raw_reset(fd);
  } else {
    close(fd);
  }
  loopback_run(net);
  CHECK_INT(net->client_errors, 1);
  CHECK_INT(net->connections, 0);
  CHECK_STR(net->client.host, "127.0.0.1");
  CHECK_INT(net->client.port, port);
  loopback_close(net);
}

TEST(a_health_check_is_quiet) {
  loopback plain = {0};
  loopback reset = {0};
  look_in(&plain, "", false);
  CHECK_ERROR(plain.client_error.code, TLSTREAM_ERR_CLOSED_IN_HANDSHAKE);
  CHECK(plain.client_error.quiet);
  look_in(&reset, "", true);
  CHECK_STR(reset.client_error.name, "ECONNRESET");
  CHECK(reset.client_error.quiet);
}

TEST(a_client_that_sent_something_is_not_quiet) {
  loopback plain = {0};
  loopback junk = {0};
  look_in(&plain, "\x16\x03\x01", false);
  CHECK_ERROR(plain.client_error.code, TLSTREAM_ERR_CLOSED_IN_HANDSHAKE);
  CHECK(!plain.client_error.quiet);
  look_in(&junk, "GET / HTTP/1.0\r\n\r\n", false);
  CHECK_ERROR(junk.client_error.code, TLSTREAM_ERR_HTTP);
  CHECK(!junk.client_error.quiet);
}
