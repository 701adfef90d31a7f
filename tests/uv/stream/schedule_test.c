/* SPDX-License-Identifier: MIT */
/*
 * Connections with random schedules: a seed decides how much each side sends in
 * which pieces, when it pauses, which side ends first, and how the network cuts
 * and merges the bytes. Everything arrives, byte for byte, in order and once
 * (G4, G6, G7, G8, H9). A failing seed is printed; SEED=n runs that one alone.
 */
#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>
#include <tlstream/stream_verify.h>

#include "support/test.h"
#include "support/uv/seeds.h"
#include "support/uv/stage.h"
#include "uv/stream/state.h"

enum { CONVERSATIONS = 250, ECHOES = 60, CHAINS = 40, TURNS_MAX = 200000 };

typedef struct talk talk;

/* One side of a conversation. */
typedef struct talker {
  actor self;
  talk *talk;
  size_t to_say;
  size_t to_hear;
  size_t most;  /* at once */
  bool patient; /* waits for on_drain when a write returned 1 */
  bool waits;
  bool hears_out; /* does not end before it has heard everything */
  bool judged;    /* has said that it accepts its peer */
  bool ended;
  size_t longest; /* write, so far */
} talker;

struct talk {
  stage stage;
  talker sides[2];
  uint64_t seed;
};

static size_t draw(talk *all, size_t below) {
  return sim_draw(all->stage.net, below);
}

/* Often small, sometimes large, and zero too. */
static size_t draw_len(talk *all, size_t most) {
  size_t below = draw(all, 3) == 0 ? most : most / 50 + 2;
  return draw(all, below + 1);
}

/* G6: a writer that waits for on_drain never has more queued than the mark and
 * one write. */
static void check_queue(const talker *side) {
  if (side->self.stream == NULL || !side->patient) return;
  CHECK_LE(tlstream_write_queue_size(side->self.stream),
           side->self.high_water + side->longest);
}

static void say_something(talker *side) {
  size_t left = side->to_say - side->self.written;
  size_t len = draw_len(side->talk, side->most);
  if (side->self.stream == NULL || side->ended || side->waits) return;
  if (left == 0) return;
  if (len > left) len = left;
  if (len > side->longest) side->longest = len;
  int status = draw(side->talk, 2) == 0 ? actor_write(&side->self, len)
                                        : actor_write_owned(&side->self, len);
  CHECK_GE(status, 0);
  side->waits = status == 1 && side->patient;
  check_queue(side);
}

static void end_when_done(talker *side) {
  bool heard = !side->hears_out || side->self.got == side->to_hear;
  if (side->self.stream == NULL || side->ended || !heard) return;
  if (side->self.written < side->to_say) return;
  /* An end without a word gives a handshake up. */
  if (side->self.written == 0 && side->self.order.count[CAME_SECURE] == 0)
    return;
  side->ended = true;
  tlstream_end(side->self.stream);
}

static void act(actor *self, callback_kind kind) {
  talker *side = self->data;
  if (kind == CAME_DRAIN) side->waits = false;
  if (kind == CAME_CLOSE || kind == CAME_ERROR) return;
  if (draw(side->talk, 4) == 0) say_something(side);
  if (draw(side->talk, 10) == 0) actor_pause(self);
}

/* It was asked whether it accepts its peer, some time ago. */
static void judge(talker *side) {
  if (side->self.order.count[CAME_VERIFY] == 0 || side->judged) return;
  CHECK_INT(side->self.order.count[CAME_SECURE], 0);
  if (draw(side->talk, 3) != 0) return;
  side->judged = true;
  CHECK_INT(tlstream_verify_accept(side->self.stream), 0);
}

/* Between two turns of the loop. */
static void do_something(talker *side) {
  if (side->self.stream == NULL) return;
  judge(side);
  switch (draw(side->talk, 8)) {
    case 0: actor_pause(&side->self); break;
    case 1:
    case 2:
    case 3: actor_resume(&side->self); break;
    default: say_something(side); break;
  }
  end_when_done(side);
}

static tlstream_version version_of(uint64_t seed) {
  return seed % 2 == 0 ? TLSTREAM_TLS_1_2 : TLSTREAM_TLS_1_3;
}

static sim_weather draw_weather(uint64_t seed) {
  sim_weather weather = {.seed = seed, .any_handle = seed % 2 == 0};
  static const size_t pieces[] = {0, 1, 7, 100, 1400, 20000};
  weather.max_piece = pieces[seed % 6];
  weather.capacity = seed % 5 == 0 ? 0 : 1 + (seed * 7919) % 70000;
  weather.keep = (unsigned)(seed % 3) * 30;
  weather.linger = (unsigned)(seed % 4) * 20;
  return weather;
}

/* Bytes that come one by one take a turn each. */
static size_t draw_amount(talk *all, const sim_weather *weather) {
  size_t most =
      weather->max_piece != 0 && weather->max_piece < 100 ? 2000 : 150000;
  return draw(all, 5) == 0 ? 0 : draw(all, most);
}

static void open_side(talk *all, int i, const sim_weather *weather) {
  talker *side = &all->sides[i];
  side->talk = all;
  side->to_say = draw_amount(all, weather);
  side->most = draw(all, 2) == 0 ? 65537 : 300;
  side->patient = draw(all, 2) == 0;
  side->self.data = side;
  side->self.act = act;
  side->self.high_water = 1 + draw(all, 100000);
}

