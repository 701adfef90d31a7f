/* SPDX-License-Identifier: MIT */
/* How servers close: their streams may finish, are ended, and are destroyed, in
 * this order; and what the user hears last is the server's on_close. */
#include <errno.h>
#include <unistd.h>

#include <tlstream/pair_ending.h>

#include "support/test.h"
#include "support/uv/loopback.h"

enum { LONG_MS = 60000, SHORT_MS = 20 };

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
  return net->awaited->got == net->awaited->said;
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

TEST(who_knocked_before_is_let_in) {
  loopback net = {.expects = ANY_NUMBER};
  actor client = {0};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  loopback_connect(&net, &client, NULL);
  while (tlstream_server_connections(net.server) == 0)
    uv_run(net.loop, UV_RUN_ONCE);
  CHECK_INT(net.connections, 0);
  tlstream_server_close(net.server, LONG_MS);
  loopback_until_secure(&net, &client);
  CHECK_INT(net.connections, 1);
  tlstream_end(client.stream);
  finish(&net, &client, TLSTREAM_ENDING_CLEAN);
}

TEST(at_the_deadline_streams_are_ended) {
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

/* Whoever was busy before has not used the streams' time up. */
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

/* The client hears the goodbye and goes on for as long as it likes. */
static void close_on_a_stubborn_client(bool half_open,
                                       tlstream_ending *ending) {
  loopback net = {.options.timeouts.shutdown_ms = SHORT_MS,
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
  CHECK_GE(now_ms() - before, 2 * SHORT_MS - 2);
  CHECK_INT(client.order.count[CAME_END], 1);
  actor_destroy(&client);
  finish(&net, &client, TLSTREAM_ENDING_DESTROYED);
  *ending = net.guests[0].ending;
}

TEST(who_does_not_say_goodbye_is_destroyed) {
  tlstream_ending ending = TLSTREAM_ENDING_CLEAN;
  close_on_a_stubborn_client(true, &ending);
  CHECK_INT(ending, TLSTREAM_ENDING_DESTROYED);
  /* Here the stream has a deadline of its own, at the same time. */
  close_on_a_stubborn_client(false, &ending);
  CHECK(ending == TLSTREAM_ENDING_TRUNCATED ||
        ending == TLSTREAM_ENDING_DESTROYED);
}

TEST(handshakes_have_until_the_deadline) {
  loopback net = {.expects = ANY_NUMBER};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  int silent = raw_connect(&net);
  while (tlstream_server_connections(net.server) == 0)
    uv_run(net.loop, UV_RUN_ONCE);
  tlstream_server_close(net.server, SHORT_MS);
  loopback_run(&net);
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

/* A server that never listened, and one that nobody came to. */
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
