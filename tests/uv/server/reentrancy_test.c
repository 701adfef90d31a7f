/* SPDX-License-Identifier: MIT */
/*
 * Every call on a server and its stream in every callback of the server, and in
 * the last one of its stream (B8, C4, G9, H1, H6). on_error needs a listener
 * that fails: accept_test.c. The two for sessions that the program keeps are in
 * session_lookup_test.c.
 */
#include <stdlib.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_hello.h>
#include <tlstream/server.h>
#include <tlstream/stream_hello.h>
#include <tlstream/stream_psk.h>
#include <tlstream/stream_verify.h>

#include "support/psk_key.h"
#include "support/test.h"
#include "support/uv/plain.h"
#include "support/uv/stage.h"

typedef enum place_kind {
  ON_SNI,
  ON_PSK,
  ON_VERIFY,
  ON_CONNECTION,
  ON_CLIENT_ERROR,
  ON_STREAM_CLOSE,
  ON_CLOSE,
  PLACES
} place_kind;

enum { ON_ERROR = 1, LOOKUPS = 2, CALLBACKS = PLACES - 1 + ON_ERROR + LOOKUPS };

_Static_assert(offsetof(tlstream_server_events, reserved) ==
                   CALLBACKS * sizeof(void (*)(void)),
               "a callback has been added: add it to this matrix");

enum { TIME_LIMIT_MS = 60000, CLIENTS = 3 };

/* A connection: the server's end of it, and the client. */
typedef struct connection {
  plain_end near;
  plain_peer far;
  bool came;
} connection;

typedef struct hall {
  stage stage;
  tlstream_context *context; /* NULL once we have let go of it */
  tlstream_server *server;   /* NULL once it has closed */
  config terms;
  connection clients[CLIENTS]; /* a good one, a bad one, and one more */
  actor guest;
  tlstream *stream; /* the callback's, or NULL */
  tlstream *kept;
  place_kind place;
  int action;
  bool done;
  unsigned connections;
  unsigned errors;
  unsigned closes;
} hall;

/* In a callback the server may refuse: then there is no connection. */
static void come(hall *all, size_t number) {
  connection *made = &all->clients[number];
  plain_link(all->stage.loop, PLAIN_PIPE, &made->near, &made->far.end);
  made->came = true;
  plain_read(&made->far.end);
  int code = tlstream_server_adopt(all->server, made->near.handle,
                                   (tlstream_bytes){0}, plain_released, NULL);
  if (code != 0) plain_close(&made->near);
}

static void come_well(hall *all, size_t number) {
  come(all, number);
  plain_peer_open(&all->clients[number].far,
                  config_pair(&all->terms, TLSTREAM_ROLE_CLIENT));
}

static void do_nothing(hall *all) {
  (void)all;
}

static void do_close(hall *all) {
  tlstream_server_close(all->server, 0);
}

static void do_close_later(hall *all) {
  tlstream_server_close(all->server, 1000);
  tlstream_server_close(all->server, 500);
}

static void do_destroy(hall *all) {
  tlstream_server_destroy(all->server);
  tlstream_server_destroy(all->server);
}

static void do_close_and_destroy(hall *all) {
  tlstream_server_close(all->server, 1000);
  tlstream_server_destroy(all->server);
  tlstream_server_close(all->server, 0);
}

static void do_limit(hall *all) {
  tlstream_server_set_max_connections(all->server, 1);
}

static void do_let_another_come(hall *all) {
  if (!all->clients[2].came) come_well(all, 2);
}

static void do_change_contexts(hall *all) {
  tlstream_context *other = config_context(&all->terms, TLSTREAM_ROLE_SERVER);
  CHECK_INT(tlstream_server_set_context(all->server, other, NULL), 0);
  CHECK_INT(tlstream_server_add_context(all->server, "*.test", other, NULL), 0);
  tlstream_context_unref(other);
}

static void do_forget_the_context(hall *all) {
  tlstream_context_unref(all->context);
  all->context = NULL;
}

static void do_listen(hall *all) {
  if (tlstream_server_listen(all->server, "127.0.0.1", 0, NULL) != 0) return;
  tlstream_server_close(all->server, 0);
}

