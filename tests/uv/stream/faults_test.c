/* SPDX-License-Identifier: MIT */
/*
 * Whatever call of the transport fails and wherever the wire is cut: each side
 * hears of it once, closes, and never takes a part for the whole (G1, G3, G7,
 * H4, H5, H9). A failing seed is printed; SEED=n runs that one alone.
 */
#include <tlstream/pair_ending.h>

#include "support/test.h"
#include "support/uv/seeds.h"
#include "support/uv/stage.h"

enum { WRITTEN = 3000, STRIDE = 17, STORMS = 800 };

static const int statuses[] = {UV_ECONNRESET, UV_EPIPE, UV_ETIMEDOUT,
                               UV_ENOBUFS};

enum { STATUSES = sizeof(statuses) / sizeof(statuses[0]) };

/* Two sides send the same amount to each other and end; the first has a
 * fault. */
typedef struct pairing {
  stage stage;
  actor self;
  actor peer;
} pairing;

static void speak(actor *self, callback_kind kind) {
  if (kind != CAME_SECURE) return;
  CHECK_GE(actor_write_owned(self, WRITTEN / 2), 0);
  CHECK_GE(actor_write(self, WRITTEN - WRITTEN / 2), 0);
  tlstream_end(self->stream);
}

static void pairing_open(pairing *both, tlstream_version version,
                         tlstream_role role, const sim_weather *weather) {
  stage_open(&both->stage, weather);
  both->self = (actor){.name = "self", .act = speak};
  both->peer = (actor){.name = "peer", .act = speak};
  both->self.config.version = both->peer.config.version = version;
  if (role == TLSTREAM_ROLE_CLIENT) {
    stage_join(&both->stage, &both->self, &both->peer);
  } else {
    stage_join(&both->stage, &both->peer, &both->self);
  }
}

/* The same to the byte, each time. */
static void pairing_open_again(pairing *both, tlstream_version version,
                               tlstream_role role) {
  same_random(1);
  pairing_open(both, version, role, NULL);
}

/* What an ending promises, whatever led to it. */
static void check_ending(const actor *self, const actor *other) {
  bool ended = self->order.count[CAME_END] > 0;
  CHECK_LE(self->got, other->written);
  if (ended) CHECK_INT(self->got, WRITTEN);
  if (self->ending == TLSTREAM_ENDING_CLEAN) CHECK(ended);
  CHECK_NE(self->ending, TLSTREAM_ENDING_DESTROYED);
}

/* The test does nothing more: both sides end by themselves. */
static void pairing_close(pairing *both) {
  stage_run(&both->stage);
  check_ending(&both->self, &both->peer);
  check_ending(&both->peer, &both->self);
  actor_done(&both->self);
  actor_done(&both->peer);
  stage_close(&both->stage);
}

