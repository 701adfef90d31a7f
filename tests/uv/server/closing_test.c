/* SPDX-License-Identifier: MIT */
/* How servers close: handshakes are dropped; streams may finish, are closed,
 * and are destroyed, in this order; and the server's on_close comes last. */
#include <errno.h>
#include <unistd.h>

#include <tlstream/pair_ending.h>

#include "support/test.h"
#include "support/uv/loopback.h"

enum { LONG_MS = 60000, SHORT_MS = 20, LATE_MS = 3000 };

static uint64_t now_ms(void) {
  return uv_hrtime() / 1000000;
}

static void open_with(loopback *net, actor *client) {
  net->expects = ANY_NUMBER;
  loopback_open(net);
  loopback_serve(net, NULL);
  loopback_connect(net, client, NULL);
  loopback_until_secure(net, client);
}

/* Both sides, and that the server closed after its streams is checked when its
 * on_close comes. */
static void finish(loopback *net, actor *client, tlstream_ending ending) {
  loopback_run(net);
  actor_done(client);
  CHECK_INT(client->ending, ending);
  CHECK_INT(net->client_errors, 0);
  loopback_close(net);
}

static bool is_refused(const loopback *net) {
  struct sockaddr_in to;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  uv_ip4_addr(net->at.host, net->at.port, &to);
  bool refused = connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 &&
                 errno == ECONNREFUSED;
  close(fd);
  return refused;
}

static bool has_echo(loopback *net) {
  return net->awaited->got == net->awaited->written;
}