static void do_destroy_the_stream(hall *all) {
  if (all->stream == NULL) return;
  all->guest.order.destroyed = true;
  tlstream_destroy(all->stream);
}

static void do_end_the_stream(hall *all) {
  if (all->stream != NULL) tlstream_end(all->stream);
}

static void do_destroy_both(hall *all) {
  do_destroy_the_stream(all);
  tlstream_server_destroy(all->server);
}

static void do_keep_the_stream(hall *all) {
  if (all->stream != NULL) all->kept = tlstream_ref(all->stream);
}

static void do_echo(hall *all) {
  if (all->stream != NULL) (void)tlstream_pipe(all->stream, all->stream);
}

static void do_answer_twice(hall *all) {
  if (all->stream == NULL) return;
  (void)!tlstream_hello_accept(all->stream, NULL);
  CHECK_NE(tlstream_hello_accept(all->stream, all->context), 0);
  CHECK_NE(tlstream_hello_refuse(all->stream, TLSTREAM_HELLO_UNKNOWN_NAME), 0);
}

static void do_refuse_the_name(hall *all) {
  if (all->stream != NULL)
    (void)tlstream_hello_refuse(all->stream, TLSTREAM_HELLO_UNKNOWN_NAME);
}

static int accept_key(tlstream *stream) {
  const tlstream_bytes key = {psk_key, sizeof(psk_key) - 1};
  return tlstream_psk_accept(stream, key, TLSTREAM_PSK_SHA256);
}

static void do_refuse_the_key(hall *all) {
  if (all->stream == NULL) return;
  (void)tlstream_psk_refuse(all->stream);
  CHECK_NE(accept_key(all->stream), 0);
}

static void do_refuse_the_peer(hall *all) {
  if (all->stream == NULL) return;
  (void)tlstream_verify_refuse(all->stream, TLSTREAM_VERIFY_DENIED, "no");
  CHECK_NE(tlstream_verify_accept(all->stream), 0);
}

static const struct {
  const char *name;
  void (*run)(hall *all);
} actions[] = {
    {"nothing", do_nothing},
    {"close", do_close},
    {"close later", do_close_later},
    {"destroy", do_destroy},
    {"close and destroy", do_close_and_destroy},
    {"set a limit", do_limit},
    {"let another come", do_let_another_come},
    {"change the contexts", do_change_contexts},
    {"forget the context", do_forget_the_context},
    {"listen", do_listen},
    {"destroy the stream", do_destroy_the_stream},
    {"end the stream", do_end_the_stream},
    {"destroy both", do_destroy_both},
    {"keep the stream", do_keep_the_stream},
    {"echo", do_echo},
    {"answer twice", do_answer_twice},
    {"refuse the name", do_refuse_the_name},
    {"refuse the key", do_refuse_the_key},
    {"refuse the peer", do_refuse_the_peer},
};

enum { ACTIONS = sizeof(actions) / sizeof(actions[0]) };

static void act(hall *all, place_kind here, tlstream *stream) {
  CHECK_INT(all->closes, 0);
  if (here != all->place || all->done) return;
  all->done = true;
  all->stream = stream;
  actions[all->action].run(all);
  all->stream = NULL;
}

static void on_hello(tlstream_server *server, tlstream *stream,
                     const char *servername, void *data) {
  CHECK(server == ((hall *)data)->server);
  CHECK_STR(servername, SERVER_NAME);
  act(data, ON_SNI, stream);
  (void)!tlstream_hello_accept(stream, NULL);
}

static void on_psk(tlstream_server *server, tlstream *stream,
                   const char *identity, size_t len, void *data) {
  CHECK(server == ((hall *)data)->server);
  CHECK_STR(identity, PSK_IDENTITY);
  CHECK_INT(len, strlen(identity));
  act(data, ON_PSK, stream);
  (void)!accept_key(stream);
}

static void on_verify(tlstream_server *server, tlstream *stream, void *data) {
  CHECK(server == ((hall *)data)->server);
  act(data, ON_VERIFY, stream);
  (void)!tlstream_verify_accept(stream);
}

static void act_as_guest(actor *self, callback_kind kind) {
  if (kind == CAME_CLOSE) act(self->data, ON_STREAM_CLOSE, self->stream);
}

