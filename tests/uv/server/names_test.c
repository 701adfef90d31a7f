/* SPDX-License-Identifier: MIT */
/* One server, many names: what answers a client's request for a host, when, and
 * what happens without an answer. B4, B7, B9. */
#include <tlstream/pair_ending.h>
#include <tlstream/pair_hello.h>
#include <tlstream/stream_hello.h>
#include <tlstream/stream_info.h>

#include "support/handshake.h"
#include "support/test.h"
#include "support/uv/loopback.h"
#include "uv/stream/state.h"

enum { UNRECOGNIZED_NAME = 112, HOSTS = 3 };

/* Hosts differ in their certificates alone; 0 is the server's own. */
static made_cert leaves[HOSTS];
static tlstream_context *hosts[HOSTS];
static tlstream_context *bare;

BEFORE_TESTS(set_up) {
  for (int i = 0; i < HOSTS; i++) {
    leaves[i] = make_cert(&(cert_plan){.name = SERVER_NAME, .by = test_ca()});
    hosts[i] = context_with(&leaves[i], NULL);
  }
  bare = context_with(NULL, NULL);
}

AFTER_TESTS(tear_down) {
  for (int i = 0; i < HOSTS; i++) {
    tlstream_context_unref(hosts[i]);
    made_cert_clear(&leaves[i]);
  }
  tlstream_context_unref(bare);
}

/* A client records which host's certificate it got, and leaves. */
static void note_and_leave(actor *self, callback_kind kind) {
  int *met = self->data;
  if (kind != CAME_SECURE) return;
  for (int i = 0; i < HOSTS; i++) {
    if (was_shown(self->stream->pair, &leaves[i])) *met = i;
  }
  tlstream_end(self->stream);
}

typedef struct test_client {
  actor client;
  int met; /* a host, or -1 */
} test_client;

static void come(loopback *net, test_client *made, const char *servername) {
  made->met = -1;
  made->client.act = note_and_leave;
  made->client.data = &made->met;
  loopback_connect(net, &made->client,
                   TLSTREAM_CONNECT(.servername = servername));
}

static void check_met(const test_client *made, int host) {
  actor_done(&made->client);
  CHECK_STR(made->client.error.message, "");
  CHECK_INT(made->met, host);
  CHECK_INT(made->client.ending, TLSTREAM_ENDING_CLEAN);
}

static void check_turned_away(const loopback *net, const test_client *made) {
  actor_done(&made->client);
  CHECK_INT(made->met, -1);
  CHECK_ERROR(made->client.error.code, TLSTREAM_ERR_ALERT);
  CHECK_INT(made->client.error.alert, UNRECOGNIZED_NAME);
  CHECK_ERROR(net->client_error.code, TLSTREAM_ERR_UNKNOWN_NAME);
  CHECK_INT(net->client_error.alert, UNRECOGNIZED_NAME);
  CHECK_INT(net->client_error.alert_side, TLSTREAM_ALERT_OURS);
  CHECK_STR(net->client.host, "127.0.0.1");
}

static void add(loopback *net, const char *pattern, int host) {
  tlstream_error error = {.message = ""};
  CHECK_INT(
      tlstream_server_add_context(net->server, pattern, hosts[host], &error),
      0);
  CHECK_STR(error.message, "");
}

/* Come to a server that knows *.a.test as host 1 and b.a.test as host 2. */
static test_client visit(loopback *net, const char *servername) {
  test_client made = {.met = -1};
  net->options.context = hosts[0];
  loopback_open(net);
  loopback_serve(net, NULL);
  add(net, "*.a.test", 1);
  add(net, "b.a.test", 2);
  come(net, &made, servername);
  loopback_run(net);
  loopback_close(net);
  return made;
}

static const struct {
  const char *servername;
  int host; /* 0: no name that is known */
} names[] = {{"x.a.test", 1}, {"X.A.TEST.", 1},  {"b.a.test", 2},
             {"a.test", 0},   {"x.b.a.test", 0}, {"other.test", 0},
             {"", 0}};

