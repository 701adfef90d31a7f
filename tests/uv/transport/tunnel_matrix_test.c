/* SPDX-License-Identifier: MIT */
/*
 * TLS inside of TLS: what can be done to any of its four streams, in each
 * callback and at each turn of the loop. No event comes twice or too late,
 * every stream ends, and none takes a part for the whole (E6, H1).
 */
#include "support/test.h"
#include "support/uv/nest.h"
#include "support/uv/seeds.h"

enum { WRITTEN = 10000, HIGH_WATER = 1000, TIME_LIMIT_MS = 60000, WAYS = 4 };

/* The stream of the callback, or the one to act on: seen from the inner one
 * that the matrix tests. */
typedef enum position {
  INNER,
  OUTER,
  PEERS_INNER,
  PEERS_OUTER,
  ALL_FOUR
} position;

typedef struct matrix {
  nest at;
  actor core; /* the stream inside the inner one, if there is one */
  tlstream_role role;
  position place; /* where something is done: in whose callback ... */
  callback_kind kind;
  int action; /* ... and what, to which stream */
  position target;
  bool breaks; /* the wire does in the end, so that there is an error */
  bool is_bad; /* the weather */
  bool done;
} matrix;

static actor *find(matrix *all, position which) {
  bool is_ours = which == INNER || which == OUTER;
  tlstream_role role = is_ours ? all->role : other_role(all->role);
  bool is_inner = which == INNER || which == PEERS_INNER;
  return is_inner ? &all->at.inner[role] : &all->at.outer[role];
}

static void do_end(matrix *all, actor *to) {
  (void)all;
  tlstream_end(to->stream);
}

static void do_destroy(matrix *all, actor *to) {
  (void)all;
  actor_destroy(to);
}

static void do_end_and_destroy(matrix *all, actor *to) {
  do_end(all, to);
  do_destroy(all, to);
}

static void do_pause(matrix *all, actor *to) {
  (void)all;
  actor_pause(to);
}

static void do_resume(matrix *all, actor *to) {
  (void)all;
  actor_resume(to);
}

static void do_write(matrix *all, actor *to) {
  (void)all;
  actor_write(to, WRITTEN);
}

static void do_write_and_destroy(matrix *all, actor *to) {
  do_write(all, to);
  do_destroy(all, to);
}

static void do_break(matrix *all, actor *to) {
  sim_end *end = to->end;
  if (end == NULL) end = find(all, OUTER)->end;
  if (!end->closing) sim_reset(end);
}

static void do_carry(matrix *all, actor *to) {
  tlstream_error error;
  all->at.inner[0].any_data = all->at.inner[1].any_data = true;
  tlstream *stream = nest_try(to, &all->core, TLSTREAM_ROLE_CLIENT, &error);
  if (stream == NULL) return;
  to->carries = true;
  all->core.name = "core";
  actor_watch(&all->core, TLSTREAM_ROLE_CLIENT, stream);
}

static const struct {
  const char *name;
  void (*run)(matrix *all, actor *to);
} actions[] = {
    {"end", do_end},
    {"destroy", do_destroy},
    {"break the wire", do_break}, /* these three at every turn as well */
    {"end and destroy", do_end_and_destroy},
    {"pause", do_pause},
    {"resume", do_resume},
    {"write", do_write},
    {"write and destroy", do_write_and_destroy},
    {"carry another", do_carry},
};

enum { ACTIONS = sizeof(actions) / sizeof(actions[0]), AT_EVERY_TURN = 3 };

static void act_now(matrix *all) {
  actor *to = find(all, all->target);
  all->done = true;
  if (to->stream != NULL) actions[all->action].run(all, to);
}

static void act(actor *self, callback_kind kind) {
  matrix *all = self->data;
  bool is_inner = self == find(all, INNER) || self == find(all, PEERS_INNER);
  if (is_inner && kind == CAME_SECURE) {
    (void)actor_write(self, WRITTEN); /* unless it has been ended before */
    tlstream_request_flushed(self->stream);
  }
  if (all->done || self != find(all, all->place) || kind != all->kind) return;
  act_now(all);
}

static const sim_weather bad_weather = {.seed = 1,
                                        .max_piece = 700,
                                        .capacity = 2000,
                                        .keep = 40,
                                        .linger = 30,
                                        .any_handle = true};

static void open_all(matrix *all) {
  for (position which = 0; which < ALL_FOUR; which++) {
    actor *each = find(all, which);
    each->act = act;
    each->data = all;
    each->high_water = HIGH_WATER;
  }
  nest_open(&all->at, all->is_bad ? &bad_weather : NULL);
}

static void resume_all(matrix *all) {
  for (position which = 0; which < ALL_FOUR; which++)
    actor_resume(find(all, which));
}