static void on_connection(tlstream_server *server, tlstream *stream,
                          void *data) {
  hall *all = data;
  CHECK(server == all->server);
  if (all->connections++ == 0) {
    all->guest = (actor){.name = "guest", .data = all, .act = act_as_guest};
    actor_watch(&all->guest, TLSTREAM_ROLE_SERVER, stream);
    callback_came(&all->guest.order, CAME_SECURE);
  }
  act(all, ON_CONNECTION, stream);
}

static void on_client_error(tlstream_server *server,
                            const tlstream_address *address,
                            const tlstream_error *error, void *data) {
  hall *all = data;
  CHECK(server == all->server);
  CHECK(address != NULL && error->code < 0);
  all->errors++;
  act(all, ON_CLIENT_ERROR, NULL);
}

static void on_close(tlstream_server *server, void *data) {
  hall *all = data;
  CHECK_INT(tlstream_server_connections(server), 0);
  act(all, ON_CLOSE, NULL);
  all->closes++;
  all->server = NULL;
}

static const tlstream_server_events events = {
    .on_connection = on_connection,
    .on_hello = on_hello,
    .on_psk = on_psk,
    .on_verify = on_verify,
    .on_client_error = on_client_error,
    .on_close = on_close,
};

static void open_hall(hall *all) {
  stage_open_with_sockets(&all->stage);
  all->context = config_context(&all->terms, TLSTREAM_ROLE_SERVER);
  all->server = tlstream_server_new(all->stage.loop,
                                    TLSTREAM_SERVER(.context = all->context),
                                    &events, all, NULL);
  CHECK(all->server != NULL);
}

/* One client sends data, one sends garbage; they leave, and the server
 * closes. */
static void play_clients(hall *all) {
  come_well(all, 0);
  stage_settle(&all->stage);
  if (all->server != NULL) come(all, 1);
  if (all->clients[1].came) plain_say(&all->clients[1].far.end, "EHLO a\r\n");
  stage_settle(&all->stage);
  if (all->clients[0].far.pair != NULL) {
    (void)tlstream_pair_end(all->clients[0].far.pair);
    plain_peer_flush(&all->clients[0].far);
  }
  stage_settle(&all->stage);
  if (all->server != NULL) tlstream_server_close(all->server, 0);
}

static void close_hall(hall *all) {
  stage_wait(&all->stage, TIME_LIMIT_MS);
  CHECK(all->server == NULL);
  if (all->server != NULL) tlstream_server_destroy(all->server);
  for (int i = 0; i < CLIENTS; i++) {
    connection *made = &all->clients[i];
    if (made->came) plain_close(&made->far.end);
  }
  stage_run(&all->stage);
  for (int i = 0; i < CLIENTS; i++) {
    connection *made = &all->clients[i];
    if (!made->came) continue;
    plain_peer_done(&made->far);
    plain_done(&made->near);
  }
  if (all->connections > 0) actor_done(&all->guest);
  CHECK_INT(all->closes, 1);
  tlstream_unref(all->kept);
  tlstream_context_unref(all->context);
  stage_close(&all->stage);
}

static void play(place_kind here, int action, tlstream_version version) {
  static const char *const names[] = {"on_hello",        "on_psk",
                                      "on_verify",       "on_connection",
                                      "on_client_error", "on_close of a stream",
                                      "on_close"};
  IN_CASE("%s in %s, %s", actions[action].name, names[here],
          tlstream_version_name(version));
  hall *all = calloc(1, sizeof(*all));
  *all = (hall){.place = here, .action = action, .terms.version = version};
  all->terms.psk = here == ON_PSK;
  all->terms.mutual = here == ON_VERIFY;
  open_hall(all);
  play_clients(all);
  close_hall(all);
  CHECK(all->done);
  free(all);
}

TEST(every_call_is_legal_in_every_callback_of_a_server) {
  for (int i = 0; i < PLACES * ACTIONS * 2; i++) {
    play((place_kind)(i / 2 / ACTIONS), i / 2 % ACTIONS,
         i % 2 == 0 ? TLSTREAM_TLS_1_2 : TLSTREAM_TLS_1_3);
  }
}
