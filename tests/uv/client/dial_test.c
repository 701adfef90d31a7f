/* SPDX-License-Identifier: MIT */
/* From a name to a connection (RFC 8305), by addresses of this machine: some
 * serve, some refuse, and some never answer. */
#include <fcntl.h>
#include <netdb.h>
#include <unistd.h>

#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>

#include "support/test.h"
#include "support/uv/loopback.h"
#include "support/uv/names.h"

enum { STAGGER_MS = 250 };

static uint64_t now_ms(void) {
  return uv_hrtime() / 1000000;
}

static void end_when_secure(actor *self, callback_kind kind) {
  if (kind == CAME_SECURE) tlstream_end(self->stream);
}

static void check_met(const actor *client) {
  actor_done(client);
  CHECK_STR(client->error.message, "");
  CHECK_INT(client->ending, TLSTREAM_ENDING_CLEAN);
}

TEST(an_unknown_host_is_named) {
  loopback net = {0};
  actor client = {0};
  RESOLVE_TO("127.0.0.1");
  names.status = EAI_NONAME;
  loopback_open(&net);
  loopback_connect(&net, &client,
                   TLSTREAM_CONNECT(.host = "un\nknown.test", .port = 443));
  loopback_run(&net);
  actor_done(&client);
  CHECK_ERROR(client.error.code, TLSTREAM_ERR_CONNECT);
  CHECK_STR(client.error.name, "EAI_NONAME");
  CHECK_HAS(client.error.message, "the address of un\\nknown.test port 443");
  CHECK_INT(client.ending, TLSTREAM_ENDING_FAILED);
  loopback_close(&net);
}

/* H6: the longest that there is, and none of it cut off. */
TEST(a_name_of_253_bytes_is_looked_up_whole) {
  loopback net = {0};
  actor client = {.act = end_when_secure};
  char name[254];
  memset(name, 'a', sizeof(name));
  for (int i = 49; i < 253; i += 50)
    name[i] = '.';
  memcpy(name + 248, ".test", 6);
  RESOLVE_TO("127.0.0.1");
  loopback_open(&net);
  loopback_serve(&net, NULL);
  loopback_connect(&net, &client, TLSTREAM_CONNECT(.host = name));
  loopback_run(&net);
  check_met(&client);
  CHECK_STR(names.asked, name);
  loopback_close(&net);
}

/* The families take turns, beginning with the one that was first. */
TEST(every_address_that_was_tried_is_named_in_order) {
  static const char *const order[] = {
      "[::1]:", "127.0.0.6:", "[::ffff:127.0.0.5]:", "127.0.0.7:"};
  int port = 0;
  loopback net = {0};
  actor client = {0};
  RESOLVE_TO("::1", "::ffff:127.0.0.5", "127.0.0.6", "127.0.0.7");
  loopback_open(&net);
  int keeper = raw_listen("::", -1, &port);
  loopback_connect(&net, &client,
                   TLSTREAM_CONNECT(.host = "many.test", .port = port));
  loopback_run(&net);
  actor_done(&client);
  CHECK_ERROR(client.error.code, TLSTREAM_ERR_CONNECT);
  CHECK_STR(client.error.name, "ECONNREFUSED");
  CHECK_HAS(client.error.message, "many.test");
  const char *at = client.error.message;
  for (int i = 0; i < 4 && at != NULL; i++) {
    if (CHECK_HAS(at, order[i])) at = strstr(at, order[i]);
  }
  close(keeper);
  loopback_close(&net);
}

/* If each waited for its turn, they would take twice as long as they may. */
TEST(after_a_refusal_the_next_is_tried_at_once) {
  loopback net = {0};
  actor client = {.act = end_when_secure};
  const char *many[ADDRESSES_MAX + 1] = {0};
  for (int i = 0; i < ADDRESSES_MAX - 1; i++)
    many[i] = "127.0.0.8";
  many[ADDRESSES_MAX - 1] = "127.0.0.1";
  resolve_to(many);
  loopback_open(&net);
  loopback_serve(&net, NULL);
  loopback_connect(
      &net, &client,
      TLSTREAM_CONNECT(.host = "many.test",
                       .timeouts.connect_ms = ADDRESSES_MAX * STAGGER_MS / 2));
  loopback_run(&net);
  check_met(&client);
  loopback_close(&net);
}

