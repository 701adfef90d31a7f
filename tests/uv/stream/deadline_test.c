/* SPDX-License-Identifier: MIT */
/* No wait is endless, and no deadline expires early: to the millisecond,
 * because time is an input here (G3, G5, G9, H9). */
#include <tlstream/pair_ending.h>

#include "support/test.h"
#include "support/uv/stage.h"

enum {
  HANDSHAKE_MS = 10000,
  SEND_MS = 60000,
  HALF_CLOSED_MS = 60000,
  SHUTDOWN_MS = 3000,
  LOOK_MS = 2, /* what has left is looked for that often, at first */
  READ_ON_MS = 1000,
  IDLE_MS = 20000,
  HOUR_MS = 3600 * 1000
};

typedef struct watch {
  stage stage;
  sim_weather weather;
  actor self;
  wire_peer peer;
  bool pauses; /* with the first data */
  uint64_t started;
  uint64_t failed_after;
  uint64_t closed_after;
} watch;

static void note_time(actor *self, callback_kind kind) {
  watch *all = self->data;
  uint64_t elapsed = virtual_clock_now() - all->started;
  if (kind == CAME_DATA && all->pauses) actor_pause(self);
  if (kind == CAME_ERROR) all->failed_after = elapsed;
  if (kind == CAME_CLOSE) all->closed_after = elapsed;
}

/* From now on the time is taken. */
static void start(watch *all) {
  all->started = virtual_clock_now();
}

static void watch_open(watch *all, tlstream_version version,
                       tlstream_role role) {
  stage_open(&all->stage, &all->weather);
  all->self.data = all;
  all->self.act = note_time;
  all->self.config.version = version;
  stage_face(&all->stage, &all->self, role, &all->peer);
  start(all);
  stage_settle(&all->stage);
}

static void watch_close(watch *all) {
  stage_run(&all->stage);
  actor_done(&all->self);
  wire_peer_free(&all->peer);
  stage_close(&all->stage);
}

