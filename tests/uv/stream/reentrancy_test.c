/* SPDX-License-Identifier: MIT */
/*
 * Every call in every callback, for both roles and both versions, with and
 * without faults: nothing crashes, no event comes twice or too late, and every
 * stream is closed in the end (G9, H1, H6). The matrix is made from two lists:
 * a new callback or call is one more line.
 */
#include <stdlib.h>

#include <tlstream/memory.h>
#include <tlstream/pair_ending.h>
#include <tlstream/pair_hello.h>
#include <tlstream/stream_hello.h>
#include <tlstream/stream_info.h>
#include <tlstream/stream_psk.h>
#include <tlstream/stream_verify.h>

#include "support/psk_key.h"
#include "support/test.h"
#include "support/uv/seeds.h"
#include "support/uv/stage.h"
#include "uv/stream/state.h"

/* Those of callback_kind, and one more. Elsewhere: session_lookup_test.c. */
enum { IN_RELEASE = CALLBACK_KINDS, PLACES, ELSEWHERE = 2 };
_Static_assert(offsetof(tlstream_events, reserved) ==
                   (CALLBACK_KINDS + ELSEWHERE) * sizeof(void (*)(void)),
               "a callback has been added: add it to callback_kind, to actor.c "
               "and to this matrix");

enum { HIGH_WATER = 1000, WRITTEN = 4000, HEARD = 5000, TIME_LIMIT_MS = 60000 };

typedef struct matrix {
  stage stage;
  actor self;
  actor peer;
  actor third; /* a stream to be piped with, and its peer */
  actor fourth;
  actor fifth; /* it comes while the others are running */
  actor sixth;
  int place;
  int action;
  bool breaks; /* the connection is reset, so that there is an error */
  bool done;
  tlstream *kept;
} matrix;

static void do_write(matrix *all) {
  actor_write(&all->self, 100);
}

static void do_write_much(matrix *all) {
  actor_write(&all->self, 100000);
}

static void do_write_nothing(matrix *all) {
  actor_write(&all->self, 0);
}

static void do_write_owned(matrix *all) {
  actor_write_owned(&all->self, 100);
  actor_write_owned(&all->self, 0);
}

static void do_end(matrix *all) {
  tlstream_end(all->self.stream);
}

static void do_destroy(matrix *all) {
  actor_destroy(&all->self);
}

static void do_end_and_destroy(matrix *all) {
  tlstream_end(all->self.stream);
  actor_destroy(&all->self);
  tlstream_end(all->self.stream);
  actor_write(&all->self, 1);
}

static void do_write_and_destroy(matrix *all) {
  actor_write(&all->self, 50000);
  actor_write_owned(&all->self, 50000);
  actor_destroy(&all->self);
}

static void do_pause(matrix *all) {
  actor_pause(&all->self);
}

static void do_resume(matrix *all) {
  actor_resume(&all->self);
}

static void do_pause_and_resume(matrix *all) {
  actor_pause(&all->self);
  actor_resume(&all->self);
  actor_pause(&all->self);
  actor_resume(&all->self);
}

static void do_pipe_to_itself(matrix *all) {
  (void)tlstream_pipe(all->self.stream, all->self.stream);
}

static void do_pipe_to_third(matrix *all) {
  if (all->third.stream == NULL) return;
  (void)tlstream_pipe(all->self.stream, all->third.stream);
}

static void do_pipe_from_third(matrix *all) {
  if (all->third.stream == NULL) return;
  (void)tlstream_pipe(all->third.stream, all->self.stream);
}

static void do_pipe_both_and_destroy(matrix *all) {
  do_pipe_to_third(all);
  do_pipe_from_third(all);
  actor_destroy(&all->third);
}

static void do_set_no_events(matrix *all) {
  tlstream_set_events(all->self.stream, NULL, NULL);
}

static void do_ref_and_unref(matrix *all) {
  tlstream_unref(tlstream_ref(all->self.stream));
}

static void do_destroy_the_peer(matrix *all) {
  actor_destroy(&all->peer);
}

static void do_break_the_wire(matrix *all) {
  sim_reset(all->self.end);
}

static void do_ask_everything(matrix *all) {
  tlstream *stream = all->self.stream;
  tlstream_address address;
  size_t len = 1;
  CHECK(tlstream_offered_protocols(stream, &len) == NULL && len == 0);
  tlstream_free(tlstream_json(stream));
  tlstream_certificate_unref(tlstream_peer_certificate(stream));
  tlstream_certificate_unref(tlstream_own_certificate(stream));
  (void)tlstream_remote_address(stream, &address);
  (void)tlstream_local_address(stream, &address);
  CHECK(tlstream_loop(stream) == all->stage.loop);
  CHECK(tlstream_data(stream) == &all->self);
  CHECK_INT(tlstream_bytes_read(stream), all->self.got);
}