TEST(after_a_quarter_of_a_second_the_next_is_tried) {
  loopback net = {0};
  actor client = {.act = end_when_secure};
  full_host full;
  RESOLVE_TO("127.0.0.2", "127.0.0.1");
  loopback_open(&net);
  loopback_serve(&net, NULL);
  full_host_open(&full, "127.0.0.2", &net.at.port);
  uint64_t before = now_ms();
  loopback_connect(&net, &client, TLSTREAM_CONNECT(.host = "many.test"));
  loopback_run(&net);
  check_met(&client);
  CHECK_GE(now_ms() - before, STAGGER_MS - 1);
  full_host_close(&full);
  loopback_close(&net);
}

/* A host with a full backlog, which later accepts connections and closes
 * them. */
typedef struct late_host {
  full_host full;
  uv_timer_t timer;
  int accepted;
  bool done;
} late_host;

static void on_late_host(uv_timer_t *timer) {
  late_host *self = timer->data;
  int fd = accept(self->full.listener, NULL, NULL);
  if (fd >= 0) close(fd);
  if (fd >= 0) self->accepted++;
  if (self->done) uv_close((uv_handle_t *)timer, NULL);
}

static void look_where_it_is(actor *self, callback_kind kind) {
  late_host *late = self->data;
  tlstream_address remote;
  if (kind == CAME_ERROR) {
    CHECK_ERROR(tlstream_remote_address(self->stream, &remote), 0);
    CHECK_STR(remote.host, "127.0.0.2");
  }
  if (kind == CAME_CLOSE) late->done = true;
}

/* By the time that the first answers, the second has been tried and has
 * refused. The kernel retries after a second, so this takes one. */
TEST(an_attempt_is_not_given_up_for_the_next) {
  int port = 0;
  loopback net = {0};
  late_host late = {0};
  actor client = {.act = look_where_it_is, .data = &late};
  RESOLVE_TO("127.0.0.2", "127.0.0.3");
  loopback_open(&net);
  full_host_open(&late.full, "127.0.0.2", &port);
  fcntl(late.full.listener, F_SETFL, O_NONBLOCK);
  uv_timer_init(net.loop, &late.timer);
  late.timer.data = &late;
  uv_timer_start(&late.timer, on_late_host, 2 * STAGGER_MS, 20);
  loopback_connect(&net, &client,
                   TLSTREAM_CONNECT(.host = "many.test", .port = port));
  loopback_run(&net);
  actor_done(&client);
  CHECK_GE(late.accepted, 2);
  CHECK(client.error.code == TLSTREAM_ERR_CLOSED_IN_HANDSHAKE ||
        client.error.system == UV_ECONNRESET);
  full_host_close(&late.full);
  loopback_close(&net);
}

TEST(connecting_has_a_deadline) {
  int port = 0;
  loopback net = {0};
  actor client = {0};
  full_host full;
  RESOLVE_TO("127.0.0.3", "127.0.0.2");
  loopback_open(&net);
  full_host_open(&full, "127.0.0.2", &port);
  uint64_t before = now_ms();
  loopback_connect(&net, &client,
                   TLSTREAM_CONNECT(.host = "many.test", .port = port,
                                    .timeouts.connect_ms = 400));
  loopback_run(&net);
  actor_done(&client);
  CHECK_GE(now_ms() - before, 399);
  CHECK_ERROR(client.error.code, TLSTREAM_ERR_CONNECT_TIMEOUT);
  CHECK_HAS(client.error.message, "400 ms");
  CHECK_HAS(client.error.message, "127.0.0.3:");
  CHECK_INT(client.ending, TLSTREAM_ENDING_FAILED);
  full_host_close(&full);
  loopback_close(&net);
}