/* H9, F1: a byte a second is no progress. */
static void test_slow_handshake(tlstream_version version, tlstream_role role) {
  watch all = {.peer.silent = true};
  unsigned char byte = 22; /* a handshake record: 22, 3, 3, ... */
  watch_open(&all, version, role);
  for (int second = 1; second < 10; second++) {
    sim_send(all.peer.end, &byte, 1);
    byte = 3;
    stage_wait(&all.stage, 1000);
    CHECK_INT(all.self.order.count[CAME_CLOSE], 0);
  }
  watch_close(&all);
  CHECK_ERROR(all.self.error.code, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK_INT(all.closed_after, HANDSHAKE_MS);
}

TEST(a_handshake_takes_ten_seconds_at_most) {
  each_side(test_slow_handshake);
}

static void test_silent_handshake(tlstream_version version,
                                  tlstream_role role) {
  watch all = {.peer.silent = true};
  watch_open(&all, version, role);
  CHECK_GE(actor_write(&all.self, 100), 0);
  tlstream_end(all.self.stream); /* which does not shorten it */
  watch_close(&all);
  CHECK_ERROR(all.self.error.code, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK_HAS(all.self.error.message, "said nothing at all");
  CHECK_INT(all.closed_after, HANDSHAKE_MS);
}

TEST(a_peer_that_sends_nothing_is_given_up) {
  each_side(test_silent_handshake);
}

/* What comes after the end: a close, which waits for close_notify alone. */
static void test_silent_close(tlstream_version version, tlstream_role role) {
  watch all = {.started = 0};
  watch_open(&all, version, role);
  stage_wait(&all.stage, HOUR_MS);
  CHECK_GE(actor_write(&all.self, 100), 0);
  tlstream_close(all.self.stream);
  start(&all);
  stage_wait(&all.stage, 1000);
  wire_peer_write(&all.peer, 1000); /* which prolongs nothing */
  watch_close(&all);
  CHECK_INT(all.self.ending, TLSTREAM_ENDING_TRUNCATED);
  CHECK_INT(all.self.got, 0);
  CHECK_INT(all.peer.got, 100);
  CHECK_GE(all.closed_after, SHUTDOWN_MS);
  CHECK_LE(all.closed_after, SHUTDOWN_MS + LOOK_MS);
}

TEST(close_notify_is_awaited_for_three_seconds_after_close) {
  each_side(test_silent_close);
}

static void test_silent_end(tlstream_version version, tlstream_role role) {
  watch all = {.started = 0};
  watch_open(&all, version, role);
  stage_wait(&all.stage, HOUR_MS);
  CHECK_GE(actor_write(&all.self, 100), 0);
  tlstream_end(all.self.stream);
  start(&all);
  watch_close(&all);
  CHECK_ERROR(all.self.error.code, TLSTREAM_ERR_HALF_CLOSED_TIMEOUT);
  CHECK_INT(all.self.order.count[CAME_END], 0);
  CHECK_INT(all.peer.got, 100);
  CHECK_GE(all.closed_after, HALF_CLOSED_MS);
  CHECK_LE(all.closed_after, HALF_CLOSED_MS + LOOK_MS);
}

TEST(a_peer_that_is_silent_after_our_end_has_a_minute) {
  each_side(test_silent_end);
}

static void test_talkative_end(tlstream_version version, tlstream_role role) {
  watch all = {.started = 0};
  watch_open(&all, version, role);
  tlstream_end(all.self.stream);
  stage_settle(&all.stage);
  start(&all);
  for (int i = 0; i < 5; i++) {
    stage_wait(&all.stage, HALF_CLOSED_MS - 1);
    wire_peer_write(&all.peer, 1000);
    stage_settle(&all.stage);
  }
  watch_close(&all);
  CHECK_ERROR(all.self.error.code, TLSTREAM_ERR_HALF_CLOSED_TIMEOUT);
  CHECK_INT(all.self.got, 5000);
  CHECK_INT(all.closed_after, 5 * (HALF_CLOSED_MS - 1) + HALF_CLOSED_MS);
}

TEST(every_byte_gives_the_peer_more_time) {
  each_side(test_talkative_end);
}

static void test_half_open(tlstream_version version, tlstream_role role) {
  watch all = {.self.config = {.half_open = true, .idle_ms = IDLE_MS}};
  watch_open(&all, version, role);
  tlstream_end(all.self.stream);
  stage_settle(&all.stage);
  stage_wait(&all.stage, IDLE_MS - 1);
  CHECK_INT(all.self.order.count[CAME_CLOSE], 0);
  wire_peer_write(&all.peer, 1000);
  stage_settle(&all.stage);
  start(&all);
  watch_close(&all);
  CHECK_INT(all.self.got, 1000);
  CHECK_ERROR(all.self.error.code, TLSTREAM_ERR_IDLE_TIMEOUT);
  CHECK_INT(all.closed_after, IDLE_MS);
}

TEST(half_open_waits_as_long_as_the_peer_is_not_idle) {
  each_side(test_half_open);
}

/* The network takes nothing any more. */
static void test_stuck_data(tlstream_version version, tlstream_role role) {
  watch all = {.started = 0};
  watch_open(&all, version, role);
  all.self.end->faults.stalled = true;
  CHECK_GE(actor_write(&all.self, 200000), 0);
  stage_wait(&all.stage, HOUR_MS); /* as long as we do not end, it may */
  CHECK_INT(all.self.order.count[CAME_CLOSE], 0);
  tlstream_end(all.self.stream);
  start(&all);
  watch_close(&all);
  CHECK_ERROR(all.self.error.code, TLSTREAM_ERR_SEND_TIMEOUT);
  CHECK_INT(all.closed_after, SEND_MS);
}

TEST(data_that_is_never_taken_is_given_up) {
  each_side(test_stuck_data);
}

/* Only close_notify is left. */
static void test_stuck_close_notify(tlstream_version version,
                                    tlstream_role role) {
  watch all = {.started = 0};
  watch_open(&all, version, role);
  CHECK_GE(actor_write(&all.self, 1000), 0);
  stage_settle(&all.stage);
  all.self.end->faults.stalled = true;
  tlstream_end(all.self.stream);
  start(&all);
  watch_close(&all);
  CHECK_ERROR(all.self.error.code, TLSTREAM_ERR_SEND_TIMEOUT);
  CHECK_INT(all.peer.got, 1000);
  CHECK_INT(all.closed_after, SEND_MS);
}

TEST(close_notify_that_the_peer_does_not_take_is_given_up) {
  each_side(test_stuck_close_notify);
}

/* Data and close_notify are kept in one write, and cannot leave. */
static void test_stuck_together(tlstream_version version, tlstream_role role) {
  watch all = {.started = 0};
  watch_open(&all, version, role);
  all.self.end->faults.stalled = true;
  CHECK_GE(actor_write(&all.self, 1000), 0);
  tlstream_end(all.self.stream);
  start(&all);
  watch_close(&all);
  CHECK_ERROR(all.self.error.code, TLSTREAM_ERR_SEND_TIMEOUT);
  CHECK_INT(all.closed_after, SEND_MS);
}

TEST(data_before_a_stuck_close_notify_is_not_forgotten) {
  each_side(test_stuck_together);
}

/* The error is reported at once; the alert has three seconds to leave. */
static void test_stuck_alert(tlstream_version version, tlstream_role role) {
  watch all = {.weather.capacity = 1000};
  watch_open(&all, version, role);
  all.peer.end->reading = false;
  CHECK_GE(actor_write(&all.self, 2000), 0);
  stage_wait(&all.stage, 1000);
  sim_send(all.peer.end, forged_record, sizeof(forged_record));
  start(&all);
  watch_close(&all);
  CHECK_ERROR(all.self.error.code, TLSTREAM_ERR_BAD_RECORD);
  CHECK_INT(all.failed_after, 0);
  CHECK_INT(all.closed_after, SHUTDOWN_MS);
}

TEST(an_alert_that_is_never_taken_is_given_up) {
  each_side(test_stuck_alert);
}

static void test_read_on(tlstream_version version, tlstream_role role) {
  watch all = {.started = 0};
  watch_open(&all, version, role);
  stage_wait(&all.stage, HOUR_MS);
  all.self.end->faults.fail_write = all.self.end->writes + 1;
  all.self.end->faults.write_status = UV_EPIPE;
  CHECK_GE(actor_write_owned(&all.self, 300000), 0);
  start(&all);
  stage_settle(&all.stage);
  CHECK_INT(all.self.given_back, 1); /* it will not be sent any more */
  for (int i = 0; i < 3; i++) {
    stage_wait(&all.stage, 300);
    wire_peer_write(&all.peer, 100);
  }
  watch_close(&all);
  CHECK_STR(all.self.error.name, "EPIPE");
  CHECK_INT(all.self.got, 300);
  CHECK_INT(all.closed_after, READ_ON_MS);
}

TEST(a_write_that_failed_is_reported_after_a_second) {
  each_side(test_read_on);
}

static void test_idle(tlstream_version version, tlstream_role role) {
  watch all = {.self.config.idle_ms = IDLE_MS};
  watch_open(&all, version, role);
  stage_wait(&all.stage, IDLE_MS - 1);
  wire_peer_write(&all.peer, 1);
  stage_wait(&all.stage, IDLE_MS - 1);
  CHECK_GE(actor_write(&all.self, 1), 0);
  stage_settle(&all.stage);
  start(&all);
  watch_close(&all);
  CHECK_ERROR(all.self.error.code, TLSTREAM_ERR_IDLE_TIMEOUT);
  CHECK_INT(all.closed_after, IDLE_MS);
}

TEST(silence_both_ways_is_idle) {
  each_side(test_idle);
}

static void test_pause(tlstream_version version, tlstream_role role) {
  watch all = {.started = 0};
  watch_open(&all, version, role);
  actor_pause(&all.self);
  tlstream_end(all.self.stream);
  stage_settle(&all.stage);
  CHECK(!all.self.end->reading);
  wire_peer_write(&all.peer, 1000);
  stage_wait(&all.stage, HOUR_MS);
  CHECK_INT(all.self.order.count[CAME_CLOSE], 0);
  start(&all);
  actor_resume(&all.self);
  watch_close(&all);
  CHECK_INT(all.self.got, 1000);
  CHECK_ERROR(all.self.error.code, TLSTREAM_ERR_HALF_CLOSED_TIMEOUT);
  CHECK_INT(all.closed_after, HALF_CLOSED_MS);
}

TEST(a_paused_reader_has_no_deadline) {
  each_side(test_pause);
}

/* The peer's end waits while the user has paused; an error does not, and then
 * there is nothing left to wait for. */
static void test_error_while_paused(tlstream_version version,
                                    tlstream_role role) {
  watch all = {.self.config = {.half_open = true, .idle_ms = IDLE_MS},
               .pauses = true};
  watch_open(&all, version, role);
  wire_peer_write(&all.peer, 1000);
  wire_peer_close_notify(&all.peer);
  start(&all);
  watch_close(&all);
  CHECK_INT(all.self.got, 1000);
  CHECK_INT(all.self.order.count[CAME_END], 0);
  CHECK_ERROR(all.self.error.code, TLSTREAM_ERR_IDLE_TIMEOUT);
  CHECK_INT(all.closed_after, IDLE_MS);
}

TEST(an_error_does_not_wait_for_a_paused_reader) {
  each_side(test_error_while_paused);
}

/* The process was stopped for longer than the handshake may take, and all that
 * the peer had sent by then is waiting: the peer is not to blame. */
static void test_stall(tlstream_version version, tlstream_role role) {
  watch all = {.peer.silent = true};
  watch_open(&all, version, role);
  wire_peer_speak(&all.peer);
  virtual_clock_advance(HANDSHAKE_MS + 300);
  stage_settle(&all.stage);
  CHECK_ERROR(all.self.error.code, 0);
  CHECK_INT(all.self.order.count[CAME_SECURE], 1);
  tlstream_destroy(all.self.stream);
  watch_close(&all);
}

TEST(a_process_that_was_stopped_does_not_blame_its_peer) {
  each_side(test_stall);
}