enum { NAMES = sizeof(names) / sizeof(names[0]) };

TEST(contexts_are_found_by_name) {
  for (int i = 0; i < NAMES; i++) {
    loopback net = {0};
    test_client made = visit(&net, names[i].servername);
    check_met(&made, names[i].host);
    CHECK_INT(net.connections, 1);
  }
}

TEST(an_unknown_name_may_be_refused) {
  for (int i = 0; i < NAMES; i++) {
    loopback net = {.options.require_known_name = true};
    test_client made = visit(&net, names[i].servername);
    if (names[i].host > 0) {
      check_met(&made, names[i].host);
    } else {
      check_turned_away(&net, &made);
      CHECK_HAS(net.client_error.message,
                i == NAMES - 1 ? "no name (SNI)" : names[i].servername);
    }
  }
}

/* What on_hello was asked, and what it is to do. */
typedef struct asking {
  void (*answer)(loopback *net, tlstream *stream);
  unsigned count;
  bool had_name;
  char name[64];
  uv_timer_t timer;
  tlstream *waiting; /* a reference */
  int code;          /* what the late answer came to */
} asking;

static void ask(loopback *net, tlstream *stream, const char *servername) {
  asking *self = net->data;
  self->count++;
  self->had_name = servername != NULL;
  CHECK_STR(tlstream_servername(stream), servername);
  CHECK(!tlstream_is_secure(stream));
  CHECK_INT(tlstream_server_connections(net->server), 1);
  snprintf(self->name, sizeof(self->name), "%s",
           servername != NULL ? servername : "");
  self->answer(net, stream);
}

static void answer_host_2(loopback *net, tlstream *stream) {
  (void)net;
  CHECK_INT(tlstream_hello_accept(stream, hosts[2]), 0);
  CHECK_ERROR(tlstream_hello_accept(stream, hosts[1]),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_hello_refuse(stream, TLSTREAM_HELLO_UNKNOWN_NAME),
              TLSTREAM_ERR_WRONG_STATE);
}

static void leave_it_to_the_names(loopback *net, tlstream *stream) {
  (void)net;
  CHECK_INT(tlstream_hello_accept(stream, NULL), 0);
  CHECK_NE(tlstream_hello_accept(stream, NULL), 0);
}

static void refuse(loopback *net, tlstream *stream) {
  (void)net;
  CHECK_ERROR(tlstream_hello_refuse(stream, TLSTREAM_HELLO_UNKNOWN_NAME), 0);
  CHECK_ERROR(tlstream_hello_refuse(stream, TLSTREAM_HELLO_UNKNOWN_NAME),
              TLSTREAM_ERR_CLOSED);
  CHECK_ERROR(tlstream_hello_accept(stream, hosts[1]), TLSTREAM_ERR_CLOSED);
}

static void think_again(loopback *net, tlstream *stream) {
  (void)net;
  CHECK_ERROR(tlstream_hello_accept(stream, bare), TLSTREAM_ERR_NO_CERTIFICATE);
  CHECK_ERROR(tlstream_hello_accept(stream, bare), TLSTREAM_ERR_NO_CERTIFICATE);
  CHECK_INT(tlstream_hello_accept(stream, hosts[1]), 0);
}

static void say_nothing(loopback *net, tlstream *stream) {
  (void)net, (void)stream;
}

/* Every client is asked about, whatever it names and whatever is known. */
static test_client visit_asking(asking *self, const char *servername,
                                loopback *net) {
  net->on_hello = ask;
  net->data = self;
  test_client made = visit(net, servername);
  CHECK_INT(self->count, 1);
  return made;
}

