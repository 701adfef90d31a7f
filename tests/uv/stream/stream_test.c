/* SPDX-License-Identifier: MIT */
/* What can be called on a stream, and when: every call works or returns an
 * error, and what was promised comes (G3, G4, G6, G8, H1). */
#include <stdlib.h>

#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>

#include "support/test.h"
#include "support/torture.h"
#include "support/uv/stage.h"
#include "uv/stream/state.h"

enum { HOUR = 3600 * 1000 };

static const tlstream_role roles[] = {TLSTREAM_ROLE_CLIENT,
                                      TLSTREAM_ROLE_SERVER};

/* Each side that is still open ends, and the other side does too. */
static void bring_to_an_end(stage *here, actor *a, actor *b) {
  if (a->stream != NULL) tlstream_end(a->stream);
  if (b->stream != NULL) tlstream_end(b->stream);
  stage_run(here);
  actor_done(a);
  actor_done(b);
  stage_close(here);
}

TEST(everything_is_legal_before_the_connection) {
  stage here;
  actor client = {0};
  actor server = {.config = {.half_open = true}};
  sim_end *near = NULL;
  sim_end *far = NULL;
  stage_open(&here, NULL);
  sim_link(here.net, &near, &far);
  actor_make(&client, here.loop, TLSTREAM_ROLE_CLIENT);
  client.end = near;
  CHECK_ERROR(actor_write(&client, 100), 0);
  CHECK_ERROR(actor_write_owned(&client, 100), 0);
  CHECK_INT(tlstream_write_queue_size(client.stream), 200);
  CHECK_GE(tlstream_unsent(client.stream), 200);
  actor_pause(&client);
  actor_resume(&client);
  CHECK(!tlstream_is_secure(client.stream));
  CHECK(!tlstream_authorized(client.stream));
  tlstream_end(client.stream);
  CHECK_ERROR(actor_write(&client, 1), TLSTREAM_ERR_WRITE_AFTER_END);
  stage_settle(&here);
  actor_open(&server, here.loop, TLSTREAM_ROLE_SERVER, far);
  tlstream__stream_begin(client.stream, sim_transport(near));
  stage_settle(&here);
  CHECK_INT(server.got, 200);
  CHECK_INT(server.order.count[CAME_END], 1);
  bring_to_an_end(&here, &client, &server);
  CHECK_INT(client.ending, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(server.ending, TLSTREAM_ENDING_CLEAN);
}

static void ask_after_the_end(tlstream *stream) {
  tlstream_address address;
  char byte = 0;
  CHECK_ERROR(tlstream_write(stream, &byte, 1), TLSTREAM_ERR_CLOSED);
  CHECK_ERROR(tlstream_write(stream, &byte, 0), TLSTREAM_ERR_CLOSED);
  CHECK_ERROR(tlstream_pipe(stream, stream), TLSTREAM_ERR_CLOSED);
  CHECK_ERROR(tlstream_remote_address(stream, &address),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_NE(tlstream_tls_version(stream), TLSTREAM_VERSION_DEFAULT);
  CHECK_INT(tlstream_write_queue_size(stream), 0);
  CHECK_INT(tlstream_unsent(stream), 0);
  tlstream_set_events(stream, NULL, NULL);
  tlstream_pause(stream);
  tlstream_resume(stream);
  tlstream_end(stream);
  tlstream_destroy(stream);
  CHECK(tlstream_data(stream) == NULL);
}

/* H1: a reference keeps the memory, and nothing that it is used for hurts. */
TEST(a_reference_outlives_the_connection) {
  stage here;
  actor client = {0};
  actor server = {0};
  stage_open(&here, NULL);
  stage_join(&here, &client, &server);
  tlstream *kept = tlstream_ref(client.stream);
  stage_settle(&here);
  tlstream_end(client.stream);
  stage_run(&here);
  CHECK_INT(client.order.count[CAME_CLOSE], 1);
  ask_after_the_end(kept);
  tlstream_unref(kept);
  tlstream_unref(NULL);
  bring_to_an_end(&here, &client, &server);
}

TEST(refuses_a_write_after_the_end) {
  stage here;
  actor client = {0};
  actor server = {.config = {.half_open = true}};
  stage_open(&here, NULL);
  stage_join(&here, &client, &server);
  stage_settle(&here);
  CHECK_ERROR(actor_write(&client, 0), 0);
  CHECK_ERROR(actor_write(&client, 10), 0);
  tlstream_end(client.stream);
  CHECK_ERROR(actor_write(&client, 10), TLSTREAM_ERR_WRITE_AFTER_END);
  CHECK_ERROR(actor_write_owned(&client, 10), TLSTREAM_ERR_WRITE_AFTER_END);
  stage_settle(&here);
  CHECK_ERROR(actor_write(&client, 10), TLSTREAM_ERR_WRITE_AFTER_END);
  actor_destroy(&client);
  CHECK_ERROR(actor_write(&client, 10), TLSTREAM_ERR_CLOSED);
  stage_settle(&here);
  CHECK_INT(server.got, 10);
  bring_to_an_end(&here, &client, &server);
}

/* An owned buffer comes back from the loop, also when there is nothing in it,
 * and what is written behind it goes out. */
TEST(an_empty_write_is_nothing_to_send) {
  stage here;
  actor client = {0};
  actor server = {0};
  stage_open(&here, NULL);
  stage_join(&here, &client, &server);
  stage_settle(&here);
  CHECK_ERROR(actor_write_owned(&client, 0), 0);
  CHECK_INT(client.given_back, 0);
  CHECK_ERROR(actor_write(&client, 0), 0);
  CHECK_ERROR(actor_write_owned(&client, 500), 0);
  CHECK_ERROR(actor_write(&client, 500), 0);
  CHECK_ERROR(actor_write_owned(&client, 0), 0);
  stage_settle(&here);
  CHECK_INT(client.given_back, 3);
  CHECK_INT(server.got, 1000);
  bring_to_an_end(&here, &client, &server);
  CHECK_INT(client.ending, TLSTREAM_ENDING_CLEAN);
}

/* What one side's transport has taken has come from the other's. */
TEST(encrypted_bytes_are_counted) {
  stage here;
  actor client = {0};
  actor server = {0};
  stage_open(&here, NULL);
  stage_join(&here, &client, &server);
  stage_settle(&here);
  uint64_t handshake = tlstream_encrypted_bytes_written(client.stream);
  CHECK_GT(handshake, 100);
  CHECK_INT(tlstream_encrypted_bytes_read(server.stream), handshake);
  CHECK_ERROR(actor_write(&client, 1000), 0);
  stage_settle(&here);
  uint64_t all = tlstream_encrypted_bytes_written(client.stream);
  CHECK_GT(all, handshake + 1000);
  CHECK_INT(tlstream_encrypted_bytes_read(server.stream), all);
  CHECK_INT(tlstream_bytes_written(client.stream), 1000);
  bring_to_an_end(&here, &client, &server);
}

static void pause_again(actor *self, callback_kind kind) {
  if (kind == CAME_DATA) actor_pause(self);
}

/* G8: the network is quiet, and the data is here: in the input, inside of
 * OpenSSL, or on the wire. A reader that resumes gets all of it. */
TEST(what_waits_needs_no_more_traffic) {
  for (size_t len = 1; len < 400000; len = len * 3 + 1) {
    stage here;
    actor self = {.no_on_data = true, .act = pause_again};
    wire_peer peer = {0};
    stage_open(&here, NULL);
    stage_face(&here, &self, TLSTREAM_ROLE_CLIENT, &peer);
    stage_settle(&here);
    wire_peer_write(&peer, len);
    stage_settle(&here);
    CHECK_INT(self.got, 0);
    self.no_on_data = false;
    actor_watch(&self, TLSTREAM_ROLE_CLIENT, self.stream);
    for (size_t heard = 0; heard < len; heard = self.got) {
      stage_settle(&here);
      if (!CHECK_GT(self.got, heard)) break;
      actor_resume(&self);
    }
    CHECK_INT(self.got, len);
    actor_destroy(&self);
    stage_run(&here);
    actor_done(&self);
    wire_peer_free(&peer);
    stage_close(&here);
  }
}

/* Deadlines begin when the call is made, however long nothing was to do. */
TEST(ends_cleanly_after_hours_of_silence) {
  for (int i = 0; i < 2; i++) {
    stage here;
    actor both[2] = {{0}};
    stage_open(&here, NULL);
    stage_join(&here, &both[0], &both[1]);
    stage_settle(&here);
    stage_wait(&here, HOUR);
    tlstream_end(both[roles[i]].stream);
    stage_run(&here);
    CHECK_INT(both[0].ending, TLSTREAM_ENDING_CLEAN);
    CHECK_INT(both[1].ending, TLSTREAM_ENDING_CLEAN);
    bring_to_an_end(&here, &both[0], &both[1]);
  }
}

/* The same for what is sent: it counts from now, not from the last time that
 * anything happened. */
TEST(a_write_after_a_silence_is_a_sign_of_life) {
  stage here;
  actor client = {.config = {.idle_ms = 10000}};
  actor server = {0};
  stage_open(&here, NULL);
  stage_join(&here, &client, &server);
  stage_settle(&here);
  stage_wait(&here, 9000);
  CHECK_ERROR(actor_write(&client, 20000), 0);
  stage_wait(&here, 9000);
  CHECK_ERROR(client.error.code, 0);
  stage_wait(&here, 2000);
  CHECK_ERROR(client.error.code, TLSTREAM_ERR_IDLE_TIMEOUT);
  bring_to_an_end(&here, &client, &server);
}

/* ... and for a write that fails: there is still a second to hear why. */
TEST(reads_on_after_a_write_failed_after_a_silence) {
  stage here;
  actor self = {0};
  wire_peer peer = {0};
  stage_open(&here, NULL);
  stage_face(&here, &self, TLSTREAM_ROLE_CLIENT, &peer);
  stage_settle(&here);
  stage_wait(&here, HOUR);
  self.end->faults.fail_write = self.end->writes + 1;
  self.end->faults.write_status = UV_EPIPE;
  CHECK_GE(actor_write(&self, 20000), 0);
  stage_wait(&here, 900);
  CHECK_ERROR(self.error.code, 0);
  wire_peer_alert(&peer);
  stage_run(&here);
  CHECK_ERROR(self.error.code, TLSTREAM_ERR_ALERT);
  actor_done(&self);
  wire_peer_free(&peer);
  stage_close(&here);
}

/* What was written in on_data has just left when on_end destroys the stream:
 * the on_drain that is due does not come. */
static void answer_and_destroy(actor *self, callback_kind kind) {
  if (kind == CAME_DATA) CHECK_INT(actor_write(self, 2000), 1);
  if (kind == CAME_END) actor_destroy(self);
}

TEST(nothing_comes_after_destroying) {
  stage here;
  actor self = {.high_water = 1000, .act = answer_and_destroy};
  wire_peer peer = {0};
  stage_open(&here, NULL);
  stage_face(&here, &self, TLSTREAM_ROLE_SERVER, &peer);
  stage_settle(&here);
  wire_peer_write(&peer, 10);
  wire_peer_close_notify(&peer);
  stage_run(&here);
  CHECK_INT(peer.got, 2000);
  CHECK_INT(self.ending, TLSTREAM_ENDING_DESTROYED);
  actor_done(&self);
  wire_peer_free(&peer);
  stage_close(&here);
}

/* A stream that is being closed has no turn left to be woken for; its last
 * callbacks may still change it. */
static void give_up_events(void *bytes, size_t len, void *arg) {
  actor *self = arg;
  (void)bytes, (void)len;
  self->given_back++;
  tlstream_pause(self->stream);
  tlstream_set_events(self->stream, NULL, NULL);
  self->order.count[CAME_CLOSE]++; /* no callback runs any more */
  self->stream = NULL;
}

TEST(a_buffer_that_comes_back_at_the_end_may_change_the_stream) {
  static char bytes[1000];
  stage here;
  actor closed[2] = {{.lent = 1}};
  actor client = {0};
  actor server = {0};
  stage_open(&here, NULL);
  stage_join(&here, &closed[0], &closed[1]);
  stage_join(&here, &client, &server); /* streams that keep the loop running */
  CHECK_ERROR(tlstream_write_owned(closed[0].stream, bytes, sizeof(bytes),
                                   give_up_events, &closed[0]),
              0);
  actor_destroy(&closed[0]);
  stage_settle(&here);
  actor_done(&closed[0]);
  actor_done(&closed[1]);
  bring_to_an_end(&here, &client, &server);
}

/* When a paused stream is resumed by a buffer that comes back, on_end comes at
 * the very end of a turn. What it writes then must not be left in the queue. */
static void write_and_leave(actor *self, callback_kind kind) {
  if (kind == CAME_DATA) actor_pause(self);
  if (kind != CAME_END) return;
  CHECK_GE(actor_write(self, 20000), 0);
  actor_destroy(self);
}

static void resume_when_given_back(actor *self) {
  actor_resume(self);
}

static void write_at_the_end_of_a_turn(void) {
  stage here;
  actor self = {.act = write_and_leave, .released = resume_when_given_back};
  wire_peer peer = {0};
  stage_open(&here, NULL);
  stage_face(&here, &self, TLSTREAM_ROLE_SERVER, &peer);
  stage_settle(&here);
  wire_peer_write(&peer, 10);
  wire_peer_close_notify(&peer);
  stage_settle(&here);
  CHECK_INT(self.order.count[CAME_END], 0);
  CHECK_ERROR(actor_write_owned(&self, 1000), 0);
  stage_run(&here);
  CHECK_INT(self.order.count[CAME_END], 1);
  CHECK_INT(self.ending, TLSTREAM_ENDING_DESTROYED);
  actor_done(&self);
  wire_peer_free(&peer);
  stage_close(&here);
}

TEST(a_write_at_the_end_of_a_turn_leaves_nothing_behind) {
  torture_install();
  write_at_the_end_of_a_turn(); /* makes what is kept for the program */
  size_t before = torture_live(TORTURE_LIBRARY);
  write_at_the_end_of_a_turn();
  CHECK_INT(torture_live(TORTURE_LIBRARY), before);
}
