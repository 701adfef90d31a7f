/* SPDX-License-Identifier: MIT */
/*
 * Streams that are piped to streams: echoes and proxies. All data arrives, a
 * slow reader slows the writer, an end is passed on, and half a message never
 * looks like a whole one (G1, G4, G6, H10).
 */
#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>

#include "support/test.h"
#include "support/uv/stage.h"
#include "uv/stream/state.h"

enum { REQUEST = 3000, REPLY = 400 * 1000, LONG_MS = 60 * 1000 };

/*
 *     client -- front | back -- server
 *               ---pipe-->
 *               <--pipe---
 */
typedef struct proxy {
  stage stage;
  actor client;
  actor front;
  actor back;
  actor server;
  size_t reply; /* the server's, when the request has ended */
  bool pipes_later;
} proxy;

static void proxy_open(proxy *self, const sim_weather *weather) {
  stage_open(&self->stage, weather);
  /* Piped both ways, the defaults do: the end of a pipe decides. */
  self->front.config.half_open = self->pipes_later;
  self->back.config.half_open = self->pipes_later;
  self->server.config.half_open = true;
  self->front.name = "front";
  self->back.name = "back";
  self->server.data = self;
  stage_join(&self->stage, &self->client, &self->front);
  stage_join(&self->stage, &self->back, &self->server);
  if (self->pipes_later) return;
  CHECK_ERROR(tlstream_pipe(self->front.stream, self->back.stream), 0);
  CHECK_ERROR(tlstream_pipe(self->back.stream, self->front.stream), 0);
}

static void proxy_close(proxy *self) {
  actor_done(&self->client);
  actor_done(&self->front);
  actor_done(&self->back);
  actor_done(&self->server);
  stage_close(&self->stage);
}

static void reply(actor *self, callback_kind kind) {
  proxy *all = self->data;
  if (kind != CAME_END) return;
  CHECK_GE(actor_write(self, all->reply), 0);
  tlstream_end(self->stream);
}

static void ask(proxy *self) {
  CHECK_GE(actor_write(&self->client, REQUEST), 0);
  tlstream_end(self->client.stream);
}