TEST(on_hello_decides_for_every_client) {
  for (int i = 0; i < NAMES; i++) {
    asking now = {.answer = answer_host_2};
    loopback net = {0};
    test_client made = visit_asking(&now, names[i].servername, &net);
    check_met(&made, 2);
    CHECK_INT(now.had_name, names[i].servername[0] != '\0');
  }
}

TEST(on_hello_may_leave_it_to_the_names) {
  for (int i = 0; i < 2 * NAMES; i++) {
    asking now = {.answer = leave_it_to_the_names};
    loopback net = {.options.require_known_name = i % 2 == 1};
    test_client made = visit_asking(&now, names[i / 2].servername, &net);
    if (net.options.require_known_name && names[i / 2].host == 0) {
      check_turned_away(&net, &made);
    } else {
      check_met(&made, names[i / 2].host);
    }
  }
}

TEST(on_hello_may_refuse) {
  for (int i = 0; i < NAMES; i++) {
    asking now = {.answer = refuse};
    loopback net = {0};
    test_client made = visit_asking(&now, names[i].servername, &net);
    check_turned_away(&net, &made);
  }
}

TEST(an_answer_without_a_certificate_may_be_mended) {
  asking now = {.answer = think_again};
  loopback net = {0};
  test_client made = visit_asking(&now, "a.test", &net);
  check_met(&made, 1);
}