/* A loop only looks at the clock when it turns, and a program may have been
 * busy before. */
TEST(the_deadline_counts_from_the_call) {
  int port = 0;
  loopback net = {0};
  actor client = {0};
  full_host full;
  loopback_open(&net);
  full_host_open(&full, "127.0.0.2", &port);
  uint64_t before = now_ms();
  while (now_ms() - before < 60)
    continue;
  before = now_ms();
  loopback_connect(&net, &client,
                   TLSTREAM_CONNECT(.host = "127.0.0.2", .port = port,
                                    .timeouts.connect_ms = 50));
  loopback_run(&net);
  actor_done(&client);
  CHECK_ERROR(client.error.code, TLSTREAM_ERR_CONNECT_TIMEOUT);
  CHECK_GE(now_ms() - before, 49);
  full_host_close(&full);
  loopback_close(&net);
}

static void open_the_gate(actor *self, callback_kind kind) {
  (void)self;
  if (kind == CAME_CLOSE) uv_sem_post(&names.gate);
}

/* H6: the resolver returns after the stream that asked has ended. If on_close
 * waited for it, neither would ever come. */
static void ask_a_stuck_resolver(actor *client, unsigned timeout_ms) {
  loopback net = {0};
  client->act = open_the_gate;
  RESOLVE_TO("127.0.0.1");
  names.stuck = true;
  uv_sem_init(&names.reached, 0);
  uv_sem_init(&names.gate, 0);
  loopback_open(&net);
  loopback_connect(&net, client,
                   TLSTREAM_CONNECT(.host = "slow.test", .port = 443,
                                    .timeouts.connect_ms = timeout_ms));
  uv_sem_wait(&names.reached);
  if (timeout_ms == 0) actor_destroy(client);
  loopback_run(&net);
  actor_done(client);
  loopback_close(&net);
  uv_sem_destroy(&names.reached);
  uv_sem_destroy(&names.gate);
}

TEST(the_deadline_is_over_the_look_up_too) {
  actor client = {0};
  ask_a_stuck_resolver(&client, 20);
  CHECK_ERROR(client.error.code, TLSTREAM_ERR_CONNECT_TIMEOUT);
  CHECK_HAS(client.error.message, "slow.test");
}

TEST(destroying_does_not_wait_for_the_resolver) {
  actor client = {0};
  ask_a_stuck_resolver(&client, 0);
  CHECK_INT(client.ending, TLSTREAM_ENDING_DESTROYED);
  CHECK_INT(client.order.count[CAME_ERROR], 0);
}

static void destroy_its_data(uv_timer_t *timer) {
  actor_destroy(timer->data);
  uv_close((uv_handle_t *)timer, NULL);
}

static void destroy_while_connecting(uint64_t after_ms) {
  int port = 0;
  loopback net = {0};
  actor client = {0};
  uv_timer_t timer = {.data = &client};
  full_host full[2];
  RESOLVE_TO("127.0.0.2", "127.0.0.3");
  loopback_open(&net);
  full_host_open(&full[0], "127.0.0.2", &port);
  full_host_open(&full[1], "127.0.0.3", &port);
  loopback_connect(&net, &client,
                   TLSTREAM_CONNECT(.host = "many.test", .port = port));
  uv_timer_init(net.loop, &timer);
  uv_timer_start(&timer, destroy_its_data, after_ms, 0);
  loopback_run(&net);
  actor_done(&client);
  CHECK_INT(client.ending, TLSTREAM_ENDING_DESTROYED);
  full_host_close(&full[0]);
  full_host_close(&full[1]);
  loopback_close(&net);
}

/* During the look-up, the first attempt, and the second. */
TEST(destroying_closes_all_attempts) {
  destroy_while_connecting(0);
  destroy_while_connecting(10);
  destroy_while_connecting(STAGGER_MS + 20);
}