static void do_want_flushed(matrix *all) {
  tlstream_request_flushed(all->self.stream);
  actor_write(&all->self, 100);
  tlstream_request_flushed(all->self.stream);
}

static void do_answer(matrix *all) {
  int code = tlstream_hello_accept(all->self.stream, NULL);
  bool may = all->place == CAME_HELLO;
  CHECK(code == 0
            ? may
            : code == TLSTREAM_ERR_WRONG_STATE || code == TLSTREAM_ERR_CLOSED);
}

static void do_refuse_the_name(matrix *all) {
  tlstream_hello_refuse(all->self.stream, TLSTREAM_HELLO_UNKNOWN_NAME);
}

static void do_refuse_the_protocols(matrix *all) {
  tlstream_hello_refuse(all->self.stream, TLSTREAM_HELLO_NO_PROTOCOL);
}

static void check_answer(const matrix *all, int place, int code) {
  bool late = code == TLSTREAM_ERR_WRONG_STATE || code == TLSTREAM_ERR_CLOSED;
  CHECK(code == 0 ? all->place == place : late);
}

static void do_accept_the_key(matrix *all) {
  const tlstream_bytes key = {psk_key, sizeof(psk_key) - 1};
  int code = tlstream_psk_accept(all->self.stream, key, TLSTREAM_PSK_SHA256);
  check_answer(all, CAME_PSK, code);
}

static void do_refuse_the_key(matrix *all) {
  check_answer(all, CAME_PSK, tlstream_psk_refuse(all->self.stream));
}

static void do_accept_the_peer(matrix *all) {
  check_answer(all, CAME_VERIFY, tlstream_verify_accept(all->self.stream));
}

static void do_refuse_the_peer(matrix *all) {
  int code =
      tlstream_verify_refuse(all->self.stream, TLSTREAM_VERIFY_REVOKED, "no");
  check_answer(all, CAME_VERIFY, code);
}

static void do_open_another(matrix *all) {
  stage_join(&all->stage, &all->fifth, &all->sixth);
}

static const struct {
  const char *name;
  void (*run)(matrix *all);
  bool needs_third;
} actions[] = {
    {"write", do_write, false},
    {"write much", do_write_much, false},
    {"write nothing", do_write_nothing, false},
    {"write owned", do_write_owned, false},
    {"end", do_end, false},
    {"destroy", do_destroy, false},
    {"end and destroy", do_end_and_destroy, false},
    {"write and destroy", do_write_and_destroy, false},
    {"pause", do_pause, false},
    {"resume", do_resume, false},
    {"pause and resume", do_pause_and_resume, false},
    {"pipe to itself", do_pipe_to_itself, false},
    {"pipe to another", do_pipe_to_third, true},
    {"pipe from another", do_pipe_from_third, true},
    {"pipe both ways and destroy", do_pipe_both_and_destroy, true},
    {"set no events", do_set_no_events, false},
    {"ref and unref", do_ref_and_unref, false},
    {"destroy the peer", do_destroy_the_peer, false},
    {"break the wire", do_break_the_wire, false},
    {"ask everything", do_ask_everything, false},
    {"want flushed", do_want_flushed, false},
    {"answer", do_answer, false},
    {"refuse the name", do_refuse_the_name, false},
    {"refuse the protocols", do_refuse_the_protocols, false},
    {"accept the key", do_accept_the_key, false},
    {"refuse the key", do_refuse_the_key, false},
    {"accept the peer", do_accept_the_peer, false},
    {"refuse the peer", do_refuse_the_peer, false},
    {"open another", do_open_another, false},
};

enum { ACTIONS = sizeof(actions) / sizeof(actions[0]) };

static void act_once(matrix *all, int place) {
  if (place != all->place || all->done) return;
  all->done = true;
  actions[all->action].run(all);
}

static void act(actor *self, callback_kind kind) {
  matrix *all = self->data;
  act_once(all, (int)kind);
}

static void act_on_release(actor *self) {
  act_once(self->data, IN_RELEASE);
}

static void act_as_peer(actor *self, callback_kind kind) {
  if (kind == CAME_SECURE) CHECK_GE(actor_write(self, HEARD), 0);
}