/* B9 */
TEST(without_an_answer_the_deadline_ends_it) {
  asking now = {.answer = say_nothing};
  loopback net = {.options.timeouts.handshake_ms = 500};
  test_client made = visit_asking(&now, "a.test", &net);
  CHECK_ERROR(net.client_error.code, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK_ERROR(made.client.error.code, TLSTREAM_ERR_CLOSED_IN_HANDSHAKE);
}

/* The context does not fit: the answer was taken, and the rest is an event. */
static void answer_with_the_newest_alone(loopback *net, tlstream *stream) {
  tlstream_context *newest = context_of(
      TLSTREAM_CONTEXT(.cert = leaves[1].cert_pem, .key = leaves[1].key_pem,
                       .min_version = TLSTREAM_TLS_1_3));
  CHECK_INT(tlstream_hello_accept(stream, newest), 0);
  CHECK_INT(net->client_errors, 0);
  tlstream_context_unref(newest);
}

TEST(a_client_that_does_not_fit_is_a_client_error) {
  asking now = {.answer = answer_with_the_newest_alone};
  loopback net = {.config.version = TLSTREAM_TLS_1_2};
  test_client made = visit_asking(&now, "a.test", &net);
  CHECK_ERROR(net.client_error.code, TLSTREAM_ERR_NO_SHARED_VERSION);
  CHECK_ERROR(made.client.error.code, TLSTREAM_ERR_ALERT);
  actor_done(&made.client);
}

static void on_late(uv_timer_t *timer) {
  asking *self = timer->data;
  self->code = tlstream_hello_accept(self->waiting, hosts[2]);
  tlstream_unref(self->waiting);
  uv_close((uv_handle_t *)timer, NULL);
}

static void answer_late(loopback *net, tlstream *stream) {
  asking *self = net->data;
  self->waiting = tlstream_ref(stream);
  self->timer.data = self;
  uv_timer_init(net->loop, &self->timer);
  uv_timer_start(&self->timer, on_late, 5, 0);
}

TEST(the_answer_may_come_late) {
  asking late = {.answer = answer_late, .code = 1};
  loopback net = {0};
  test_client made = visit_asking(&late, "a.test", &net);
  check_met(&made, 2);
  CHECK_INT(late.code, 0);
}

static void on_late_refusal(uv_timer_t *timer) {
  asking *self = timer->data;
  self->code =
      tlstream_hello_refuse(self->waiting, TLSTREAM_HELLO_UNKNOWN_NAME);
  tlstream_unref(self->waiting);
  uv_close((uv_handle_t *)timer, NULL);
}

static void refuse_late(loopback *net, tlstream *stream) {
  asking *self = net->data;
  answer_late(net, stream);
  uv_timer_start(&self->timer, on_late_refusal, 5, 0);
}

/* Later than an alert may take to leave: that time begins with the refusal. */
TEST(a_late_refusal_reports_it_too) {
  asking late = {.answer = refuse_late, .code = 1};
  loopback net = {.options.timeouts.shutdown_ms = 1};
  test_client made = visit_asking(&late, "a.test", &net);
  check_turned_away(&net, &made);
  CHECK_INT(late.code, 0);
}

/* B8: the stream has closed long ago. */
static void answer_far_too_late(loopback *net, tlstream *stream) {
  answer_late(net, stream);
  tlstream_destroy(stream);
  CHECK_ERROR(tlstream_hello_accept(stream, hosts[1]), TLSTREAM_ERR_CLOSED);
  CHECK_ERROR(tlstream_hello_refuse(stream, TLSTREAM_HELLO_UNKNOWN_NAME),
              TLSTREAM_ERR_CLOSED);
  tlstream_server_close(net->server, 0);
}

TEST(an_answer_for_a_client_that_left_is_an_error) {
  asking late = {.answer = answer_far_too_late, .code = 1};
  loopback net = {0};
  test_client made = visit_asking(&late, "a.test", &net);
  CHECK_ERROR(late.code, TLSTREAM_ERR_CLOSED);
  CHECK_INT(made.client.error.code != 0, true);
  CHECK_INT(net.client_errors, 0); /* we dropped it ourselves */
}

/* After the deadline, and after the client itself has hung up. */
static void on_client_closed(loopback *net) {
  asking *self = net->data;
  CHECK_ERROR(tlstream_hello_accept(self->waiting, hosts[1]),
              TLSTREAM_ERR_CLOSED);
  CHECK_ERROR(tlstream_hello_refuse(self->waiting, TLSTREAM_HELLO_UNKNOWN_NAME),
              TLSTREAM_ERR_CLOSED);
}

static void keep(loopback *net, tlstream *stream) {
  asking *self = net->data;
  self->waiting = tlstream_ref(stream);
}

TEST(an_answer_after_the_deadline_is_an_error) {
  asking never = {.answer = keep};
  loopback net = {.options.timeouts.handshake_ms = 500,
                  .on_client_error = on_client_closed};
  test_client made = visit_asking(&never, "a.test", &net);
  CHECK_ERROR(net.client_error.code, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK_ERROR(tlstream_hello_accept(never.waiting, hosts[1]),
              TLSTREAM_ERR_CLOSED);
  CHECK_STR(tlstream_servername(never.waiting), "a.test");
  tlstream_unref(never.waiting);
  actor_done(&made.client);
}

static tlstream *leaver;

static void keep_and_let_the_client_go(loopback *net, tlstream *stream) {
  keep(net, stream);
  tlstream_destroy(leaver);
}

TEST(an_answer_after_the_client_is_an_error) {
  asking never = {.answer = keep_and_let_the_client_go};
  loopback net = {.on_client_error = on_client_closed,
                  .on_hello = ask,
                  .data = &never,
                  .options.context = hosts[0]};
  test_client made = {.met = -1};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  come(&net, &made, "a.test");
  leaver = made.client.stream;
  made.client.order.destroyed = true;
  loopback_run(&net);
  loopback_close(&net);
  CHECK(net.client_error.code == TLSTREAM_ERR_CLOSED_IN_HANDSHAKE ||
        net.client_error.code == TLSTREAM_ERR_SYSTEM);
  tlstream_unref(never.waiting);
  actor_done(&made.client);
}

TEST(only_a_server_s_stream_has_a_question) {
  loopback net = {0};
  test_client made = {.met = -1};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  come(&net, &made, NULL);
  CHECK_ERROR(tlstream_hello_accept(made.client.stream, hosts[0]),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_hello_accept(made.client.stream, NULL),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(
      tlstream_hello_refuse(made.client.stream, TLSTREAM_HELLO_UNKNOWN_NAME),
      TLSTREAM_ERR_WRONG_STATE);
  loopback_run(&net);
  loopback_close(&net);
  actor_done(&made.client);
}

TEST(what_no_server_can_use_is_refused) {
  loopback net = {0};
  tlstream_error error;
  loopback_open(&net);
  loopback_serve(&net, NULL);
  tlstream_server *server = net.server;
  int invalid = TLSTREAM_ERR_INVALID_ARGUMENT;
  int missing = TLSTREAM_ERR_NO_CERTIFICATE;
  CHECK_INT(tlstream_server_add_context(server, "a.test", bare, &error),
            missing);
  CHECK_HAS(error.message, "cert_file");
  CHECK_INT(tlstream_server_add_context(server, "a.test", NULL, NULL), missing);
  CHECK_INT(tlstream_server_set_context(server, bare, &error), missing);
  CHECK_INT(tlstream_server_set_context(server, NULL, NULL), missing);
  CHECK_INT(tlstream_server_add_context(server, "a*.test", hosts[1], &error),
            invalid);
  CHECK_HAS(error.message, "a*.test");
  CHECK_INT(tlstream_server_add_context(server, "", hosts[1], &error), invalid);
  CHECK_INT(tlstream_server_add_context(server, NULL, hosts[1], &error),
            invalid);
  tlstream_server_close(server, 0);
  loopback_run(&net);
  loopback_close(&net);
}

/* I10: a change while the server runs applies to new connections; those that
 * are open keep what they have. */
TEST(contexts_change_while_the_server_runs) {
  test_client made[6] = {0};
  static const int met[] = {0, 1, 2, 0, 2, 2};
  loopback net = {.expects = 6, .options.context = hosts[0]};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  for (int i = 0; i < 6; i++) {
    if (i == 1) add(&net, "a.test", 1);
    if (i == 2) add(&net, "A.test.", 2);
    if (i == 4) {
      CHECK_INT(tlstream_server_set_context(net.server, hosts[2], NULL), 0);
    }
    come(&net, &made[i], i == 3 || i == 4 ? "b.test" : "a.test");
    loopback_until_over(&net, &made[i].client);
    check_met(&made[i], met[i]);
  }
  loopback_run(&net);
  loopback_close(&net);
}

/* Several are asked about at once, and answered in the reverse order. */
typedef struct crowd {
  tlstream *waiting[GUESTS_MAX];
  unsigned count;
} crowd;

static void gather(loopback *net, tlstream *stream, const char *servername) {
  crowd *self = net->data;
  CHECK_STR(servername, "a.test");
  self->waiting[self->count++] = tlstream_ref(stream);
  if (self->count < GUESTS_MAX) return;
  CHECK_INT(net->connections, 0);
  while (self->count > 0) {
    tlstream *next = self->waiting[--self->count];
    CHECK_INT(tlstream_hello_accept(next, hosts[self->count % 2 + 1]), 0);
    tlstream_unref(next);
  }
}

TEST(many_may_wait_at_once) {
  test_client made[GUESTS_MAX] = {0};
  crowd waiting = {.count = 0};
  loopback net = {.expects = GUESTS_MAX,
                  .on_hello = gather,
                  .data = &waiting,
                  .options.context = hosts[0]};
  unsigned met[HOSTS] = {0};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  for (int i = 0; i < GUESTS_MAX; i++)
    come(&net, &made[i], "a.test");
  loopback_run(&net);
  loopback_close(&net);
  for (int i = 0; i < GUESTS_MAX; i++) {
    check_met(&made[i], made[i].met);
    if (CHECK_GE(made[i].met, 0)) met[made[i].met]++;
  }
  CHECK_INT(met[1], GUESTS_MAX / 2);
  CHECK_INT(met[2], GUESTS_MAX / 2);
}
