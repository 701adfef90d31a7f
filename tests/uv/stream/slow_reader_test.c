/* SPDX-License-Identifier: MIT */
/* After our end, a slow peer is distinguished from one that takes nothing, also
 * while a large batch is being sent for longer than the shutdown deadline (G5,
 * G6). */
#include <tlstream/pair_ending.h>

#include "support/test.h"
#include "support/uv/stage.h"

enum { ALL = 600 * 1000, WIRE = 20 * 1000, SEND_MS = 60000 };

static void say_all(actor *self, callback_kind kind) {
  if (kind != CAME_SECURE) return;
  CHECK_GE(actor_write(self, ALL), 0);
  tlstream_end(self->stream);
}

static void pause_at_once(actor *self, callback_kind kind) {
  if (kind == CAME_SECURE || kind == CAME_DATA) actor_pause(self);
}

typedef struct play {
  stage stage;
  actor reader;
  actor writer;
} play;

static void play_open(play *all) {
  static const sim_weather narrow = {.capacity = WIRE};
  stage_open(&all->stage, &narrow);
  all->reader.act = pause_at_once;
  all->writer.act = say_all;
  stage_join(&all->stage, &all->reader, &all->writer);
  stage_settle(&all->stage);
}

static void play_close(play *all) {
  stage_run(&all->stage);
  actor_done(&all->reader);
  actor_done(&all->writer);
  stage_close(&all->stage);
}

/* A second for each 20 KB: a batch of 128 KiB needs twice the deadline. */
TEST(a_slow_reader_gets_all) {
  play all = {0};
  play_open(&all);
  for (int i = 0; i < 200 && all.reader.stream != NULL; i++) {
    actor_resume(&all.reader);
    stage_wait(&all.stage, 1000);
  }
  play_close(&all);
  CHECK_STR(all.writer.error.message, "");
  CHECK_INT(all.writer.ending, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(all.reader.got, ALL);
}

/* The deadline counts from the last byte that the peer took. */
TEST(a_peer_that_stops_taking_is_given_up) {
  play all = {0};
  play_open(&all);
  for (int i = 0; i < 8; i++) {
    actor_resume(&all.reader);
    stage_wait(&all.stage, 1000);
  }
  CHECK_INT(all.writer.order.count[CAME_CLOSE], 0);
  stage_wait(&all.stage, 2 * SEND_MS);
  CHECK_ERROR(all.writer.error.code, TLSTREAM_ERR_SEND_TIMEOUT);
  actor_resume(&all.reader);
  actor_destroy(&all.reader);
  play_close(&all);
}