/* What an end of the data promises, whatever led to it. */
static void check_whole(const actor *self, const actor *peer) {
  CHECK_LE(self->got, peer->written);
  if (self->order.count[CAME_END] > 0) CHECK_INT(self->got, peer->written);
}

static void close_all(matrix *all) {
  stage_wait(&all->at.here, TIME_LIMIT_MS);
  resume_all(all);
  for (int role = 0; role < 2; role++) {
    if (all->at.inner[role].stream != NULL) {
      tlstream_end(all->at.inner[role].stream);
    }
  }
  actor_destroy(&all->core);
  nest_finish(&all->at); /* by themselves */
  if (all->core.name != NULL) {
    actor_done(&all->core);
  } else {
    check_whole(&all->at.inner[0], &all->at.inner[1]);
    check_whole(&all->at.inner[1], &all->at.inner[0]);
  }
}

static void end_the_talk(matrix *all) {
  actor *peer = find(all, PEERS_INNER);
  stage_settle(&all->at.here);
  if (all->breaks) {
    do_break(all, find(all, OUTER));
  } else if (peer->stream != NULL) {
    tlstream_end(peer->stream);
  }
}

static const char *const names[] = {"inner", "outer", "peer's inner",
                                    "peer's outer"};

static const char *role_name(tlstream_role role) {
  return role == TLSTREAM_ROLE_CLIENT ? "client" : "server";
}

static bool comes(position place, callback_kind kind, bool breaks,
                  tlstream_role role) {
  if (place == OUTER) return kind == CAME_CLOSE; /* it gets no more events */
  /* They were not asked for. */
  if (kind == CAME_HELLO || kind == CAME_PSK || kind == CAME_VERIFY) {
    return false;
  }
  if (kind == CAME_SESSION) return role == TLSTREAM_ROLE_CLIENT;
  return kind == CAME_END ? !breaks : kind == CAME_ERROR ? breaks : true;
}

static void play(position place, callback_kind kind, int action, position to,
                 int way) {
  matrix all = {.place = place,
                .kind = kind,
                .action = action,
                .target = to,
                .role =
                    way % 2 == 0 ? TLSTREAM_ROLE_CLIENT : TLSTREAM_ROLE_SERVER,
                .breaks = way / 2 == 1,
                .is_bad = ((unsigned)kind + (unsigned)action + to) % 2 == 1};
  if (!comes(place, kind, all.breaks, all.role)) return;
  IN_CASE("%s the %s in %s of the %s%s%s, %s", actions[action].name, names[to],
          callback_name(kind), names[place], all.breaks ? ", broken" : "",
          all.is_bad ? ", in bad weather" : "", role_name(all.role));
  open_all(&all);
  end_the_talk(&all);
  close_all(&all);
  CHECK(all.done);
}

static void everything_is_legal_in_the_callbacks_of(position place) {
  make_what_stays();
  for (callback_kind kind = 0; kind < CALLBACK_KINDS; kind++) {
    for (int each = 0; each < ACTIONS * ALL_FOUR * WAYS; each++) {
      play(place, kind, each / WAYS / ALL_FOUR,
           (position)(each / WAYS % ALL_FOUR), each % WAYS);
    }
  }
}

TEST(everything_is_legal_in_the_callbacks_of_the_inner) {
  everything_is_legal_in_the_callbacks_of(INNER);
}

TEST(everything_is_legal_when_the_outer_closes) {
  everything_is_legal_in_the_callbacks_of(OUTER);
}

static void end_when_secure(actor *self, callback_kind kind) {
  if (kind != CAME_SECURE) return;
  actor_write(self, WRITTEN);
  tlstream_end(self->stream);
}

/* False when all was over before that turn. */
static bool act_at_turn(int turn, int action, position to, tlstream_role role) {
  IN_CASE("%s the %s at turn %d, %s", actions[action].name, names[to], turn,
          role_name(role));
  matrix all = {.action = action, .target = to, .role = role, .is_bad = true};
  open_all(&all);
  all.at.inner[0].act = all.at.inner[1].act = end_when_secure;
  for (int i = 0; i < turn; i++)
    uv_run(all.at.here.loop, UV_RUN_NOWAIT);
  bool is_over = find(&all, to)->stream == NULL;
  act_now(&all);
  close_all(&all);
  return !is_over;
}

/* From before the handshake inside to the last close_notify outside. */
TEST(each_of_the_four_can_go_at_any_time) {
  make_what_stays();
  for (int each = 0; each < AT_EVERY_TURN * ALL_FOUR * 2; each++) {
    int turn = 0;
    while (act_at_turn(
        turn, each / 2 / ALL_FOUR, (position)(each / 2 % ALL_FOUR),
        each % 2 == 0 ? TLSTREAM_ROLE_CLIENT : TLSTREAM_ROLE_SERVER))
      turn++;
    CHECK_GT(turn, 30);
  }
}
