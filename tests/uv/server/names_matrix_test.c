/* SPDX-License-Identifier: MIT */
/*
 * Any two calls in on_hello, or later while its question is open: nothing
 * crashes, every stream and the server are closed in the end, a client comes in
 * by a host that was named for it or not at all, and a context whose last
 * reference is given up lasts as long as it is needed. B8, B9.
 */
#include <tlstream/pair_hello.h>
#include <tlstream/stream_hello.h>
#include <tlstream/stream_info.h>

#include "core/context/context.h"
#include "support/handshake.h"
#include "support/test.h"
#include "support/uv/loopback.h"
#include "uv/stream/state.h"

enum { DRAIN_MS = 15 };

static made_cert leaves[2];
static tlstream_context *bare; /* without a certificate */

BEFORE_TESTS(set_up) {
  for (int i = 0; i < 2; i++)
    leaves[i] = make_cert(&(cert_plan){.name = SERVER_NAME, .by = test_ca()});
  bare = context_with(NULL, test_ca());
}

AFTER_TESTS(tear_down) {
  made_cert_clear(&leaves[0]);
  made_cert_clear(&leaves[1]);
  tlstream_context_unref(bare);
}

typedef struct play {
  loopback net;
  actor client;
  tlstream *stream;           /* the one that asks; a reference */
  tlstream_context *hosts[2]; /* ours, until they are dropped */
  uv_timer_t timer;
  int first; /* actions */
  int second;
  bool later; /* from a timer, not in the callback */
  bool asked;
  bool refused;
  bool destroyed;
  bool abandoned; /* ended with nothing to send */
  bool wrote;
  bool answered; /* with a host, and taken */
  int met;
} play;

static void note(play *all, int code) {
  if (code == 0) all->answered = true;
  CHECK(code == 0 || code == TLSTREAM_ERR_WRONG_STATE ||
        code == TLSTREAM_ERR_CLOSED);
}

static void do_nothing(play *all) {
  (void)all;
}

static void answer_null(play *all) {
  note(all, tlstream_hello_accept(all->stream, NULL));
}

static void answer_host(play *all) {
  if (all->hosts[1] == NULL) return;
  note(all, tlstream_hello_accept(all->stream, all->hosts[1]));
}

/* The context is given up right after it was the answer. */
static void answer_and_forget(play *all) {
  answer_host(all);
  tlstream_context_unref(all->hosts[1]);
  all->hosts[1] = NULL;
}

static void answer_bare(play *all) {
  CHECK_NE(tlstream_hello_accept(all->stream, bare), 0);
}

static void refuse(play *all) {
  if (tlstream_hello_refuse(all->stream, TLSTREAM_HELLO_UNKNOWN_NAME) == 0)
    all->refused = true;
}

static void destroy_stream(play *all) {
  tlstream_destroy(all->stream);
  all->destroyed = true;
}

static void end_stream(play *all) {
  tlstream_end(all->stream);
  if (!all->refused && !all->wrote) all->abandoned = true;
}

static void write_early(play *all) {
  (void)!tlstream_write(all->stream, "early", 5);
  all->wrote = true;
}

static void pause_and_resume(play *all) {
  tlstream_pause(all->stream);
  tlstream_resume(all->stream);
}

static void close_server(play *all) {
  if (all->net.server != NULL) tlstream_server_close(all->net.server, DRAIN_MS);
}

/* Streams that are still in the handshake then are dropped. */
static void close_server_now(play *all) {
  if (all->net.server == NULL) return;
  tlstream_server_close(all->net.server, 0);
  all->destroyed = true;
}

static void destroy_server(play *all) {
  if (all->net.server == NULL) return;
  tlstream_server_destroy(all->net.server);
  all->destroyed = true;
}

/* Only the server and its open connections still hold it. */
static void forget_own_context(play *all) {
  tlstream_context_unref(all->hosts[0]);
  all->hosts[0] = NULL;
}

static void replace_context(play *all) {
  if (all->hosts[1] == NULL || all->net.server == NULL) return;
  CHECK_INT(tlstream_server_set_context(all->net.server, all->hosts[1], NULL),
            0);
}

static void name_host(play *all) {
  if (all->hosts[1] == NULL || all->net.server == NULL) return;
  CHECK_INT(tlstream_server_add_context(all->net.server, "a.test",
                                        all->hosts[1], NULL),
            0);
}

static void destroy_client(play *all) {
  actor_destroy(&all->client);
  all->destroyed = true;
}

