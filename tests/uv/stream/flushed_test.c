/* SPDX-License-Identifier: MIT */
/* on_flushed: when all that was written has left, in the same turn where it can
 * be, and never for what was lost. G4, G9. */
#include <tlstream/pair_ending.h>

#include "support/test.h"
#include "support/uv/stage.h"

enum { MUCH = 300000, NARROW = 1000 };

static void destroy_when_flushed(actor *self, callback_kind kind) {
  if (kind == CAME_SECURE) {
    CHECK_GE(actor_write(self, MUCH), 0);
    tlstream_request_flushed(self->stream);
    CHECK_INT(self->order.count[CAME_FLUSHED], 0); /* not inside of a call */
  }
  if (kind == CAME_FLUSHED) actor_destroy(self);
}

/* Both ways of being slow: the wire is narrow, or keeps what it could take. */
TEST(nothing_is_lost_by_destroying_from_there) {
  for (uint64_t seed = 0; seed <= 40; seed++) {
    IN_CASE("seed %d", (int)seed);
    const sim_weather weather = {.seed = seed,
                                 .max_piece = 3000,
                                 .capacity = seed % 2 == 0 ? NARROW : 0,
                                 .keep = 50,
                                 .linger = 30};
    stage here = {0};
    actor self = {.name = "self", .act = destroy_when_flushed};
    actor peer = {.name = "peer"};
    stage_open(&here, seed > 0 ? &weather : NULL);
    stage_join(&here, &self, &peer);
    stage_run(&here);
    CHECK_INT(self.order.count[CAME_FLUSHED], 1);
    CHECK_INT(self.ending, TLSTREAM_ENDING_DESTROYED);
    CHECK_INT(peer.got, MUCH);
    actor_done(&self);
    actor_done(&peer);
    stage_close(&here);
  }
}

static void open_secure(stage *here, actor *self, wire_peer *peer,
                        const sim_weather *weather) {
  stage_open(here, weather);
  stage_face(here, self, TLSTREAM_ROLE_CLIENT, peer);
  stage_settle(here);
  CHECK_INT(self->order.count[CAME_SECURE], 1);
}

static void leave(stage *here, actor *self, wire_peer *peer) {
  if (self->stream != NULL) actor_destroy(self);
  stage_run(here);
  actor_done(self);
  wire_peer_free(peer);
  stage_close(here);
}

/* The callback that writes is run by the turn that sends. */
static void want_in_data(actor *self, callback_kind kind) {
  if (kind == CAME_DATA) {
    CHECK_ERROR(actor_write(self, 100), 0);
    tlstream_request_flushed(self->stream);
  }
  if (kind == CAME_FLUSHED) *(size_t *)self->data = self->end->arrived;
}

TEST(it_comes_in_the_turn_of_the_write) {
  stage here = {0};
  size_t arrived = 0;
  actor self = {.act = want_in_data, .data = &arrived};
  wire_peer peer = {0};
  open_secure(&here, &self, &peer, NULL);
  wire_peer_write(&peer, 10);
  while (self.order.count[CAME_DATA] == 0)
    uv_run(here.loop, UV_RUN_NOWAIT);
  CHECK_INT(self.order.count[CAME_FLUSHED], 1);
  CHECK_INT(arrived, self.end->arrived);
  leave(&here, &self, &peer);
}

TEST(it_comes_once_each_time_it_is_wanted) {
  stage here = {0};
  actor self = {0};
  wire_peer peer = {0};
  open_secure(&here, &self, &peer, NULL);
  CHECK_INT(self.order.count[CAME_FLUSHED], 0);
  CHECK_ERROR(actor_write(&self, 10), 0);
  stage_settle(&here);
  CHECK_INT(self.order.count[CAME_FLUSHED], 0);
  tlstream_request_flushed(self.stream); /* with nothing to wait for */
  tlstream_request_flushed(self.stream);
  stage_settle(&here);
  CHECK_INT(self.order.count[CAME_FLUSHED], 1);
  CHECK_ERROR(actor_write(&self, 10), 0);
  stage_settle(&here);
  CHECK_INT(self.order.count[CAME_FLUSHED], 1);
  tlstream_request_flushed(self.stream);
  stage_settle(&here);
  CHECK_INT(self.order.count[CAME_FLUSHED], 2);
  leave(&here, &self, &peer);
}

/* Nothing has been written and nothing is secure. */
TEST(it_waits_for_the_handshake) {
  stage here = {0};
  actor self = {0};
  wire_peer peer = {.silent = true};
  stage_open(&here, NULL);
  stage_face(&here, &self, TLSTREAM_ROLE_CLIENT, &peer);
  tlstream_request_flushed(self.stream);
  stage_settle(&here);
  CHECK_INT(self.order.count[CAME_SECURE] + self.order.count[CAME_FLUSHED], 0);
  wire_peer_speak(&peer);
  stage_settle(&here);
  CHECK_INT(self.order.count[CAME_SECURE], 1);
  CHECK_INT(self.order.count[CAME_FLUSHED], 1);
  leave(&here, &self, &peer);
}

