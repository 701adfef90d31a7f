/* SPDX-License-Identifier: MIT */
#include "support/wire.h"

#include <tlstream/pair_ending.h>

#include "support/test.h"

enum { PIECE_MAX = 16 * 1024, SERVER_PATTERN = 1 << 20, WAITS_MAX = 8 };

static size_t piece_len(const wire *over, size_t len) {
  size_t left = over->cut_at - over->passed;
  if (len > PIECE_MAX) len = PIECE_MAX;
  if (len > left) len = left;
  if (over->stride != SIZE_MAX) {
    left = over->stride -
           (over->passed + over->stride - over->first) % over->stride;
    if (len > left) len = left;
  }
  return len;
}

size_t wire_carry(wire *over, tlstream_pair *from, tlstream_pair *to) {
  unsigned char piece[PIECE_MAX];
  size_t len = 0;
  const void *bytes = tlstream_pair_peek(from, &len);
  len = piece_len(over, len);
  if (len == 0) return 0;
  memcpy(piece, bytes, len);
  if (over->flip_at >= over->passed && over->flip_at - over->passed < len) {
    piece[over->flip_at - over->passed] ^= over->flip;
  }
  ptrdiff_t taken = tlstream_pair_feed(to, piece, len);
  size_t taken_len = taken < 0 ? len : (size_t)taken;
  tlstream_pair_consume(from, taken_len);
  over->passed += taken_len;
  return taken_len;
}

talk talk_between(peers both) {
  talk made = {.both = both, .from = {WIRE_WHOLE, WIRE_WHOLE}};
  for (int role = 0; role < 2; role++) {
    made.side[role].pair = both.side[role];
    (void)!tlstream_pair_start(both.side[role]);
  }
  made.side[TLSTREAM_ROLE_SERVER].pattern = SERVER_PATTERN;
  made.side[TLSTREAM_ROLE_CLIENT].expects = SERVER_PATTERN;
  return made;
}

talk talk_new(const config *terms) {
  return talk_between(peers_new(terms));
}

static void count_events(talker *self) {
  tlstream_event event = TLSTREAM_EVENT_NONE;
  while ((event = tlstream_pair_next_event(self->pair)) !=
         TLSTREAM_EVENT_NONE) {
    if (++self->emitted[event] > WAITS_MAX) break;
  }
}

static void say(talker *self) {
  char message[MESSAGE_LEN];
  pattern_fill(message, self->pattern, MESSAGE_LEN);
  ptrdiff_t taken = tlstream_pair_write(self->pair, message + self->sent,
                                        MESSAGE_LEN - self->sent);
  if (taken > 0) self->sent += (size_t)taken;
}

static void listen_to(talker *self) {
  char got[2 * MESSAGE_LEN];
  char want[sizeof(got)];
  ptrdiff_t len = tlstream_pair_read(self->pair, got, sizeof(got));
  if (len <= 0) return;
  pattern_fill(want, self->expects + self->got, sizeof(want));
  self->got += (size_t)len;
  if (self->got > MESSAGE_LEN || memcmp(got, want, (size_t)len) != 0) {
    self->wrong = true;
  }
}

void talk_act(talker *self) {
  count_events(self);
  if (self->sent < MESSAGE_LEN) say(self);
  listen_to(self);
  if (!self->ended && self->sent == MESSAGE_LEN && self->got == MESSAGE_LEN) {
    self->ended = tlstream_pair_end(self->pair) == 0;
  }
  count_events(self);
}

void talk_on(talk *self) {
  tlstream_pair *client = self->both.side[TLSTREAM_ROLE_CLIENT];
  tlstream_pair *server = self->both.side[TLSTREAM_ROLE_SERVER];
  size_t moved = 0;
  do {
    talk_act(&self->side[TLSTREAM_ROLE_CLIENT]);
    moved = wire_carry(&self->from[TLSTREAM_ROLE_CLIENT], client, server);
    talk_act(&self->side[TLSTREAM_ROLE_SERVER]);
    moved += wire_carry(&self->from[TLSTREAM_ROLE_SERVER], server, client);
  } while (moved > 0);
}

bool talk_wait(talker *self, bool takes_output) {
  for (int i = 0; i < WAITS_MAX; i++) {
    talk_act(self);
    if (takes_output) drain_away(self->pair);
    count_events(self);
    uint64_t deadline = tlstream_pair_next_deadline(self->pair);
    if (tlstream_pair_is_finished(self->pair)) return true;
    if (deadline == TLSTREAM_NO_DEADLINE) return false;
    (void)!tlstream_pair_tick(self->pair, deadline);
  }
  return false;
}

void talk_free(talk *self) {
  peers_free(&self->both);
}
