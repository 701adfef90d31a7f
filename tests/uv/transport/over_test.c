/* SPDX-License-Identifier: MIT */
/* TLS over a transport of the user's: the promises of docs/guide/closing.md
 * hold over whatever moves bytes. */
#include <stdlib.h>

#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>

#include "support/test.h"
#include "support/torture.h"
#include "support/uv/stage.h"

static tlstream *try_over(stage *here, tlstream_transport *transport,
                          const actor *self, tlstream_role role,
                          tlstream_over_options options,
                          tlstream_error *error) {
  tlstream_context *context = config_context(&self->config, role);
  options.size = sizeof(options);
  options.role = role;
  options.context = context;
  options.allow_half_open = self->config.half_open;
  if (role == TLSTREAM_ROLE_CLIENT) options.verify_name = SERVER_NAME;
  tlstream *stream =
      tlstream_over(here->loop, transport, &options, NULL, NULL, error);
  tlstream_context_unref(context);
  return stream;
}

static void over(stage *here, tlstream_transport *transport, actor *self,
                 tlstream_role role) {
  tlstream_error error;
  tlstream *stream =
      try_over(here, transport, self, role, (tlstream_over_options){0}, &error);
  CHECK_STR(error.message, "");
  if (!CHECK(stream != NULL)) return;
  if (self->name == NULL) self->name = "ours";
  actor_watch(self, role, stream);
}

/* A stream over the simulated network, and a peer. */
static void face(stage *here, actor *self, tlstream_role role,
                 wire_peer *peer) {
  sim_end *far = NULL;
  sim_link(here->net, &self->end, &far);
  wire_peer_open(peer, &self->config, other_role(role), far);
  over(here, sim_transport(self->end), self, role);
}

static void leave(stage *here, actor *self, wire_peer *peer) {
  stage_run(here);
  actor_done(self);
  wire_peer_free(peer);
  stage_close(here);
}

enum { SOME = 50000 };

static void goes_both_ways(tlstream_version version, tlstream_role role) {
  stage here = {0};
  actor self = {.config.version = version};
  wire_peer peer = {.polite = true};
  stage_open(&here, NULL);
  face(&here, &self, role, &peer);
  stage_settle(&here);
  CHECK_INT(tlstream_tls_version(self.stream), version);
  CHECK_GE(actor_write(&self, SOME), 0);
  wire_peer_write(&peer, SOME);
  stage_settle(&here);
  CHECK_INT(self.got, SOME);
  CHECK_INT(peer.got, SOME);
  tlstream_end(self.stream);
  leave(&here, &self, &peer);
  CHECK_INT(self.ending, TLSTREAM_ENDING_CLEAN);
  CHECK(peer.saw_close_notify);
  CHECK_ERROR(peer.saw_stop, UV_EOF);
}

TEST(it_goes_in_both_versions_and_roles) {
  each_side(goes_both_ways);
}

/* Two streams with every kind of delay; one sends something and ends, the other
 * too. */

static void say_and_end(actor *self, callback_kind kind) {
  if (kind != CAME_SECURE) return;
  CHECK_GE(actor_write(self, SOME), 0);
  tlstream_end(self->stream);
}

