/* SPDX-License-Identifier: MIT */
/* F7: one connection floods the server, twenty others want a byte back. What is
 * counted is turns of the loop, and how much of the flood gets into one. */
#include <tlstream/pair_ending.h>

#include "support/test.h"
#include "support/uv/loopback.h"

enum {
  PINGERS = 20,
  PINGS = 40,
  TURNS_MAX = 6,
  FLOOD_WRITE = 300 * 1000,
  /* What a stream may read before others have their turn, and the buffer that
   * it is in the middle of. */
  FLOOD_PER_TURN = (256 + 128) * 1024
};

static struct {
  unsigned turn;
  unsigned slowest; /* turns from a ping to its answer */
  unsigned done;    /* pingers that are through */
  size_t in_turn;   /* bytes of the flood in this turn */
  size_t most;      /* in any */
  actor flood;
} seen;

static void on_turn(uv_prepare_t *prepare) {
  (void)prepare;
  seen.turn++;
  seen.in_turn = 0;
}

static void pour(actor *self, callback_kind kind) {
  if (kind != CAME_SECURE && kind != CAME_DRAIN) return;
  while (actor_write(self, FLOOD_WRITE) == 0)
    continue;
}

/* The server's end of it. */
static void take(actor *self, callback_kind kind) {
  size_t *before = self->data;
  if (kind != CAME_DATA) return;
  seen.in_turn += self->got - *before;
  *before = self->got;
  if (seen.in_turn > seen.most) seen.most = seen.in_turn;
}

static void welcome(loopback *net, actor *guest) {
  static size_t before;
  if (net->connections > 1) {
    CHECK_ERROR(tlstream_pipe(guest->stream, guest->stream), 0);
    return;
  }
  before = 0;
  guest->act = take;
  guest->data = &before;
}

static void ping(actor *self) {
  unsigned *sent_at = self->data;
  *sent_at = seen.turn;
  CHECK_ERROR(actor_write(self, 1), 0);
}

static void ping_on(actor *self, callback_kind kind) {
  unsigned *sent_at = self->data;
  if (kind == CAME_SECURE) ping(self);
  if (kind == CAME_CLOSE && ++seen.done == PINGERS) actor_destroy(&seen.flood);
  if (kind != CAME_DATA) return;
  unsigned turns = seen.turn - *sent_at;
  if (turns > seen.slowest) seen.slowest = turns;
  if (self->got < PINGS) {
    ping(self);
  } else {
    tlstream_end(self->stream);
  }
}

TEST(a_flood_does_not_drown_the_others) {
  static actor pingers[PINGERS];
  static unsigned sent_at[PINGERS];
  loopback net = {.expects = PINGERS + 1, .on_connection = welcome};
  uv_prepare_t prepare;
  memset(&seen, 0, sizeof(seen));
  seen.flood = (actor){.act = pour, .name = "flood"};
  loopback_open(&net);
  uv_prepare_init(net.loop, &prepare);
  uv_prepare_start(&prepare, on_turn);
  uv_unref((uv_handle_t *)&prepare);
  loopback_serve(&net, NULL);
  loopback_connect(&net, &seen.flood, NULL);
  loopback_until_secure(&net, &seen.flood);
  for (int i = 0; i < PINGERS; i++) {
    pingers[i] = (actor){.act = ping_on, .data = &sent_at[i]};
    loopback_connect(&net, &pingers[i], NULL);
  }
  loopback_run(&net);
  printf("# %u turns for the slowest answer, %zu KiB of flood in a turn, %zu "
         "MiB in all\n",
         seen.slowest, seen.most / 1024, net.guests[0].got / 1024 / 1024);
  for (int i = 0; i < PINGERS; i++) {
    CHECK_INT(pingers[i].got, PINGS);
    CHECK_INT(pingers[i].ending, TLSTREAM_ENDING_CLEAN);
  }
  CHECK_GT(net.guests[0].got, PINGS * FLOOD_WRITE); /* it did flood */
  CHECK_LE(seen.slowest, TURNS_MAX);
  CHECK_LE(seen.most, FLOOD_PER_TURN);
  uv_close((uv_handle_t *)&prepare, NULL);
  loopback_run(&net);
  loopback_close(&net);
}