/* Where one end ends both, the side that ends last must wait until it has read
 * all; with half-open streams, neither has to. */
static void agree_on_the_end(talk *all) {
  bool half_open = draw(all, 2) == 0;
  for (int i = 0; i < 2; i++) {
    all->sides[i].self.config.half_open = half_open;
    all->sides[i].self.config.version = version_of(all->seed);
    all->sides[i].to_hear = all->sides[1 - i].to_say;
    all->sides[i].hears_out = !half_open;
  }
}

static bool is_over(const talk *all) {
  return all->sides[0].self.stream == NULL && all->sides[1].self.stream == NULL;
}

static void run(talk *all) {
  int turn = 0;
  while (!is_over(all) && ++turn < TURNS_MAX) {
    do_something(&all->sides[draw(all, 2)]);
    uv_run(all->stage.loop, UV_RUN_NOWAIT);
    check_queue(&all->sides[0]);
    check_queue(&all->sides[1]);
  }
  CHECK_LT(turn, TURNS_MAX);
  actor_destroy(&all->sides[0].self);
  actor_destroy(&all->sides[1].self);
  stage_run(&all->stage);
}

/* Some ask about each other first. */
static void agree_on_asking(talk *all) {
  bool asks = all->seed % 5 == 0;
  for (int i = 0; i < 2; i++) {
    actor *self = &all->sides[i].self;
    self->config.mutual = self->judges = self->waits = asks;
  }
}

static void converse(uint64_t seed) {
  talk all = {.seed = seed};
  sim_weather weather = draw_weather(seed);
  stage_open(&all.stage, &weather);
  open_side(&all, 0, &weather);
  open_side(&all, 1, &weather);
  agree_on_the_end(&all);
  agree_on_asking(&all);
  stage_join(&all.stage, &all.sides[0].self, &all.sides[1].self);
  run(&all);
  for (int i = 0; i < 2; i++) {
    const actor *self = &all.sides[i].self;
    CHECK_INT(self->got, all.sides[i].to_hear);
    CHECK_INT(self->order.count[CAME_END], 1);
    CHECK_INT(self->order.count[CAME_VERIFY], self->judges);
    CHECK_INT(self->ending, TLSTREAM_ENDING_CLEAN);
    actor_done(self);
  }
  stage_close(&all.stage);
}

TEST(everything_arrives_both_ways) {
  each_seed(CONVERSATIONS, converse);
}

/* The other side is piped to itself, and ends when we have ended. */
static void listen_to_an_echo(uint64_t seed) {
  talk all = {.seed = seed};
  sim_weather weather = draw_weather(seed);
  actor echo = {.name = "echo"};
  stage_open(&all.stage, &weather);
  open_side(&all, 0, &weather);
  all.sides[0].to_hear = all.sides[0].to_say;
  all.sides[0].hears_out = draw(&all, 2) == 0;
  all.sides[0].self.config =
      (config){.version = version_of(seed), .half_open = true};
  echo.config.version = version_of(seed);
  echo.high_water = 1 + draw(&all, 100000);
  stage_join(&all.stage, &all.sides[0].self, &echo);
  CHECK_ERROR(tlstream_pipe(echo.stream, echo.stream), 0);
  run(&all);
  CHECK_INT(all.sides[0].self.got, all.sides[0].to_say);
  CHECK_INT(all.sides[0].self.ending, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(echo.ending, TLSTREAM_ENDING_CLEAN);
  actor_done(&all.sides[0].self);
  actor_done(&echo);
  stage_close(&all.stage);
}

TEST(an_echo_sends_the_same) {
  each_seed(ECHOES, listen_to_an_echo);
}

/* A client and a server, and two proxies between them. */
static void talk_through_proxies(uint64_t seed) {
  talk all = {.seed = seed};
  sim_weather weather = draw_weather(seed);
  actor between[4] = {
      {.name = "1"}, {.name = "2"}, {.name = "3"}, {.name = "4"}};
  stage_open(&all.stage, &weather);
  open_side(&all, 0, &weather);
  open_side(&all, 1, &weather);
  agree_on_the_end(&all);
  for (int i = 0; i < 4; i++) {
    between[i].config.half_open = true;
    between[i].config.version = all.sides[0].self.config.version;
    between[i].high_water = 1 + draw(&all, 50000);
  }
  stage_join(&all.stage, &all.sides[0].self, &between[0]);
  stage_join(&all.stage, &between[1], &between[2]);
  stage_join(&all.stage, &between[3], &all.sides[1].self);
  for (int i = 0; i < 4; i++) {
    CHECK_ERROR(tlstream_pipe(between[i].stream, between[i ^ 1].stream), 0);
  }
  run(&all);
  for (int i = 0; i < 2; i++) {
    CHECK_INT(all.sides[i].self.got, all.sides[i].to_hear);
    CHECK_INT(all.sides[i].self.ending, TLSTREAM_ENDING_CLEAN);
    actor_done(&all.sides[i].self);
  }
  for (int i = 0; i < 4; i++) {
    CHECK_INT(between[i].ending, TLSTREAM_ENDING_CLEAN);
    actor_done(&between[i]);
  }
  stage_close(&all.stage);
}

TEST(proxies_change_nothing) {
  each_seed(CHAINS, talk_through_proxies);
}