static void in_weather(uint64_t seed) {
  const sim_weather weather = {.seed = seed,
                               .max_piece = seed % 3 == 0 ? 7 : 3000,
                               .capacity = seed % 2 == 0 ? 900 : 0,
                               .keep = 40,
                               .linger = 30,
                               .any_handle = true};
  stage here = {0};
  actor client = {.name = "client", .act = say_and_end};
  actor server = {.name = "server", .act = say_and_end};
  stage_open(&here, &weather);
  sim_link(here.net, &client.end, &server.end);
  over(&here, sim_transport(client.end), &client, TLSTREAM_ROLE_CLIENT);
  over(&here, sim_transport(server.end), &server, TLSTREAM_ROLE_SERVER);
  stage_run(&here);
  IN_CASE("seed %llu", (unsigned long long)seed);
  CHECK_INT(client.got, SOME);
  CHECK_INT(server.got, SOME);
  CHECK_INT(client.ending, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(server.ending, TLSTREAM_ENDING_CLEAN);
  actor_done(&client);
  actor_done(&server);
  stage_close(&here);
}

TEST(every_byte_arrives_in_any_weather) {
  for (uint64_t seed = 1; seed <= 60; seed++)
    in_weather(seed);
}

/* What happens to the transport is what happens to the stream. */

typedef void (*happening)(actor *self, wire_peer *peer);

static void peer_leaves(actor *self, wire_peer *peer) {
  (void)self;
  sim_fin(peer->end);
}

static void peer_sends_close_notify(actor *self, wire_peer *peer) {
  (void)self;
  peer->polite = true;
  wire_peer_close_notify(peer);
}

static void peer_resets(actor *self, wire_peer *peer) {
  (void)self;
  sim_reset(peer->end);
}

static void peer_alerts(actor *self, wire_peer *peer) {
  (void)self;
  wire_peer_alert(peer);
}

static void write_fails(actor *self, wire_peer *peer) {
  (void)peer;
  self->end->faults.fail_write = self->end->writes + 1;
  self->end->faults.write_status = UV_EPIPE;
  CHECK_GE(actor_write(self, 100), 0);
}

static void kept_write_fails(actor *self, wire_peer *peer) {
  self->end->faults.write_is_kept = true;
  write_fails(self, peer);
}

static void we_destroy(actor *self, wire_peer *peer) {
  (void)peer;
  actor_destroy(self);
}

static void end_and_be_left(actor *self, wire_peer *peer) {
  tlstream_end(self->stream);
  sim_fin(peer->end);
}

static void end_and_hear_nothing(actor *self, wire_peer *peer) {
  (void)peer;
  tlstream_end(self->stream);
}

static void close_and_be_left(actor *self, wire_peer *peer) {
  tlstream_close(self->stream);
  sim_fin(peer->end);
}

static void close_and_hear_nothing(actor *self, wire_peer *peer) {
  (void)peer;
  tlstream_close(self->stream);
}

static const struct row {
  happening happen;
  tlstream_ending ending;
  const char *error;
} rows[] = {
    {peer_leaves, TLSTREAM_ENDING_FAILED, "ERR_TLSTREAM_TRUNCATED"},
    {peer_sends_close_notify, TLSTREAM_ENDING_CLEAN, ""},
    {peer_resets, TLSTREAM_ENDING_FAILED, "ECONNRESET"},
    {peer_alerts, TLSTREAM_ENDING_FAILED, "ERR_TLSTREAM_ALERT"},
    {write_fails, TLSTREAM_ENDING_FAILED, "EPIPE"},
    {kept_write_fails, TLSTREAM_ENDING_FAILED, "EPIPE"},
    {we_destroy, TLSTREAM_ENDING_DESTROYED, ""},
    {end_and_be_left, TLSTREAM_ENDING_FAILED, "ERR_TLSTREAM_TRUNCATED"},
    {end_and_hear_nothing, TLSTREAM_ENDING_FAILED,
     "ERR_TLSTREAM_HALF_CLOSED_TIMEOUT"},
    {close_and_be_left, TLSTREAM_ENDING_TRUNCATED, ""},
    {close_and_hear_nothing, TLSTREAM_ENDING_TRUNCATED, ""},
};

/* A reset drops it on the way, and we do not want it any more. */
static bool is_data_dropped(happening happen) {
  return happen == we_destroy || happen == peer_resets ||
         happen == close_and_be_left || happen == close_and_hear_nothing;
}

static void each_ending(tlstream_version version, tlstream_role role) {
  EACH_ROW(i, rows) {
    stage here;
    actor self = {.config.version = version};
    wire_peer peer = {0};
    stage_open(&here, NULL);
    face(&here, &self, role, &peer);
    stage_settle(&here);
    wire_peer_write(&peer, SOME);
    rows[i].happen(&self, &peer);
    leave(&here, &self, &peer);
    CHECK_INT(self.ending, rows[i].ending);
    CHECK_STR(self.error.name, rows[i].error);
    if (!is_data_dropped(rows[i].happen)) {
      CHECK_INT(self.got, SOME); /* what came before is delivered */
    }
  }
}

TEST(the_transports_end_is_the_streams) {
  each_side(each_ending);
}

TEST(a_transport_that_cannot_be_read_fails_the_stream) {
  stage here = {0};
  actor self = {0};
  wire_peer peer = {0};
  sim_end *far = NULL;
  stage_open(&here, NULL);
  sim_link(here.net, &self.end, &far);
  self.end->faults.fail_read_start = 1;
  self.end->faults.read_start_status = UV_ENOTCONN;
  wire_peer_open(&peer, &self.config, TLSTREAM_ROLE_SERVER, far);
  over(&here, sim_transport(self.end), &self, TLSTREAM_ROLE_CLIENT);
  leave(&here, &self, &peer);
  CHECK_STR(self.error.name, "ENOTCONN");
}

TEST(the_handshake_has_its_deadline) {
  stage here = {0};
  actor self = {0};
  sim_end *far = NULL;
  stage_open(&here, NULL);
  sim_link(here.net, &self.end, &far);
  over(&here, sim_transport(self.end), &self, TLSTREAM_ROLE_SERVER);
  stage_wait(&here, 9999);
  CHECK_INT(self.order.count[CAME_CLOSE], 0);
  stage_run(&here);
  CHECK_ERROR(self.error.code, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  actor_done(&self);
  stage_close(&here);
}

/* G6, H9: what the transport has kept it never gets rid of. */
TEST(a_write_that_never_comes_back_is_not_waited_for) {
  stage here = {0};
  actor self = {0};
  wire_peer peer = {0};
  stage_open(&here, NULL);
  face(&here, &self, TLSTREAM_ROLE_CLIENT, &peer);
  stage_settle(&here);
  self.end->faults.stalled = true;
  CHECK_ERROR(actor_write(&self, 100), 0);
  tlstream_end(self.stream);
  stage_wait(&here, 59999);
  CHECK_INT(self.order.count[CAME_ERROR], 0);
  leave(&here, &self, &peer);
  CHECK_ERROR(self.error.code, TLSTREAM_ERR_SEND_TIMEOUT);
}

/* What was read before comes first. */

TEST(a_server_goes_on_from_its_head) {
  stage here = {0};
  actor self = {0};
  wire_peer peer = {.silent = true};
  tlstream_error error;
  sim_end *far = NULL;
  size_t len = 0;
  stage_open(&here, NULL);
  sim_link(here.net, &self.end, &far);
  wire_peer_open(&peer, &self.config, TLSTREAM_ROLE_CLIENT, far);
  const void *hello = tlstream_pair_peek(peer.pair, &len);
  tlstream *stream =
      try_over(&here, sim_transport(self.end), &self, TLSTREAM_ROLE_SERVER,
               (tlstream_over_options){.head = {hello, len}}, &error);
  tlstream_pair_consume(peer.pair, len);
  wire_peer_speak(&peer);
  self.name = "server";
  actor_watch(&self, TLSTREAM_ROLE_SERVER, stream);
  stage_settle(&here);
  CHECK_INT(self.order.count[CAME_SECURE], 1);
  tlstream_destroy(self.stream);
  leave(&here, &self, &peer);
}

/* On failure nothing has been asked of the transport. */

static void check_unused(tlstream_transport *transport, const sim_end *end) {
  CHECK(transport->stream == NULL);
  CHECK_INT(end->writes, 0);
  CHECK_INT(end->read_starts, 0);
  CHECK(!end->closing);
}

TEST(a_fault_in_the_options_leaves_the_transport_alone) {
  stage here = {0};
  actor self = {0};
  tlstream_error error;
  sim_end *far = NULL;
  stage_open(&here, NULL);
  sim_link(here.net, &self.end, &far);
  tlstream_transport *transport = sim_transport(self.end);
  CHECK(try_over(&here, transport, &self, TLSTREAM_ROLE_CLIENT,
                 (tlstream_over_options){.head = {"250 ok", 6}},
                 &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_PLAINTEXT_INJECTED);
  CHECK(tlstream_over(here.loop, transport,
                      TLSTREAM_OVER(.role = TLSTREAM_ROLE_SERVER), NULL, NULL,
                      &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_NO_CERTIFICATE);
  CHECK(tlstream_over(here.loop, transport, NULL, NULL, NULL, &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_NO_NAME);
  check_unused(transport, self.end);
  over(&here, transport, &self, TLSTREAM_ROLE_CLIENT); /* it is still good */
  CHECK(try_over(&here, transport, &self, TLSTREAM_ROLE_CLIENT,
                 (tlstream_over_options){0}, &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_WRONG_STATE);
  tlstream_destroy(self.stream);
  stage_run(&here);
  actor_done(&self);
  stage_close(&here);
}

/* One method after another is left out. */
TEST(a_transport_needs_its_methods) {
  stage here = {0};
  actor self = {0};
  sim_end *far = NULL;
  stage_open(&here, NULL);
  sim_link(here.net, &self.end, &far);
  tlstream_transport *whole = sim_transport(self.end);
  for (int i = 0; i < 4; i++) {
    tlstream_transport_methods methods = *whole->methods;
    tlstream_transport lacking = {.methods = &methods};
    tlstream_error error;
    if (i == 0) methods.write = NULL;
    if (i == 1) methods.read_start = NULL;
    if (i == 2) methods.read_stop = NULL;
    if (i == 3) methods.close = NULL;
    CHECK(try_over(&here, &lacking, &self, TLSTREAM_ROLE_CLIENT,
                   (tlstream_over_options){0}, &error) == NULL);
    CHECK_ERROR(error.code, TLSTREAM_ERR_INVALID_ARGUMENT);
  }
  over(&here, whole, &self, TLSTREAM_ROLE_CLIENT);
  tlstream_destroy(self.stream);
  stage_run(&here);
  actor_done(&self);
  stage_close(&here);
}

static void without_memory(void *data) {
  stage here = {0};
  actor self = {0};
  tlstream_error error;
  sim_end *far = NULL;
  (void)data;
  stage_open(&here, NULL);
  sim_link(here.net, &self.end, &far);
  tlstream_transport *transport = sim_transport(self.end);
  tlstream *stream =
      try_over(&here, transport, &self, TLSTREAM_ROLE_SERVER,
               (tlstream_over_options){.head = {"\x16", 1}}, &error);
  if (stream == NULL) {
    CHECK_ERROR(error.code, TLSTREAM_ERR_NO_MEMORY);
    check_unused(transport, self.end);
    torture_disarm();
    over(&here, transport, &self, TLSTREAM_ROLE_SERVER);
  } else {
    self.name = "server";
    actor_watch(&self, TLSTREAM_ROLE_SERVER, stream);
  }
  if (self.stream != NULL) tlstream_destroy(self.stream);
  stage_run(&here);
  actor_done(&self);
  stage_close(&here);
}

TEST(a_lack_of_memory_leaves_the_transport_alone) {
  config terms = {0};
  torture_install();
  tlstream_context_unref(
      config_context(&terms, TLSTREAM_ROLE_SERVER)); /* is kept */
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, without_memory, NULL),
           3);
}

/* A transport with the fewest functions that one can have: no output, memory
 * that its owner keeps, and no addresses. */

typedef struct dead_end {
  tlstream_transport base;
  uv_timer_t timer;
} dead_end;

static int swallow(tlstream_transport *transport, const void *data,
                   size_t len) {
  (void)transport, (void)data, (void)len;
  return 0;
}

static int start(tlstream_transport *transport) {
  (void)transport;
  return 0;
}

static void stop(tlstream_transport *transport) {
  (void)transport;
}

/* H1: until it reports that it has closed it may report anything. */
static void on_timer_closed(uv_handle_t *timer) {
  dead_end *self = timer->data;
  tlstream_transport_input(&self->base, "late", 4);
  tlstream_transport_written(&self->base, UV_EPIPE);
  tlstream_transport_failed(&self->base, UV_ECONNRESET);
  tlstream_transport_eof(&self->base);
  tlstream_transport_closed(&self->base);
}

static void close_dead_end(tlstream_transport *transport) {
  dead_end *self = (dead_end *)(void *)transport;
  uv_close((uv_handle_t *)&self->timer, on_timer_closed);
}

static const tlstream_transport_methods least = {
    .write = swallow,
    .read_start = start,
    .read_stop = stop,
    .shutdown = stop,
    .close = close_dead_end,
};

static void free_it(actor *self, callback_kind kind) {
  if (kind == CAME_CLOSE) free(self->data);
}

TEST(without_release_its_memory_can_go_in_on_close) {
  stage here = {0};
  actor self = {.act = free_it};
  tlstream_address address;
  dead_end *made = calloc(1, sizeof(*made));
  if (made == NULL) abort();
  stage_open(&here, NULL);
  made->base.methods = &least;
  CHECK_ERROR(uv_timer_init(here.loop, &made->timer), 0);
  made->timer.data = self.data = made;
  over(&here, &made->base, &self, TLSTREAM_ROLE_CLIENT);
  CHECK_ERROR(tlstream_remote_address(self.stream, &address),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_local_address(self.stream, &address),
              TLSTREAM_ERR_WRONG_STATE);
  stage_run(&here);
  CHECK_ERROR(self.error.code, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  actor_done(&self);
  stage_close(&here);
}
