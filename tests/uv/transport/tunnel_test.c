/* SPDX-License-Identifier: MIT */
/*
 * TLS inside of TLS: what happens to the outer stream crosses to the inner one
 * and the other way round, as it would with TCP underneath, in every state
 * (E6).
 */
#include <stdio.h>

#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>

#include "support/test.h"
#include "support/torture.h"
#include "support/uv/nest.h"

static void check_endings(const actor both[2], tlstream_ending ending) {
  CHECK_INT(both[TLSTREAM_ROLE_CLIENT].ending, ending);
  CHECK_INT(both[TLSTREAM_ROLE_SERVER].ending, ending);
}

enum { SOME = 200000 };

static void say_some(actor *self, callback_kind kind) {
  if (kind == CAME_SECURE) CHECK_GE(actor_write(self, SOME), 0);
}

static void each_version(tlstream_version version, tlstream_role role) {
  nest at = {.inner = {{.act = say_some}, {.act = say_some}}};
  at.inner[0].config.version = at.inner[1].config.version = version;
  /* the older version inside of the newer one, and the other way round */
  for (int each = 0; each < 2; each++) {
    at.outer[each].config.version =
        version == TLSTREAM_TLS_1_2 ? TLSTREAM_TLS_1_3 : TLSTREAM_TLS_1_2;
  }
  nest_open(&at, NULL);
  stage_settle(&at.here);
  CHECK_INT(at.inner[0].got, SOME);
  CHECK_INT(at.inner[1].got, SOME);
  tlstream_end(at.inner[role].stream);
  nest_finish(&at);
  check_endings(at.inner, TLSTREAM_ENDING_CLEAN);
  check_endings(at.outer, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(at.inner[other_role(role)].order.count[CAME_END], 1);
}

TEST(bytes_go_both_ways_and_both_streams_end) {
  each_side(each_version);
}

static void say_and_end(actor *self, callback_kind kind) {
  if (kind != CAME_SECURE) return;
  (void)actor_write(self, SOME); /* unless memory is out */
  tlstream_end(self->stream);
}

static void in_weather(uint64_t seed) {
  const sim_weather weather = {.seed = seed,
                               .max_piece = seed % 3 == 0 ? 50 : 3000,
                               .capacity = seed % 2 == 0 ? 5000 : 0,
                               .keep = 30,
                               .linger = 20,
                               .any_handle = true};
  nest at = {.inner = {{.act = say_and_end}, {.act = say_and_end}}};
  nest_open(&at, &weather);
  nest_finish(&at);
  IN_CASE("seed %llu", (unsigned long long)seed);
  CHECK_INT(at.inner[0].got, SOME);
  CHECK_INT(at.inner[1].got, SOME);
  check_endings(at.inner, TLSTREAM_ENDING_CLEAN);
  check_endings(at.outer, TLSTREAM_ENDING_CLEAN);
}

TEST(every_byte_arrives_in_any_weather) {
  for (uint64_t seed = 1; seed <= 30; seed++)
    in_weather(seed);
}

/* A reader that is behind slows the writer down, through all the queues. */

enum { HIGH_WATER = 64 * 1024, MUCH = 8 * 1024 * 1024, QUEUES = 1024 * 1024 };

static void fill(actor *self) {
  while (self->written < MUCH && actor_write(self, 50000) == 0)
    continue;
}

static void keep_filling(actor *self, callback_kind kind) {
  if (kind == CAME_SECURE || kind == CAME_DRAIN) fill(self);
}

TEST(a_slow_reader_slows_the_writer_down) {
  const sim_weather narrow = {.seed = 1, .capacity = 10000};
  nest at = {.inner = {{.act = keep_filling, .high_water = HIGH_WATER}, {0}}};
  nest_open(&at, &narrow);
  actor_pause(&at.inner[TLSTREAM_ROLE_SERVER]);
  stage_settle(&at.here);
  CHECK_GT(at.inner[TLSTREAM_ROLE_CLIENT].written, 0);
  CHECK_LT(at.inner[TLSTREAM_ROLE_CLIENT].written, QUEUES);
  CHECK_INT(at.inner[TLSTREAM_ROLE_SERVER].got, 0);
  actor_resume(&at.inner[TLSTREAM_ROLE_SERVER]);
  stage_settle(&at.here);
  CHECK_INT(at.inner[TLSTREAM_ROLE_SERVER].got,
            at.inner[TLSTREAM_ROLE_CLIENT].written);
  CHECK_GE(at.inner[TLSTREAM_ROLE_CLIENT].written, MUCH);
  tlstream_end(at.inner[TLSTREAM_ROLE_CLIENT].stream);
  nest_finish(&at);
  check_endings(at.inner, TLSTREAM_ENDING_CLEAN);
}

static void pause_at_once(actor *self, callback_kind kind) {
  if (kind == CAME_SECURE || kind == CAME_DATA) actor_pause(self);
}

/* After our end as well: it takes its time, but it takes. */
TEST(a_slow_reader_gets_all) {
  const sim_weather narrow = {.capacity = 20000};
  nest at = {.inner = {{.act = say_and_end}, {.act = pause_at_once}}};
  actor *reader = &at.inner[TLSTREAM_ROLE_SERVER];
  nest_open(&at, &narrow);
  for (int i = 0; i < 100 && reader->order.count[CAME_CLOSE] == 0; i++) {
    stage_wait(&at.here, 1000);
    if (reader->stream != NULL) actor_resume(reader);
  }
  nest_finish(&at);
  CHECK_INT(reader->got, SOME);
  check_endings(at.inner, TLSTREAM_ENDING_CLEAN);
}

/* H10: two echoes throw a ball for ever, through all the queues. */
TEST(two_echoes_do_not_grow_the_stack) {
  nest at = {0};
  nest_open(&at, NULL);
  for (int role = 0; role < 2; role++) {
    tlstream *stream = at.inner[role].stream;
    CHECK_ERROR(tlstream_pipe(stream, stream), 0);
  }
  CHECK_ERROR(actor_write(&at.inner[TLSTREAM_ROLE_CLIENT], 10), 0);
  while (tlstream_bytes_read(at.inner[TLSTREAM_ROLE_SERVER].stream) < 100000)
    uv_run(at.here.loop, UV_RUN_NOWAIT);
  actor_destroy(&at.inner[TLSTREAM_ROLE_CLIENT]);
  nest_finish(&at);
}

/* Nearly the half-closed deadline. */
enum { A_WHILE_MS = 59000 };

/* One direction ends, the other goes on for as long as the peer sends something
 * now and then. */
TEST(the_ends_of_the_directions_are_apart) {
  nest at = {0};
  at.inner[0].config.half_open = at.inner[1].config.half_open = true;
  nest_open(&at, NULL);
  stage_settle(&at.here);
  tlstream_end(at.inner[TLSTREAM_ROLE_CLIENT].stream);
  stage_wait(&at.here, A_WHILE_MS);
  CHECK_INT(at.inner[TLSTREAM_ROLE_SERVER].order.count[CAME_END], 1);
  CHECK(at.outer[TLSTREAM_ROLE_CLIENT].end->fin_sent);
  CHECK(!at.outer[TLSTREAM_ROLE_SERVER].end->fin_sent);
  CHECK_GE(actor_write(&at.inner[TLSTREAM_ROLE_SERVER], SOME), 0);
  stage_wait(&at.here, A_WHILE_MS);
  CHECK_INT(at.inner[TLSTREAM_ROLE_CLIENT].got, SOME);
  CHECK_INT(at.inner[TLSTREAM_ROLE_CLIENT].order.count[CAME_CLOSE], 0);
  tlstream_end(at.inner[TLSTREAM_ROLE_SERVER].stream);
  nest_finish(&at);
  check_endings(at.inner, TLSTREAM_ENDING_CLEAN);
  check_endings(at.outer, TLSTREAM_ENDING_CLEAN);
}

/* Cut the wire at one byte after another: the inner client has got a beginning
 * of the data, and takes it for the whole only if it is. */

static bool cut_at(size_t byte, int status) {
  nest at = {.inner = {{0}, {.act = say_and_end}}};
  nest_open_outer(&at, NULL);
  actor *client = &at.inner[TLSTREAM_ROLE_CLIENT];
  sim_faults *faults = &at.outer[TLSTREAM_ROLE_CLIENT].end->faults;
  faults->cut_after = at.outer[TLSTREAM_ROLE_CLIENT].end->arrived + byte;
  faults->cut_status = status;
  for (tlstream_role role = 0; role < 2; role++)
    nest_inside(&at.outer[role], &at.inner[role], role);
  nest_finish(&at);
  CHECK_INT(client->order.count[CAME_END], client->ending == 0);
  if (client->ending == TLSTREAM_ENDING_CLEAN) {
    CHECK_INT(client->got, SOME);
    return false;
  }
  CHECK_INT(client->ending, TLSTREAM_ENDING_FAILED);
  return true;
}

TEST(a_cut_wire_truncates_the_inner_stream) {
  size_t byte = 1;
  while (cut_at(byte, UV_EOF))
    byte += byte < 3000 ? 61 : 4099;
  CHECK_GT(byte, SOME);
  for (byte = 1; cut_at(byte, UV_ECONNRESET);)
    byte += byte < 3000 ? 97 : 8209;
  CHECK_GT(byte, SOME);
}

TEST(what_was_cut_is_reported_as_truncated) {
  nest at = {0};
  nest_open(&at, NULL);
  stage_settle(&at.here);
  CHECK_GE(actor_write(&at.inner[TLSTREAM_ROLE_SERVER], 1000), 0);
  stage_settle(&at.here);
  sim_fin(at.outer[TLSTREAM_ROLE_SERVER].end);
  at.outer[TLSTREAM_ROLE_SERVER].end->faults.stalled = true;
  stage_settle(&at.here);
  CHECK_INT(at.inner[TLSTREAM_ROLE_CLIENT].got, 1000);
  CHECK_ERROR(at.inner[TLSTREAM_ROLE_CLIENT].error.code,
              TLSTREAM_ERR_TRUNCATED);
  actor_destroy(&at.inner[TLSTREAM_ROLE_SERVER]);
  nest_finish(&at);
}

/* H7: memory is out for a moment, at any time: a stream with on_end has got all
 * data, and every stream ends. True while there was an allocation to fail. */
static bool run_without_memory(size_t nth) {
  nest at = {.inner = {{.act = say_and_end}, {.act = say_and_end}}};
  tlstream_error error;
  nest_open_outer(&at, NULL);
  torture_arm(TORTURE_LIBRARY, TORTURE_ONCE, nth);
  for (tlstream_role role = 0; role < 2; role++) {
    actor *outer = &at.outer[role];
    actor *self = &at.inner[role];
    tlstream *stream = nest_try(outer, self, role, &error);
    outer->carries = stream != NULL;
    self->name = stream != NULL ? "inner" : NULL;
    if (stream != NULL) {
      actor_watch(self, role, stream);
    } else {
      actor_destroy(outer);
    }
  }
  nest_finish(&at);
  bool struck = torture_disarm();
  for (int role = 0; role < 2; role++) {
    if (at.inner[role].order.count[CAME_END] == 0) continue;
    CHECK_INT(at.inner[role].got, at.inner[1 - role].written);
  }
  if (!struck) check_endings(at.inner, TLSTREAM_ENDING_CLEAN);
  return struck;
}

TEST(a_lack_of_memory_makes_no_part_a_whole) {
  size_t nth = 1;
  torture_install();
  while (run_without_memory(nth))
    nth++;
  CHECK_GT(nth, 10);
}

/* The server inside is played by hand, so that it need not be polite. */

TEST(a_close_notify_outside_is_none_inside) {
  nest at = {0};
  puppet server = {0};
  nest_open_puppet(&at, &server);
  CHECK_INT(at.inner[0].order.count[CAME_SECURE], 1);
  tlstream_end(server.outer->stream);
  nest_finish_puppet(&at, &server);
  CHECK_ERROR(at.inner[0].error.code, TLSTREAM_ERR_TRUNCATED);
  CHECK_INT(at.inner[0].order.count[CAME_END], 0);
}

TEST(a_close_notify_inside_is_none_outside) {
  nest at = {.inner = {{.config.half_open = true}, {0}}};
  puppet server = {0};
  nest_open_puppet(&at, &server);
  CHECK_ERROR(tlstream_pair_end(server.pair), 0);
  puppet_flush(&server);
  stage_settle(&at.here);
  CHECK_INT(at.inner[0].order.count[CAME_END], 1);
  CHECK(!at.outer[TLSTREAM_ROLE_SERVER].end->fin_sent);
  CHECK(!at.outer[TLSTREAM_ROLE_CLIENT].end->fin_sent);
  CHECK_GE(actor_write(&at.inner[0], SOME), 0);
  tlstream_end(at.inner[0].stream);
  nest_finish_puppet(&at, &server);
  CHECK_INT(at.inner[0].ending, TLSTREAM_ENDING_CLEAN);
  check_endings(at.outer, TLSTREAM_ENDING_CLEAN);
}

TEST(a_failure_outside_is_reported_inside) {
  nest at = {0};
  puppet server = {0};
  nest_open_puppet(&at, &server);
  sim_end *end = at.outer[TLSTREAM_ROLE_CLIENT].end;
  end->faults.cut_after = end->arrived + 1;
  end->faults.cut_status = UV_ECONNRESET;
  CHECK_INT(tlstream_pair_write(server.pair, "x", 1), 1);
  puppet_flush(&server);
  nest_finish_puppet(&at, &server);
  CHECK_STR(at.inner[0].error.name, "ECONNRESET");
  CHECK_HAS(at.inner[0].error.message, "the stream underneath: ");
}