TEST(a_proxy_passes_everything_on_and_ends_cleanly) {
  proxy all = {.server.act = reply, .reply = REPLY};
  proxy_open(&all, NULL);
  ask(&all);
  stage_run(&all.stage);
  CHECK_INT(all.server.got, REQUEST);
  CHECK_INT(all.client.got, REPLY);
  CHECK_INT(all.client.ending, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(all.front.ending, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(all.back.ending, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(all.server.ending, TLSTREAM_ENDING_CLEAN);
  proxy_close(&all);
}

/* The back end is through, and has closed, long before a slow client has it
 * all: what the front still holds is not lost. */
TEST(a_slow_reader_gets_the_end_of_a_reply) {
  sim_weather narrow = {.capacity = 20000};
  proxy all = {
      .server.act = reply, .reply = 50000, .client.shutdown_ms = 90000};
  proxy_open(&all, &narrow);
  stage_settle(&all.stage);
  actor_pause(&all.client);
  ask(&all);
  stage_wait(&all.stage, 10);
  CHECK_INT(all.back.order.count[CAME_CLOSE], 1);
  CHECK_LT(all.client.got, 50000);
  actor_resume(&all.client);
  stage_run(&all.stage);
  CHECK_INT(all.client.got, 50000);
  CHECK_INT(all.client.ending, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(all.front.ending, TLSTREAM_ENDING_CLEAN);
  proxy_close(&all);
}

/* G6: while the client does not read, the proxy holds back the server. */
TEST(a_slow_reader_slows_the_writer) {
  sim_weather narrow = {.capacity = 20000};
  proxy all = {
      .server.act = reply, .reply = REPLY, .client.shutdown_ms = 90000};
  proxy_open(&all, &narrow);
  stage_settle(&all.stage);
  actor_pause(&all.client);
  ask(&all);
  stage_wait(&all.stage, 10);
  CHECK_LT(tlstream_write_queue_size(all.front.stream),
           2 * TLSTREAM__BUFFER_SIZE);
  CHECK_GT(tlstream_write_queue_size(all.server.stream), 0);
  actor_resume(&all.client);
  stage_run(&all.stage);
  CHECK_INT(all.client.got, REPLY);
  CHECK_INT(all.client.ending, TLSTREAM_ENDING_CLEAN);
  proxy_close(&all);
}

/* While a side is paused after its own end, the deadline for the peer's
 * close_notify does not run. (The server's does: it has something to send.) */
TEST(a_very_slow_reader_still_gets_everything) {
  sim_weather narrow = {.capacity = 20000};
  proxy all = {
      .server.act = reply, .reply = REPLY, .server.shutdown_ms = 2 * LONG_MS};
  proxy_open(&all, &narrow);
  stage_settle(&all.stage);
  actor_pause(&all.client);
  ask(&all);
  stage_wait(&all.stage, LONG_MS);
  CHECK_INT(all.client.got, 0);
  actor_resume(&all.client);
  stage_run(&all.stage);
  CHECK_INT(all.client.got, REPLY);
  CHECK_INT(all.client.ending, TLSTREAM_ENDING_CLEAN);
  proxy_close(&all);
}

static void leave_in_the_middle(actor *self, callback_kind kind) {
  proxy *all = self->data;
  if (kind != CAME_END) return;
  CHECK_GE(actor_write(self, all->reply), 0);
}

/* G1: both with our own end sent to the server, which makes its early end no
 * error of ours, and without. */
static void half_a_reply_never_looks_whole(bool reset, bool ended) {
  proxy all = {.server.act = leave_in_the_middle, .reply = 5000};
  proxy_open(&all, NULL);
  CHECK_GE(actor_write(&all.client, REQUEST), 0);
  if (ended) tlstream_end(all.client.stream);
  stage_settle(&all.stage);
  if (!ended) CHECK_GE(actor_write(&all.server, 5000), 0);
  stage_settle(&all.stage);
  CHECK_INT(all.client.got, 5000);
  if (reset) {
    sim_reset(all.server.end);
  } else {
    sim_fin(all.server.end);
  }
  stage_run(&all.stage);
  CHECK_INT(all.client.order.count[CAME_END], 0);
  CHECK_NE(all.client.ending, TLSTREAM_ENDING_CLEAN);
  if (!ended) CHECK_ERROR(all.client.error.code, TLSTREAM_ERR_TRUNCATED);
  actor_destroy(&all.server);
  stage_run(&all.stage);
  proxy_close(&all);
}

TEST(a_reply_that_is_cut_never_looks_whole) {
  half_a_reply_never_looks_whole(false, false);
  half_a_reply_never_looks_whole(false, true);
}

TEST(a_reply_that_breaks_never_looks_whole) {
  half_a_reply_never_looks_whole(true, false);
  half_a_reply_never_looks_whole(true, true);
}

/* on_end has run already when the pipe is made. */
TEST(a_pipe_laid_after_the_end_passes_it_on) {
  proxy all = {.pipes_later = true};
  proxy_open(&all, NULL);
  stage_settle(&all.stage);
  tlstream_end(all.client.stream);
  stage_settle(&all.stage);
  CHECK_INT(all.front.order.count[CAME_END], 1);
  CHECK_ERROR(tlstream_pipe(all.front.stream, all.back.stream), 0);
  stage_settle(&all.stage);
  CHECK_INT(all.server.order.count[CAME_END], 1);
  tlstream_end(all.front.stream);
  tlstream_end(all.server.stream);
  stage_run(&all.stage);
  CHECK_INT(all.back.ending, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(all.server.ending, TLSTREAM_ENDING_CLEAN);
  proxy_close(&all);
}

/* The source must not read on when its target is destroyed. */
TEST(destroying_the_target_destroys_the_source) {
  proxy all = {.pipes_later = true};
  proxy_open(&all, NULL);
  CHECK_ERROR(tlstream_pipe(all.front.stream, all.back.stream), 0);
  stage_settle(&all.stage);
  actor_destroy(&all.back);
  stage_run(&all.stage);
  CHECK_INT(all.front.ending, TLSTREAM_ENDING_DESTROYED);
  CHECK_ERROR(all.client.error.code, TLSTREAM_ERR_TRUNCATED);
  CHECK_ERROR(all.server.error.code, TLSTREAM_ERR_TRUNCATED);
  proxy_close(&all);
}

TEST(destroying_the_source_destroys_the_target) {
  proxy all = {.pipes_later = true};
  proxy_open(&all, NULL);
  CHECK_ERROR(tlstream_pipe(all.front.stream, all.back.stream), 0);
  stage_settle(&all.stage);
  actor_destroy(&all.front);
  stage_run(&all.stage);
  CHECK_INT(all.back.ending, TLSTREAM_ENDING_DESTROYED);
  CHECK_ERROR(all.server.error.code, TLSTREAM_ERR_TRUNCATED);
  proxy_close(&all);
}

static void destroy_in_on_end(actor *self, callback_kind kind) {
  if (kind == CAME_END) actor_destroy(self);
}

/* All has been passed on by then: the target goes on without its source. */
TEST(a_source_that_is_destroyed_at_its_end_has_passed_it_on) {
  proxy all = {.pipes_later = true, .front.act = destroy_in_on_end};
  proxy_open(&all, NULL);
  CHECK_ERROR(tlstream_pipe(all.front.stream, all.back.stream), 0);
  ask(&all);
  stage_settle(&all.stage);
  CHECK_INT(all.front.ending, TLSTREAM_ENDING_DESTROYED);
  CHECK_INT(all.server.got, REQUEST);
  CHECK_INT(all.server.order.count[CAME_END], 1);
  if (all.server.stream != NULL) tlstream_end(all.server.stream);
  stage_run(&all.stage);
  CHECK_INT(all.back.ending, TLSTREAM_ENDING_CLEAN);
  proxy_close(&all);
}

TEST(refuses_pipes_that_make_no_sense) {
  proxy all = {.reply = 0};
  proxy_open(&all, NULL);
  CHECK_ERROR(tlstream_pipe(all.front.stream, all.back.stream),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pipe(all.client.stream, all.back.stream),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pipe(all.front.stream, all.front.stream),
              TLSTREAM_ERR_WRONG_STATE);
  actor_destroy(&all.client);
  CHECK_ERROR(tlstream_pipe(all.client.stream, all.server.stream),
              TLSTREAM_ERR_CLOSED);
  CHECK_ERROR(tlstream_pipe(all.server.stream, all.client.stream),
              TLSTREAM_ERR_CLOSED);
  stage_run(&all.stage);
  proxy_close(&all);
}

/* An echo to itself: byte for byte, however slow the other side reads. */
TEST(an_echo_gives_everything_back) {
  sim_weather narrow = {.capacity = 30000};
  stage here;
  actor client = {0};
  actor server = {0};
  stage_open(&here, &narrow);
  stage_join(&here, &client, &server);
  CHECK_ERROR(tlstream_pipe(server.stream, server.stream), 0);
  CHECK_GE(actor_write(&client, 1000000), 0);
  stage_settle(&here);
  tlstream_end(client.stream);
  stage_run(&here);
  CHECK_INT(client.got, 1000000);
  CHECK_INT(server.order.count[CAME_DATA], 0);
  CHECK_INT(client.ending, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(server.ending, TLSTREAM_ENDING_CLEAN);
  actor_done(&client);
  actor_done(&server);
  stage_close(&here);
}

/* H10: two echoes throw a ball for ever; the stack does not grow with it. */
TEST(two_echoes_do_not_grow_the_stack) {
  stage here;
  actor client = {0};
  actor server = {0};
  stage_open(&here, NULL);
  stage_join(&here, &client, &server);
  CHECK_ERROR(tlstream_pipe(client.stream, client.stream), 0);
  CHECK_ERROR(tlstream_pipe(server.stream, server.stream), 0);
  CHECK_ERROR(actor_write(&client, 10), 0);
  while (tlstream_bytes_read(server.stream) < 100000) {
    uv_run(here.loop, UV_RUN_NOWAIT);
  }
  CHECK_LE(tlstream_write_queue_size(client.stream), 10);
  actor_destroy(&client);
  stage_run(&here);
  actor_done(&client);
  actor_done(&server);
  stage_close(&here);
}
