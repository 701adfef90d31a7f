/* SPDX-License-Identifier: MIT */
/* The outer stream of another one: which streams can be one, which events its
 * user still gets, and how the two end together (E6). */
#include <stdlib.h>

#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>

#include "support/test.h"
#include "support/torture.h"
#include "support/uv/loopback.h"
#include "support/uv/nest.h"
#include "uv/stream/state.h"

static const tlstream_role C = TLSTREAM_ROLE_CLIENT;
static const tlstream_role S = TLSTREAM_ROLE_SERVER;

static void refuse(actor *outer, actor *self) {
  tlstream_error error;
  CHECK(nest_try(outer, self, C, &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_WRONG_STATE);
}

TEST(only_an_open_stream_carries) {
  nest at = {0};
  at.outer[S].config.half_open = true; /* its side stays open */
  stage_open(&at.here, NULL);
  stage_join(&at.here, &at.outer[C], &at.outer[S]);
  refuse(&at.outer[C], &at.inner[C]); /* not secure yet */
  stage_settle(&at.here);
  tlstream_end(at.outer[C].stream);
  refuse(&at.outer[C], &at.inner[C]);
  stage_settle(&at.here);
  refuse(&at.outer[S], &at.inner[C]); /* its peer has ended */
  tlstream_ref(at.outer[S].stream);
  tlstream *kept = at.outer[S].stream;
  actor_destroy(&at.outer[S]);
  refuse(&at.outer[S], &at.inner[C]);
  stage_settle(&at.here);
  at.outer[S].stream = kept;
  refuse(&at.outer[S], &at.inner[C]); /* closed */
  at.outer[S].stream = NULL;
  tlstream_unref(kept);
  nest_finish(&at);
}

TEST(a_stream_in_a_pipe_does_not_carry) {
  nest at = {0};
  nest_open_outer(&at, NULL);
  CHECK_ERROR(tlstream_pipe(at.outer[C].stream, at.outer[C].stream), 0);
  refuse(&at.outer[C], &at.inner[C]);
  tlstream_end(at.outer[S].stream);
  nest_finish(&at);
  CHECK_INT(at.outer[C].ending, TLSTREAM_ENDING_CLEAN);
}

static void refuse_everything(actor *self, callback_kind kind) {
  nest *at = self->data;
  tlstream *outer = at->outer[C].stream;
  if (kind != CAME_SECURE) return;
  CHECK_ERROR(tlstream_write(outer, "x", 1), TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(actor_write_owned(&at->outer[C], 1), TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pipe(outer, self->stream), TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pipe(self->stream, outer), TLSTREAM_ERR_WRONG_STATE);
  refuse(&at->outer[C], &at->inner[C]);
  tlstream_set_events(outer, NULL, NULL); /* without it nothing would be read */
  tlstream_end(self->stream);
}

/* What its user tries from then on changes nothing. */
TEST(an_outer_stream_refuses_its_users_calls) {
  nest at = {.inner = {{.act = refuse_everything}, {0}}};
  at.inner[C].data = &at;
  nest_open(&at, NULL);
  nest_finish(&at);
  CHECK_INT(at.inner[C].ending, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(at.outer[C].order.count[CAME_CLOSE], 1);
  CHECK_INT(at.outer[C].order.count[CAME_DATA], 0);
  CHECK_INT(at.outer[C].order.count[CAME_END], 0);
}

static void look_for_close(actor *self, callback_kind kind) {
  nest *at = self->data;
  if (kind != CAME_CLOSE) return;
  CHECK_INT(at->outer[C].order.count[CAME_CLOSE], 1);
}

static void look_at_data(actor *self, callback_kind kind) {
  CHECK(tlstream_data(self->stream) == self);
  if (kind == CAME_CLOSE) CHECK(self->data != NULL);
}

TEST(its_on_close_comes_first) {
  nest at = {.outer = {{.act = look_at_data}, {0}},
             .inner = {{.act = look_for_close}, {0}}};
  at.inner[C].data = at.outer[C].data = &at;
  nest_open(&at, NULL);
  stage_settle(&at.here);
  CHECK(tlstream_data(at.outer[C].stream) == &at.outer[C]);
  tlstream_end(at.inner[S].stream);
  nest_finish(&at);
  CHECK_INT(at.inner[C].order.count[CAME_CLOSE], 1);
}

TEST(the_inner_stream_knows_where_the_peer_is) {
  nest at = {0};
  tlstream_address address;
  nest_open(&at, NULL);
  CHECK_ERROR(tlstream_remote_address(at.inner[C].stream, &address), 0);
  CHECK_STR(address.host, "192.0.2.1");
  CHECK_ERROR(tlstream_local_address(at.inner[C].stream, &address), 0);
  tlstream_destroy(at.inner[C].stream);
  tlstream_destroy(at.inner[S].stream);
  nest_finish(&at);
}

/* Ends cross. */

TEST(destroying_the_inner_destroys_the_outer) {
  for (int late = 0; late < 2; late++) { /* in the handshake, or after it */
    nest at = {0};
    nest_open(&at, NULL);
    if (late != 0) stage_settle(&at.here);
    actor_destroy(&at.inner[C]);
    stage_settle(&at.here);
    CHECK(!at.outer[C].end->fin_sent); /* no close_notify outside either */
    nest_finish(&at);
    CHECK_INT(at.inner[C].ending, TLSTREAM_ENDING_DESTROYED);
    CHECK_INT(at.outer[C].ending, TLSTREAM_ENDING_DESTROYED);
    CHECK_ERROR(at.inner[S].error.code, late != 0
                                            ? TLSTREAM_ERR_TRUNCATED
                                            : TLSTREAM_ERR_CLOSED_IN_HANDSHAKE);
  }
}

TEST(destroying_the_outer_fails_the_inner) {
  for (int late = 0; late < 2; late++) {
    nest at = {0};
    nest_open(&at, NULL);
    if (late != 0) stage_settle(&at.here);
    actor_destroy(&at.outer[C]);
    nest_finish(&at);
    CHECK_ERROR(at.inner[C].error.code, TLSTREAM_ERR_CLOSED);
    CHECK_HAS(at.inner[C].error.message, "the stream underneath");
    CHECK_INT(at.outer[C].ending, TLSTREAM_ENDING_DESTROYED);
    CHECK_INT(at.inner[S].ending, TLSTREAM_ENDING_FAILED);
  }
}

/* The alert gets through, and outside all ends properly. */
TEST(a_refusal_inside_is_heard_inside) {
  nest at = {0};
  at.inner[C].context = tlstream_context_new(
      TLSTREAM_CONTEXT(.ca = test_stranger()->cert_pem), NULL);
  nest_open(&at, NULL);
  nest_finish(&at);
  CHECK_ERROR(at.inner[C].error.code, TLSTREAM_ERR_UNTRUSTED);
  CHECK_ERROR(at.inner[S].error.code, TLSTREAM_ERR_ALERT);
  CHECK_INT(at.outer[C].ending, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(at.outer[S].ending, TLSTREAM_ENDING_CLEAN);
  tlstream_context_unref(at.inner[C].context);
}

/* Every wait has a deadline. */

/* What the outer stream waits for when the inner one is done with it. */
enum {
  SEND_MS = 60000,
  SHUTDOWN_MS = 3000,
  LOOK_MS = 2 /* so late it may be known that all has left */
};

/* The inner handshake's deadline is reported at once; then the outer stream has
 * its send deadline. */
TEST(an_outer_stream_that_stalls_has_two_deadlines) {
  nest at = {0};
  nest_open_outer(&at, NULL);
  at.outer[S].end->faults.stalled = true;
  nest_inside(&at.outer[C], &at.inner[C], C);
  stage_wait(&at.here, 9999);
  CHECK_INT(at.inner[C].order.count[CAME_ERROR], 0);
  stage_wait(&at.here, 2);
  CHECK_ERROR(at.inner[C].error.code, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  stage_wait(&at.here, SEND_MS - 2);
  CHECK_INT(at.inner[C].order.count[CAME_CLOSE], 0);
  stage_wait(&at.here, 2);
  CHECK_INT(at.inner[C].order.count[CAME_CLOSE], 1);
  CHECK_INT(at.outer[C].order.count[CAME_CLOSE], 1);
  CHECK_INT(at.outer[C].ending, TLSTREAM_ENDING_FAILED);
  actor_destroy(&at.outer[S]);
  nest_finish(&at);
}

/* Inside both have sent close_notify; outside the peer never does. */
TEST(a_close_notify_that_never_comes_is_not_waited_for) {
  nest at = {0};
  puppet server = {0};
  at.outer[S].config.half_open = true;
  nest_open_puppet(&at, &server);
  tlstream_end(at.inner[C].stream);
  CHECK_ERROR(tlstream_pair_end(server.pair), 0);
  puppet_flush(&server);
  stage_wait(&at.here, SHUTDOWN_MS - 1);
  CHECK_INT(at.inner[C].order.count[CAME_CLOSE], 0);
  /* A stream that its server destroys without waiting for it. */
  CHECK(tlstream__stream_top(at.outer[C].stream) == at.outer[C].stream);
  stage_wait(&at.here, LOOK_MS + 2);
  CHECK_INT(at.inner[C].order.count[CAME_CLOSE], 1);
  CHECK_INT(at.inner[C].ending, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(at.outer[C].ending, TLSTREAM_ENDING_TRUNCATED);
  tlstream_end(server.outer->stream);
  nest_finish_puppet(&at, &server);
}

/* Nor can the peer keep us by talking on: it is discarded, and gives no more
 * time. */
TEST(a_peer_that_talks_on_after_the_end_is_not_heard) {
  nest at = {0};
  puppet server = {0};
  at.outer[S].config.half_open = true;
  nest_open_puppet(&at, &server);
  tlstream_end(at.inner[C].stream);
  CHECK_ERROR(tlstream_pair_end(server.pair), 0);
  puppet_flush(&server);
  stage_settle(&at.here);
  for (int i = 0; i < 5; i++) {
    CHECK_INT(at.inner[C].order.count[CAME_CLOSE], 0);
    CHECK_GE(tlstream_write(server.outer->stream, "and another thing", 17), 0);
    stage_wait(&at.here, SHUTDOWN_MS / 5);
  }
  stage_wait(&at.here, LOOK_MS + 2);
  CHECK_INT(at.inner[C].order.count[CAME_CLOSE], 1);
  CHECK_INT(at.inner[C].order.count[CAME_DATA], 0);
  CHECK_INT(at.inner[C].ending, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(at.outer[C].ending, TLSTREAM_ENDING_TRUNCATED);
  actor_destroy(server.outer);
  nest_finish_puppet(&at, &server);
}

TEST(an_idle_outer_times_out_for_both) {
  nest at = {0};
  at.outer[C].config.idle_ms = 5000;
  nest_open(&at, NULL);
  nest_finish(&at);
  CHECK_ERROR(at.inner[C].error.code, TLSTREAM_ERR_IDLE_TIMEOUT);
  CHECK_INT(at.outer[C].ending, TLSTREAM_ENDING_FAILED);
}

/* Three deep. */

static void say_and_end(actor *self, callback_kind kind) {
  if (kind != CAME_SECURE) return;
  CHECK_GE(actor_write(self, 100000), 0);
  tlstream_end(self->stream);
}

TEST(a_carried_stream_carries_another) {
  nest at = {0};
  actor core[2] = {{.name = "core client", .act = say_and_end},
                   {.name = "core server", .act = say_and_end}};
  nest_open(&at, NULL);
  stage_settle(&at.here);
  for (tlstream_role role = 0; role < 2; role++)
    nest_inside(&at.inner[role], &core[role], role);
  nest_finish(&at);
  for (int role = 0; role < 2; role++) {
    actor_done(&core[role]);
    CHECK_INT(core[role].got, 100000);
    CHECK_INT(core[role].ending, TLSTREAM_ENDING_CLEAN);
    CHECK_INT(at.inner[role].ending, TLSTREAM_ENDING_CLEAN);
    CHECK_INT(at.outer[role].ending, TLSTREAM_ENDING_CLEAN);
  }
}

/* On failure the outer stream goes on as before. True while there was an
 * allocation to fail. */
static bool carry_without_memory(size_t nth) {
  nest at = {0};
  tlstream_error error;
  nest_open_outer(&at, NULL);
  torture_arm(TORTURE_LIBRARY, TORTURE_ONCE, nth);
  tlstream *stream = nest_try(&at.outer[C], &at.inner[C], C, &error);
  bool struck = torture_disarm();
  if (stream == NULL) {
    CHECK(struck);
    CHECK_ERROR(error.code, TLSTREAM_ERR_NO_MEMORY);
    CHECK_ERROR(actor_write(&at.outer[C], 1000), 0);
    stage_settle(&at.here);
    CHECK_INT(at.outer[S].got, 1000);
    tlstream_end(at.outer[C].stream);
  } else {
    at.outer[C].carries = true;
    tlstream_destroy(stream);
  }
  nest_finish(&at);
  return struck;
}

TEST(a_lack_of_memory_leaves_the_outer_alone) {
  size_t nth = 1;
  torture_install();
  while (carry_without_memory(nth))
    nth++;
  CHECK_GT(nth, 3);
}

/* A server knows of the stream that it has accepted, not of what rides on it;
 * but its end, and its destruction, begin at the top. */

typedef struct proxy {
  loopback net;
  actor inner[2];
} proxy;

static void carry(loopback *net, actor *guest) {
  proxy *at = net->data;
  nest_inside(guest, &at->inner[S], S);
}

static void carry_client(actor *self, callback_kind kind) {
  proxy *at = self->data;
  if (kind == CAME_SECURE) nest_inside(self, &at->inner[C], C);
}

static bool inner_are_secure(loopback *net) {
  proxy *at = net->data;
  return at->inner[C].order.count[CAME_SECURE] > 0 &&
         at->inner[S].order.count[CAME_SECURE] > 0;
}

static void close_server(void (*how)(tlstream_server *server),
                         tlstream_ending ending) {
  proxy at = {.net = {.expects = ANY_NUMBER, .on_connection = carry}};
  actor client = {.act = carry_client, .data = &at};
  at.net.data = &at;
  loopback_open(&at.net);
  loopback_serve(&at.net, NULL);
  loopback_connect(&at.net, &client, NULL);
  loopback_until(&at.net, inner_are_secure);
  CHECK_INT(tlstream_server_connections(at.net.server), 1);
  how(at.net.server);
  loopback_run(&at.net);
  actor_done(&client);
  actor_done(&at.inner[C]);
  actor_done(&at.inner[S]);
  CHECK_INT(at.inner[S].ending, ending);
  CHECK_INT(at.net.guests[0].ending, ending);
  loopback_close(&at.net);
}

static void close_soon(tlstream_server *server) {
  tlstream_server_close(server, 1);
}

TEST(a_server_ends_what_rides_on_its_streams) {
  close_server(close_soon, TLSTREAM_ENDING_CLEAN);
  close_server(tlstream_server_destroy, TLSTREAM_ENDING_DESTROYED);
}