/* The wire has some of it, and the queue the rest. */
TEST(it_waits_for_a_slow_transport) {
  const sim_weather weather = {.capacity = NARROW};
  stage here = {0};
  actor self = {0};
  wire_peer peer = {0};
  open_secure(&here, &self, &peer, &weather);
  peer.end->reading = false;
  CHECK_GE(actor_write(&self, 5 * NARROW), 0);
  tlstream_request_flushed(self.stream);
  stage_settle(&here);
  CHECK_INT(self.order.count[CAME_FLUSHED], 0);
  leave(&here, &self, &peer);
  CHECK_INT(self.order.count[CAME_FLUSHED], 0);
}

/* What the broken transport did not take is dropped, which is not flushed. */
TEST(what_is_lost_is_not_flushed) {
  for (int kept = 0; kept < 2; kept++) {
    stage here = {0};
    actor self = {0};
    wire_peer peer = {0};
    open_secure(&here, &self, &peer, NULL);
    self.end->faults.fail_write = self.end->writes + 1;
    self.end->faults.write_status = UV_EPIPE;
    self.end->faults.write_is_kept = kept == 1;
    CHECK_GE(actor_write(&self, MUCH), 0);
    tlstream_request_flushed(self.stream);
    stage_settle(&here);
    stage_wait(&here, 500); /* it reads on */
    CHECK_INT(self.order.count[CAME_ERROR], 0);
    CHECK_INT(self.order.count[CAME_FLUSHED], 0);
    leave(&here, &self, &peer);
    CHECK_INT(self.order.count[CAME_FLUSHED], 0);
  }
}

/* An actor that fills the queue in every on_drain. */
static void write_in_drain(actor *self, callback_kind kind) {
  if (kind == CAME_SECURE) tlstream_request_flushed(self->stream);
  if (kind == CAME_SECURE || (kind == CAME_DRAIN && self->written < MUCH)) {
    CHECK_INT(actor_write(self, 2000), 1);
  }
  if (kind == CAME_FLUSHED) *(size_t *)self->data = self->written;
}

TEST(it_does_not_wait_for_a_busy_writer) {
  stage here = {0};
  size_t written = 0;
  actor self = {.act = write_in_drain, .high_water = 1000, .data = &written};
  wire_peer peer = {0};
  open_secure(&here, &self, &peer, NULL);
  stage_settle(&here);
  CHECK_INT(self.order.count[CAME_FLUSHED], 1);
  CHECK_INT(written, 2000);
  CHECK_GT(self.order.count[CAME_DRAIN], 100); /* nor does on_drain */
  leave(&here, &self, &peer);
}

TEST(after_the_end_it_comes_once_close_notify_has_left) {
  stage here = {0};
  actor self = {0};
  wire_peer peer = {0};
  open_secure(&here, &self, &peer, NULL);
  CHECK_ERROR(actor_write(&self, 100), 0);
  tlstream_end(self.stream);
  tlstream_request_flushed(self.stream);
  stage_settle(&here);
  CHECK_INT(self.order.count[CAME_FLUSHED], 1);
  CHECK(peer.saw_close_notify);
  leave(&here, &self, &peer);
}

/* Without it the bytes wait for what else is written in this turn. */
TEST(a_flush_sends_at_once) {
  stage here = {0};
  actor self = {0};
  wire_peer peer = {0};
  open_secure(&here, &self, &peer, NULL);
  size_t before = self.end->sent;
  CHECK_ERROR(actor_write(&self, 100), 0);
  CHECK_INT(self.end->sent, before);
  tlstream_flush(self.stream);
  CHECK_GT(self.end->sent, before + 100);
  before = self.end->sent;
  tlstream_end(self.stream);
  tlstream_flush(self.stream);
  CHECK_GT(self.end->sent, before);
  actor_destroy(&self); /* which would drop what waits */
  stage_run(&here);
  CHECK_INT(peer.got, 100);
  CHECK(peer.saw_close_notify);
  actor_done(&self);
  wire_peer_free(&peer);
  stage_close(&here);
}

TEST(before_the_handshake_a_flush_does_nothing) {
  stage here = {0};
  actor self = {0};
  wire_peer peer = {.silent = true};
  stage_open(&here, NULL);
  stage_face(&here, &self, TLSTREAM_ROLE_CLIENT, &peer);
  CHECK_ERROR(actor_write(&self, 100), 0);
  tlstream_flush(self.stream);
  wire_peer_speak(&peer);
  stage_settle(&here);
  CHECK_INT(peer.got, 100);
  tlstream_destroy(self.stream);
  tlstream_flush(self.stream); /* as legal as ever */
  leave(&here, &self, &peer);
}