static void is_all_well(const pairing *both) {
  CHECK_INT(both->self.ending, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(both->peer.ending, TLSTREAM_ENDING_CLEAN);
}

/* The side that saw the fault reports it, or the peer's alert about it. */
static void check_name(const actor *self, int status) {
  if (self->ending != TLSTREAM_ENDING_FAILED) return;
  if (strcmp(self->error.name, "ERR_TLSTREAM_ALERT") == 0) return;
  CHECK_STR(self->error.name, uv_err_name(status));
}

/* False when there were fewer writes than that. */
static bool fail_write(unsigned nth, int status, bool late,
                       tlstream_version version, tlstream_role role) {
  pairing both = {0};
  pairing_open_again(&both, version, role);
  both.self.end->faults = (sim_faults){
      .fail_write = nth, .write_status = status, .write_is_kept = late};
  stage_run(&both.stage);
  bool happened = both.self.end->writes >= nth;
  if (!happened) is_all_well(&both);
  if (happened) check_name(&both.self, status);
  /* A lost close_notify is no lost data; everything else is. */
  if (happened)
    CHECK(both.self.ending != TLSTREAM_ENDING_CLEAN ||
          both.peer.got == WRITTEN);
  pairing_close(&both);
  return happened;
}

static void test_writes(tlstream_version version, tlstream_role role) {
  for (int i = 0; i < STATUSES * 2; i++) {
    unsigned nth = 1;
    while (fail_write(nth, statuses[i / 2], i % 2 == 0, version, role))
      nth++;
    CHECK_GT(nth, 2);
  }
}

TEST(every_write_can_fail) {
  make_what_stays();
  each_side(test_writes);
}

static bool fail_read_start(unsigned nth, int status, tlstream_version version,
                            tlstream_role role) {
  pairing both = {0};
  pairing_open_again(&both, version, role);
  both.self.end->faults =
      (sim_faults){.fail_read_start = nth, .read_start_status = status};
  stage_run(&both.stage);
  bool happened = both.self.end->read_starts >= nth;
  if (!happened) is_all_well(&both);
  if (happened) CHECK_STR(both.self.error.name, uv_err_name(status));
  pairing_close(&both);
  return happened;
}

static void test_read_starts(tlstream_version version, tlstream_role role) {
  for (int i = 0; i < STATUSES; i++) {
    unsigned nth = 1;
    while (fail_read_start(nth, statuses[i], version, role))
      nth++;
    CHECK_GT(nth, 1);
  }
}

TEST(every_start_of_reading_can_fail) {
  make_what_stays();
  each_side(test_read_starts);
}

/* The input ends before byte `at`. Returns false when there were fewer; `got`
 * receives how much was heard, which never is less than what was heard when it
 * was cut earlier. */
static bool cut(size_t at, int status, tlstream_version version,
                tlstream_role role, size_t *got) {
  pairing both = {0};
  pairing_open_again(&both, version, role);
  both.self.end->faults = (sim_faults){.cut_after = at, .cut_status = status};
  stage_run(&both.stage);
  bool happened = both.self.end->arrived < both.peer.end->sent;
  CHECK_GE(both.self.got, *got);
  *got = both.self.got;
  if (!happened) is_all_well(&both);
  if (happened) CHECK_NE(both.self.ending, TLSTREAM_ENDING_CLEAN);
  if (happened && status != UV_EOF) check_name(&both.self, status);
  pairing_close(&both);
  return happened;
}

static void test_cuts(tlstream_version version, tlstream_role role) {
  static const int ways[] = {UV_EOF, UV_ECONNRESET, UV_ETIMEDOUT};
  for (size_t i = 0; i < 3; i++) {
    size_t got = 0;
    size_t at = 1 + i * (STRIDE / 3);
    while (cut(at, ways[i], version, role, &got))
      at += STRIDE;
    CHECK_GT(at, WRITTEN);
    CHECK_INT(got, WRITTEN);
  }
}

TEST(the_wire_can_be_cut_anywhere) {
  make_what_stays();
  each_side(test_cuts);
}

/* All of it at random, on both sides at once, in any weather. */
static sim_faults draw_faults(sim_net *net) {
  sim_faults faults = {0};
  faults.write_status = statuses[sim_draw(net, STATUSES)];
  faults.read_start_status = statuses[sim_draw(net, STATUSES)];
  faults.cut_status = sim_chance(net, 50) ? UV_EOF : UV_ECONNRESET;
  faults.write_is_kept = sim_chance(net, 50);
  if (sim_chance(net, 40)) faults.fail_write = 1 + (unsigned)sim_draw(net, 12);
  if (sim_chance(net, 20)) {
    faults.fail_read_start = 1 + (unsigned)sim_draw(net, 6);
  }
  if (sim_chance(net, 40)) faults.cut_after = 1 + sim_draw(net, 8000);
  return faults;
}

static void weather_a_storm(uint64_t seed) {
  pairing both = {0};
  sim_weather weather = {.seed = seed,
                         .max_piece = seed % 3 == 0 ? 5 : 2000,
                         .capacity = 200 + seed * 31 % 3000,
                         .keep = 30,
                         .linger = (unsigned)(seed % 4) * 20,
                         .any_handle = seed % 2 == 0};
  pairing_open(&both, seed % 2 == 0 ? TLSTREAM_TLS_1_2 : TLSTREAM_TLS_1_3,
               seed / 2 % 2 == 0 ? TLSTREAM_ROLE_CLIENT : TLSTREAM_ROLE_SERVER,
               &weather);
  both.self.end->faults = draw_faults(both.stage.net);
  both.peer.end->faults = draw_faults(both.stage.net);
  pairing_close(&both);
}

TEST(a_storm_ends_every_connection_once) {
  each_seed(STORMS, weather_a_storm);
}
