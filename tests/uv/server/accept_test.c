/* SPDX-License-Identifier: MIT */
/* F10: no descriptor is left. The loop does not spin, the error is reported
 * once, waiting clients are closed at once where that is possible, and the
 * server goes on by itself. */
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <tlstream/pair_ending.h>

#include "support/test.h"
#include "support/uv/loopback.h"

static rlim_t usual;

/* Let `more` descriptors be opened; a negative number takes away what is in
 * use. */
static void limit_descriptors(int more) {
  struct rlimit limit;
  int next = dup(STDOUT_FILENO);
  close(next);
  CHECK_INT(getrlimit(RLIMIT_NOFILE, &limit), 0);
  usual = limit.rlim_cur;
  limit.rlim_cur = (rlim_t)(next + more);
  CHECK_INT(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void lift_limit(void) {
  struct rlimit limit;
  CHECK_INT(getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = usual;
  CHECK_INT(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static bool has_failed(loopback *net) {
  return net->errors > 0;
}

/* How often the loop turns while the clock does what it must. */
typedef struct counter {
  uv_prepare_t prepare;
  uv_timer_t timer;
  unsigned turns;
  bool done;
} counter;

static void on_turn(uv_prepare_t *prepare) {
  ((counter *)prepare->data)->turns++;
}

static void on_time(uv_timer_t *timer) {
  counter *self = timer->data;
  self->done = true;
  uv_close((uv_handle_t *)timer, NULL);
  uv_close((uv_handle_t *)&self->prepare, NULL);
}

static bool time_is_up(loopback *net) {
  return ((counter *)net->data)->done;
}

/* Several times as long as accepting pauses. */
static unsigned count_turns(loopback *net) {
  counter self = {.turns = 0};
  self.prepare.data = self.timer.data = &self;
  uv_prepare_init(net->loop, &self.prepare);
  uv_timer_init(net->loop, &self.timer);
  uv_prepare_start(&self.prepare, on_turn);
  uv_timer_start(&self.timer, on_time, 350, 0);
  net->data = &self;
  loopback_until(net, time_is_up);
  return self.turns;
}

static void serve_one_more(loopback *net) {
  actor client = {0};
  unsigned before = net->connections;
  loopback_connect(net, &client, NULL);
  loopback_until_secure(net, &client);
  CHECK_INT(net->connections, before + 1);
  tlstream_end(client.stream);
  loopback_until_over(net, &client);
  CHECK_INT(client.ending, TLSTREAM_ENDING_CLEAN);
}

static void stop_serving(loopback *net) {
  tlstream_server_destroy(net->server);
  loopback_run(net);
  loopback_close(net);
}

enum { CROWD = 5 };

TEST(waiting_connections_are_refused_and_it_is_reported_once) {
  int crowd[CROWD];
  loopback net = {.expects = ANY_NUMBER};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  for (unsigned round = 1; round <= 2; round++) {
    for (int i = 0; i < CROWD; i++)
      crowd[i] = raw_connect(&net);
    limit_descriptors(0);
    loopback_until(&net, has_failed);
    CHECK_STR(net.error.name, "EMFILE");
    CHECK_HAS(net.error.message, "cannot accept");
    CHECK_LT(count_turns(&net), 30);
    CHECK_INT(net.errors, 1);
    for (int i = 0; i < CROWD; i++)
      CHECK_NE(raw_look(crowd[i]), RAW_OPEN);
    lift_limit();
    for (int i = 0; i < CROWD; i++)
      close(crowd[i]);
    serve_one_more(&net);
    CHECK_INT(net.errors, 1); /* and after that it is news again */
    CHECK_INT(net.connections, round);
    net.errors = 0;
  }
  CHECK_INT(net.client_errors, 0);
  stop_serving(&net);
}

/* They keep coming: a pause, a refusal, and again, but not a word more. */
TEST(later_connections_are_refused_as_well) {
  loopback net = {.expects = ANY_NUMBER};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  int first = raw_connect(&net);
  int spare = dup(first);
  limit_descriptors(0);
  loopback_until(&net, has_failed);
  for (int i = 0; i < 3; i++) {
    close(spare); /* room for a client, and none for its other end */
    spare = raw_connect(&net);
    CHECK_LT(count_turns(&net), 30);
    CHECK_NE(raw_look(spare), RAW_OPEN);
  }
  CHECK_INT(net.errors, 1);
  lift_limit();
  close(spare);
  close(first);
  serve_one_more(&net);
  stop_serving(&net);
}

/* Not even the descriptor that is kept for this can be opened again, as when
 * another thread has been faster: waiting clients go on waiting, and are served
 * in the end. */
TEST(without_a_reserve_they_wait) {
  loopback net = {.expects = ANY_NUMBER};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  int client = raw_connect(&net);
  limit_descriptors(-4);
  loopback_until(&net, has_failed);
  CHECK_STR(net.error.name, "EMFILE");
  CHECK_LT(count_turns(&net), 30);
  CHECK_INT(net.errors, 1);
  CHECK_INT(raw_look(client), RAW_OPEN);
  lift_limit();
  while (tlstream_server_connections(net.server) == 0)
    uv_run(net.loop, UV_RUN_ONCE);
  close(client);
  serve_one_more(&net);
  net.errors = 0;
  client = raw_connect(&net);
  limit_descriptors(0);
  loopback_until(&net, has_failed);
  CHECK_NE(raw_look(client), RAW_OPEN); /* there is a reserve again */
  lift_limit();
  close(client);
  stop_serving(&net);
}

static void destroy_it(loopback *net) {
  tlstream_server_destroy(net->server);
}

TEST(destroying_in_on_error_is_ordinary) {
  loopback net = {.on_server_error = destroy_it, .expects = ANY_NUMBER};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  int client = raw_connect(&net);
  limit_descriptors(0);
  loopback_run(&net);
  CHECK_INT(net.errors, 1);
  lift_limit();
  close(client);
  loopback_close(&net);
}

TEST(a_client_without_a_descriptor_hears_why) {
  loopback net = {.expects = ANY_NUMBER};
  actor client = {0};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  limit_descriptors(0);
  loopback_connect(&net, &client, NULL);
  loopback_until_over(&net, &client);
  CHECK_ERROR(client.error.code, TLSTREAM_ERR_CONNECT);
  CHECK_STR(client.error.name, "EMFILE");
  CHECK_HAS(client.error.message, "127.0.0.1:");
  lift_limit();
  serve_one_more(&net);
  stop_serving(&net);
}

TEST(a_server_without_a_descriptor_hears_why) {
  loopback net = {0};
  tlstream_error error;
  loopback_open(&net);
  tlstream_context *context = config_context(&net.config, TLSTREAM_ROLE_SERVER);
  tlstream_server *server = tlstream_server_new(
      net.loop, TLSTREAM_SERVER(.context = context), NULL, NULL, &error);
  tlstream_context_unref(context);
  limit_descriptors(0);
  CHECK_ERROR(tlstream_server_listen(server, "127.0.0.1", 0, &error),
              TLSTREAM_ERR_LISTEN);
  CHECK_STR(error.name, "EMFILE");
  lift_limit();
  CHECK_INT(tlstream_server_listen(server, "127.0.0.1", 0, &error), 0);
  tlstream_server_destroy(server);
  loopback_run(&net);
  loopback_close(&net);
}