#define ACTION(function) \
  { #function, function }

static const struct {
  const char *name;
  void (*run)(play *all);
} actions[] = {
    ACTION(do_nothing),      ACTION(answer_null),
    ACTION(answer_host),     ACTION(answer_and_forget),
    ACTION(answer_bare),     ACTION(refuse),
    ACTION(destroy_stream),  ACTION(end_stream),
    ACTION(write_early),     ACTION(pause_and_resume),
    ACTION(close_server),    ACTION(close_server_now),
    ACTION(destroy_server),  ACTION(forget_own_context),
    ACTION(replace_context), ACTION(name_host),
    ACTION(destroy_client),
};

enum { ACTIONS = sizeof(actions) / sizeof(actions[0]) };

static void act(play *all) {
  actions[all->first].run(all);
  actions[all->second].run(all);
  /* Else only the handshake's deadline would end it. */
  if (!all->answered && !all->refused && !all->abandoned) destroy_client(all);
}

static void on_timer(uv_timer_t *timer) {
  act(timer->data);
  uv_close((uv_handle_t *)timer, NULL);
}

static void on_hello(loopback *net, tlstream *stream, const char *servername) {
  play *all = net->data;
  CHECK(!all->asked);
  CHECK_STR(servername, "a.test");
  all->asked = true;
  all->stream = tlstream_ref(stream);
  if (!all->later) {
    act(all);
    return;
  }
  all->timer.data = all;
  uv_timer_init(net->loop, &all->timer);
  uv_timer_start(&all->timer, on_timer, 1, 0);
}

static void on_client(actor *self, callback_kind kind) {
  play *all = self->data;
  /* A stream that the server itself has destroyed is not reported to it. */
  if (kind == CAME_CLOSE) close_server(all);
  if (kind != CAME_SECURE) return;
  for (int i = 0; i < 2; i++) {
    if (was_shown(self->stream->pair, &leaves[i])) all->met = i;
  }
  tlstream_end(self->stream);
}

/* The server may have closed before the client came: then it counts nothing. */
static void check_play(play *all) {
  bool secure = all->client.order.count[CAME_SECURE] > 0;
  actor_done(&all->client);
  CHECK(all->asked);
  CHECK(!secure || all->answered);
  CHECK(!secure || all->met >= 0);
  CHECK(!(secure && all->refused));
  CHECK_LE(all->net.connections + all->net.client_errors, 1);
  if (all->refused && !all->destroyed) {
    CHECK_ERROR(all->net.client_error.code, TLSTREAM_ERR_UNKNOWN_NAME);
    CHECK_ERROR(all->client.error.code, TLSTREAM_ERR_ALERT);
  }
  if (all->abandoned) {
    CHECK_INT(all->net.connections + all->net.client_errors, 0);
    CHECK(!secure && !all->refused);
    if (!all->destroyed) {
      CHECK_ERROR(all->client.error.code, TLSTREAM_ERR_CLOSED_IN_HANDSHAKE);
    }
  }
  /* A kept reference may still be asked and answered, without effect. */
  CHECK_STR(tlstream_servername(all->stream), "a.test");
  CHECK_ERROR(tlstream_hello_accept(all->stream, NULL), TLSTREAM_ERR_CLOSED);
  CHECK_ERROR(tlstream_hello_refuse(all->stream, TLSTREAM_HELLO_UNKNOWN_NAME),
              TLSTREAM_ERR_CLOSED);
  tlstream_unref(all->stream);
}

static void run(play *all) {
  loopback *net = &all->net;
  all->hosts[0] = context_with(&leaves[0], test_ca());
  all->hosts[1] = context_with(&leaves[1], test_ca());
  all->met = -1;
  all->client.act = on_client;
  all->client.data = all;
  all->client.any_data = true; /* what was written early */
  net->data = all;
  net->on_hello = on_hello;
  net->options.context = all->hosts[0];
  loopback_open(net);
  loopback_serve(net, NULL);
  loopback_connect(net, &all->client, TLSTREAM_CONNECT(.servername = "a.test"));
  loopback_run(net);
  loopback_close(net);
  check_play(all);
  for (int i = 0; i < 2; i++) {
    if (all->hosts[i] != NULL) CHECK_INT(all->hosts[i]->refs, 1);
    tlstream_context_unref(all->hosts[i]);
  }
}

static void run_all(bool later) {
  for (int i = 0; i < ACTIONS * ACTIONS; i++) {
    play all = {.first = i / ACTIONS, .second = i % ACTIONS, .later = later};
    IN_CASE("%s, then %s", actions[all.first].name, actions[all.second].name);
    run(&all);
  }
}

TEST(any_two_calls_in_on_hello_do_no_harm) {
  run_all(/* later = */ false);
}

TEST(nor_do_they_later) {
  run_all(/* later = */ true);
}