static void open_all(matrix *all, const sim_weather *weather,
                     tlstream_version version, tlstream_role role) {
  bool judges = all->place == CAME_VERIFY;
  config terms = {
      .version = version, .mutual = judges, .psk = all->place == CAME_PSK};
  all->self = (actor){.name = "self", .act = act, .released = act_on_release};
  all->self.high_water = HIGH_WATER;
  all->peer = (actor){.name = "peer", .act = act_as_peer};
  all->self.chooses = role == TLSTREAM_ROLE_SERVER;
  all->self.judges = judges;
  all->self.data = all->peer.data = all;
  all->self.any_data = all->peer.any_data = true; /* pipes mix the data */
  all->third.any_data = all->fourth.any_data = true;
  all->self.config = all->peer.config = all->third.config = all->fourth.config =
      terms;
  stage_open(&all->stage, weather);
  if (role == TLSTREAM_ROLE_CLIENT) {
    stage_join(&all->stage, &all->self, &all->peer);
  } else {
    stage_join(&all->stage, &all->peer, &all->self);
  }
  if (actions[all->action].needs_third) {
    stage_join(&all->stage, &all->third, &all->fourth);
  }
  all->kept = tlstream_ref(all->self.stream);
  CHECK_INT(actor_write_owned(&all->self, WRITTEN / 4), 1);
  CHECK_INT(actor_write(&all->self, WRITTEN - WRITTEN / 4), 1);
  tlstream_request_flushed(all->self.stream);
}

static void drop(actor *self) {
  actor_resume(self);
  actor_destroy(self);
}

static void check_closed(actor *self) {
  if (self->end != NULL) actor_done(self);
}

/* When all has been written. */
static void act_at_the_end(matrix *all) {
  if (all->breaks) {
    if (all->self.stream != NULL) sim_reset(all->self.end);
  } else if (all->peer.stream != NULL) {
    tlstream_end(all->peer.stream);
  }
}

static void close_all(matrix *all) {
  stage_settle(&all->stage);
  act_at_the_end(all);
  stage_wait(&all->stage, TIME_LIMIT_MS);
  if (all->kept->life != TLSTREAM__STREAM_CLOSED) tlstream_destroy(all->kept);
  drop(&all->peer);
  drop(&all->third);
  drop(&all->fourth);
  drop(&all->fifth);
  drop(&all->sixth);
  stage_run(&all->stage);
  CHECK_INT(all->kept->life, TLSTREAM__STREAM_CLOSED);
  tlstream_unref(all->kept);
  if (actions[all->action].run != do_set_no_events) actor_done(&all->self);
  check_closed(&all->peer);
  check_closed(&all->third);
  check_closed(&all->fourth);
  check_closed(&all->fifth);
  check_closed(&all->sixth);
  stage_close(&all->stage);
}

static bool comes(int place, bool breaks, tlstream_role role) {
  if (place == CAME_HELLO || place == CAME_PSK) {
    return role == TLSTREAM_ROLE_SERVER;
  }
  if (place == CAME_SESSION) return role == TLSTREAM_ROLE_CLIENT;
  return place == CAME_END ? !breaks : place == CAME_ERROR ? breaks : true;
}

static const char *place_name(int place) {
  return place == IN_RELEASE ? "a release" : callback_name(place);
}

static void play(int place, int action, bool breaks, const sim_weather *weather,
                 tlstream_version version, tlstream_role role) {
  IN_CASE("%s in %s%s%s, %s, %s", actions[action].name, place_name(place),
          breaks ? ", broken" : "", weather != NULL ? ", in bad weather" : "",
          role == TLSTREAM_ROLE_CLIENT ? "client" : "server",
          tlstream_version_name(version));
  matrix all = {.place = place, .action = action, .breaks = breaks};
  open_all(&all, weather, version, role);
  close_all(&all);
  CHECK(all.done);
}

static const sim_weather *bad_weather(int seed) {
  static sim_weather weather;
  weather = (sim_weather){.seed = (uint64_t)seed,
                          .max_piece = 700,
                          .capacity = 2000,
                          .keep = 40,
                          .linger = 30,
                          .any_handle = true};
  return &weather;
}

static void play_all(bool breaks, bool is_bad) {
  make_what_stays();
  for (int i = 0; i < PLACES * ACTIONS * 4; i++) {
    int place = i / 4 / ACTIONS;
    int action = i / 4 % ACTIONS;
    tlstream_role role =
        i / 2 % 2 == 0 ? TLSTREAM_ROLE_CLIENT : TLSTREAM_ROLE_SERVER;
    if (!comes(place, breaks, role)) continue;
    same_random((uint64_t)i);
    play(place, action, breaks, is_bad ? bad_weather(i) : NULL,
         i % 2 == 0 ? TLSTREAM_TLS_1_2 : TLSTREAM_TLS_1_3, role);
  }
}

TEST(every_call_is_legal_in_every_callback) {
  play_all(false, false);
}