TEST(streams_may_finish) {
  loopback net = {0};
  actor client = {0};
  open_with(&net, &client);
  CHECK(!is_refused(&net));
  tlstream_server_close(net.server, LONG_MS);
  CHECK(is_refused(&net)); /* at once */
  CHECK_ERROR(actor_write(&client, 1000), 0);
  loopback_until(&net, has_echo);
  tlstream_end(client.stream);
  finish(&net, &client, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(net.guests[0].ending, TLSTREAM_ENDING_CLEAN);
}

/* However long the streams may still take. */
TEST(handshakes_are_dropped_at_once) {
  loopback net = {.expects = ANY_NUMBER};
  actor client = {0};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  loopback_connect(&net, &client, NULL);
  while (tlstream_server_connections(net.server) == 0)
    uv_run(net.loop, UV_RUN_ONCE);
  CHECK_INT(net.connections, 0);
  tlstream_server_close(net.server, LONG_MS);
  finish(&net, &client, TLSTREAM_ENDING_FAILED);
  CHECK_INT(net.connections, 0);
  CHECK_INT(client.order.count[CAME_SECURE], 0);
}

static void close_it(loopback *net) {
  tlstream_server_close(net->server, LONG_MS);
}

/* One that has failed already sends its alert, and its FIN after that: the
 * server's on_close waits for both. */
TEST(a_handshake_that_has_failed_may_finish) {
  loopback net = {.expects = ANY_NUMBER, .on_client_error = close_it};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  int junk = raw_connect(&net);
  CHECK_INT(send(junk, "junk\n\n", 6, 0), 6);
  loopback_run(&net);
  CHECK_INT(net.client_errors, 1);
  CHECK_INT(raw_look(junk), RAW_ENDED);
  close(junk);
  loopback_close(&net);
}

TEST(at_the_deadline_streams_are_closed) {
  loopback net = {0};
  actor client = {0};
  open_with(&net, &client);
  uint64_t before = now_ms();
  tlstream_server_close(net.server, SHORT_MS);
  finish(&net, &client, TLSTREAM_ENDING_CLEAN);
  CHECK_GE(now_ms() - before, SHORT_MS - 1);
  CHECK_INT(client.order.count[CAME_END], 1);
  CHECK_INT(net.guests[0].ending, TLSTREAM_ENDING_CLEAN);
}

/* Time that was spent before the close does not count against the streams. */
TEST(the_deadline_counts_from_the_call) {
  loopback net = {0};
  actor client = {0};
  open_with(&net, &client);
  uint64_t before = now_ms();
  while (now_ms() - before < 2 * SHORT_MS)
    continue;
  before = now_ms();
  tlstream_server_close(net.server, SHORT_MS);
  finish(&net, &client, TLSTREAM_ENDING_CLEAN);
  CHECK_GE(now_ms() - before, SHORT_MS - 1);
}

static bool server_is_closed(loopback *net) {
  return net->server == NULL;
}

/* The client gets close_notify and does not answer it. */
static tlstream_ending close_on_a_stubborn_client(unsigned shutdown_ms,
                                                  bool half_open,
                                                  uint64_t least_ms) {
  loopback net = {.options.timeouts.shutdown_ms = shutdown_ms,
                  .options.allow_half_open = half_open};
  actor client = {0};
  net.expects = ANY_NUMBER;
  loopback_open(&net);
  loopback_serve(&net, NULL);
  loopback_connect(&net, &client, TLSTREAM_CONNECT(.allow_half_open = true));
  loopback_until_secure(&net, &client);
  uint64_t before = now_ms();
  tlstream_server_close(net.server, SHORT_MS);
  loopback_until(&net, server_is_closed);
  CHECK_GE(now_ms() - before, least_ms);
  CHECK_INT(client.order.count[CAME_END], 1);
  actor_destroy(&client);
  finish(&net, &client, TLSTREAM_ENDING_DESTROYED);
  CHECK_INT(net.guests[0].error.code, 0);
  return net.guests[0].ending;
}

/* Its allow_half_open does not matter: the stream is closed, not ended. */
TEST(a_client_that_does_not_end_has_the_shutdown_deadline) {
  for (int half_open = 0; half_open < 2; half_open++) {
    CHECK_INT(
        close_on_a_stubborn_client(SHORT_MS, half_open != 0, 2 * SHORT_MS - 2),
        TLSTREAM_ENDING_TRUNCATED);
  }
}

/* However long a stream's own deadlines are. */
TEST(three_seconds_after_the_deadline_streams_are_destroyed) {
  CHECK_INT(close_on_a_stubborn_client(LONG_MS, true, SHORT_MS + LATE_MS - 2),
            TLSTREAM_ENDING_DESTROYED);
}

TEST(a_client_that_has_sent_nothing_is_dropped_at_once) {
  loopback net = {.expects = ANY_NUMBER};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  int silent = raw_connect(&net);
  while (tlstream_server_connections(net.server) == 0)
    uv_run(net.loop, UV_RUN_ONCE);
  uint64_t before = now_ms();
  tlstream_server_close(net.server, LONG_MS);
  loopback_run(&net);
  CHECK_LT(now_ms() - before, LONG_MS / 2);
  CHECK_INT(net.client_errors, 0);
  CHECK_NE(raw_look(silent), RAW_OPEN);
  close(silent);
  loopback_close(&net);
}

TEST(closing_again_can_only_shorten) {
  loopback net = {0};
  actor client = {0};
  open_with(&net, &client);
  uint64_t before = now_ms();
  tlstream_server_close(net.server, LONG_MS);
  tlstream_server_close(net.server, SHORT_MS);
  tlstream_server_close(net.server, LONG_MS);
  finish(&net, &client, TLSTREAM_ENDING_CLEAN);
  CHECK_LT(now_ms() - before, LONG_MS / 2);
}

TEST(destroying_ends_it_all) {
  loopback net = {0};
  actor clients[3] = {{0}};
  open_with(&net, &clients[0]);
  loopback_connect(&net, &clients[1], NULL);
  loopback_until_secure(&net, &clients[1]);
  loopback_connect(&net, &clients[2], NULL); /* never gets to a handshake */
  tlstream_server_close(net.server, LONG_MS);
  tlstream_server_destroy(net.server);
  tlstream_server_destroy(net.server);
  finish(&net, &clients[0], TLSTREAM_ENDING_FAILED);
  for (int i = 0; i < 2; i++)
    CHECK_INT(net.guests[i].ending, TLSTREAM_ENDING_DESTROYED);
  CHECK_ERROR(clients[0].error.code, TLSTREAM_ERR_TRUNCATED);
  CHECK_ERROR(clients[1].error.code, TLSTREAM_ERR_TRUNCATED);
  CHECK_INT(clients[2].ending, TLSTREAM_ENDING_FAILED);
}

/* A server that never listened, and one without a connection. */
TEST(a_server_without_streams_closes) {
  for (int i = 0; i < 4; i++) {
    loopback net = {0};
    loopback_open(&net);
    loopback_serve(&net, NULL);
    if (i % 2 == 0) {
      tlstream_server_close(net.server, i < 2 ? 0 : LONG_MS);
    } else {
      tlstream_server_destroy(net.server);
    }
    CHECK(net.server != NULL); /* not inside of the call */
    loopback_run(&net);
    loopback_close(&net);
  }
}

static void destroy_server(loopback *net, actor *guest) {
  (void)guest;
  tlstream_server_destroy(net->server);
}

static void close_server_at_once(loopback *net, actor *guest) {
  (void)guest;
  tlstream_server_close(net->server, 0);
}

static void destroy_guest(loopback *net, actor *guest) {
  actor_destroy(guest);
  tlstream_server_close(net->server, LONG_MS);
}

TEST(closing_in_on_connection_is_ordinary) {
  static const struct {
    void (*act)(loopback *net, actor *guest);
    tlstream_ending guest;
    tlstream_ending client;
  } cases[] = {
      {destroy_server, TLSTREAM_ENDING_DESTROYED, TLSTREAM_ENDING_FAILED},
      {close_server_at_once, TLSTREAM_ENDING_CLEAN, TLSTREAM_ENDING_CLEAN},
      {destroy_guest, TLSTREAM_ENDING_DESTROYED, TLSTREAM_ENDING_FAILED},
  };
  for (int i = 0; i < 3; i++) {
    loopback net = {.expects = ANY_NUMBER, .on_connection = cases[i].act};
    actor client = {0};
    loopback_open(&net);
    loopback_serve(&net, NULL);
    loopback_connect(&net, &client, NULL);
    finish(&net, &client, cases[i].client);
    CHECK_INT(net.guests[0].ending, cases[i].guest);
  }
}

static void destroy_it(loopback *net) {
  tlstream_server_destroy(net->server);
}

TEST(destroying_in_on_client_error_is_ordinary) {
  loopback net = {.expects = ANY_NUMBER, .on_client_error = destroy_it};
  actor client = {0};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  loopback_connect(&net, &client, NULL);
  int junk = raw_connect(&net);
  CHECK_INT(send(junk, "junk\n\n", 6, 0), 6);
  loopback_run(&net);
  CHECK_INT(net.client_errors, 1);
  actor_done(&client);
  close(junk);
  loopback_close(&net);
}

static void destroy_in_close(actor *self, callback_kind kind) {
  loopback *net = self->data;
  if (kind == CAME_CLOSE) tlstream_server_destroy(net->server);
}

static void set_on_close(loopback *net, actor *guest) {
  guest->act = destroy_in_close;
  guest->data = net;
  tlstream_end(guest->stream);
}

TEST(destroying_in_a_streams_on_close_is_ordinary) {
  loopback net = {.expects = ANY_NUMBER, .on_connection = set_on_close};
  actor client = {0};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  loopback_connect(&net, &client, NULL);
  finish(&net, &client, TLSTREAM_ENDING_CLEAN);
}