TEST(also_when_the_connection_breaks) {
  play_all(true, false);
}

TEST(also_in_bad_weather) {
  play_all(false, true);
}

TEST(also_when_it_breaks_in_bad_weather) {
  play_all(true, true);
}

/*
 * And between the callbacks: at every turn of the loop there is, from before
 * the connection to the wait for it to close.
 */

static bool is_finished(const matrix *all) {
  return all->self.order.count[CAME_CLOSE] > 0 && all->peer.stream == NULL;
}

/* False when it was over before. */
static bool act_at_turn(int turn, int action, bool breaks, int seed,
                        tlstream_version version, tlstream_role role) {
  IN_CASE("%s at turn %d%s, seed %d", actions[action].name, turn,
          breaks ? ", broken" : "", seed);
  matrix all = {.place = PLACES, .action = action, .breaks = breaks};
  bool ended = false;
  open_all(&all, seed > 0 ? bad_weather(seed) : NULL, version, role);
  for (int i = 0; i < turn && !is_finished(&all); i++) {
    uv_run(all.stage.loop, UV_RUN_NOWAIT);
    if (!ended && all.self.got == HEARD && all.peer.got == WRITTEN) {
      ended = true;
      act_at_the_end(&all);
    }
  }
  bool early = !is_finished(&all);
  if (all.self.stream != NULL) actions[action].run(&all);
  close_all(&all);
  return early;
}

static void act_at_every_turn(void (*what)(matrix *all), bool breaks,
                              int seed) {
  int action = 0;
  while (actions[action].run != what)
    action++;
  for (int i = 0; i < 4; i++) {
    tlstream_version version = i / 2 == 0 ? TLSTREAM_TLS_1_2 : TLSTREAM_TLS_1_3;
    tlstream_role role =
        i % 2 == 0 ? TLSTREAM_ROLE_CLIENT : TLSTREAM_ROLE_SERVER;
    int step = seed > 0 ? 3 : 1;
    int turn = 0;
    while (act_at_turn(turn, action, breaks, seed, version, role))
      turn += step;
    CHECK_GT(turn, 3); /* it did not begin at the end */
  }
}

TEST(a_stream_can_be_destroyed_at_any_time) {
  act_at_every_turn(do_destroy, false, 0);
  act_at_every_turn(do_destroy, true, 0);
  act_at_every_turn(do_destroy, false, 5);
}

TEST(a_stream_can_be_ended_at_any_time) {
  act_at_every_turn(do_end, false, 0);
  act_at_every_turn(do_end, true, 0);
  act_at_every_turn(do_end, false, 6);
}

TEST(a_wire_can_break_at_any_time) {
  act_at_every_turn(do_break_the_wire, false, 0);
  act_at_every_turn(do_break_the_wire, false, 7);
}

/* Before there is a transport, and with a reference kept. */
TEST(a_stream_can_be_destroyed_before_the_connection) {
  stage here;
  actor self = {0};
  stage_open(&here, NULL);
  actor_make(&self, here.loop, TLSTREAM_ROLE_CLIENT);
  tlstream *kept = tlstream_ref(self.stream);
  CHECK_ERROR(actor_write_owned(&self, 100), 0);
  actor_destroy(&self);
  CHECK_INT(self.order.count[CAME_CLOSE], 0);
  stage_run(&here);
  CHECK_INT(self.ending, TLSTREAM_ENDING_DESTROYED);
  actor_done(&self);
  tlstream_destroy(kept);
  tlstream_unref(kept);
  stage_close(&here);
}

/* It has failed, and its alert cannot leave: it need not be waited for. */
TEST(a_stream_can_be_destroyed_while_its_alert_waits) {
  sim_weather narrow = {.capacity = 1000};
  stage here;
  actor self = {0};
  wire_peer peer = {0};
  stage_open(&here, &narrow);
  stage_face(&here, &self, TLSTREAM_ROLE_SERVER, &peer);
  stage_settle(&here);
  peer.end->reading = false;
  CHECK_GE(actor_write(&self, 2000), 0);
  stage_settle(&here);
  sim_send(peer.end, forged_record, sizeof(forged_record));
  stage_settle(&here);
  CHECK_INT(self.order.count[CAME_ERROR], 1);
  CHECK_INT(self.order.count[CAME_CLOSE], 0);
  actor_destroy(&self);
  stage_settle(&here);
  CHECK_INT(self.order.count[CAME_CLOSE], 1);
  CHECK_INT(self.ending, TLSTREAM_ENDING_FAILED);
  actor_done(&self);
  wire_peer_free(&peer);
  stage_close(&here);
}
