/* SPDX-License-Identifier: MIT */
/* One timer for all deadlines of a stream. The pair knows what they are; here
 * is only when it is asked. */
#include "uv/stream/state.h"

enum {
  LATE_MS = 100,   /* a timer may ring that late on a busy machine */
  STALL_MS = 1000, /* what a peer gets at least after a stall of ours */
  LOOK_MS = 512    /* no event comes when the peer acknowledges: look so often
                      at least, and more often at first */
};

void tlstream__stream_note_waiting(tlstream *stream) {
  tlstream_transport *transport = stream->transport;
  size_t unsent = 0;
  if (transport != NULL && transport->methods->unsent != NULL &&
      stream->asked != TLSTREAM__ASKED_NOTHING) {
    unsent = transport->methods->unsent(transport);
  }
  tlstream__pair_set_waiting(stream->pair, stream->queue.bytes, unsent);
  if (unsent == 0) {
    stream->look_ms = 0;
  } else if (stream->look_ms == 0) {
    stream->look_ms = 1;
  }
}

/* The process was stopped, or a callback took its time: the peer gets as much
 * again. */
static void note_stall(tlstream *stream, uint64_t due) {
  uint64_t now = uv_now(stream->loop->uv);
  if (now < due + LATE_MS) return;
  uint64_t late = now - due;
  tlstream__pair_stalled(stream->pair, late > STALL_MS ? late : STALL_MS);
}

static void on_timer(uv_timer_t *timer) {
  tlstream *stream = timer->data;
  note_stall(stream, stream->armed);
  stream->armed = TLSTREAM_NO_DEADLINE;
  stream->expiry = TLSTREAM__EXPIRY_DUE;
  tlstream__stream_wake(stream);
}

/* In the turn in which the timer rang the sockets have not been looked at; in
 * the next they have. */
void tlstream__stream_judge_deadlines(tlstream *stream) {
  if (stream->expiry == TLSTREAM__EXPIRY_DUE) {
    stream->expiry = TLSTREAM__EXPIRY_POLLED;
    tlstream__stream_wake(stream);
  } else if (stream->expiry == TLSTREAM__EXPIRY_POLLED) {
    stream->expiry = TLSTREAM__EXPIRY_NOT;
    uv_update_time(stream->loop->uv);
    if (stream->look_ms < LOOK_MS) stream->look_ms *= 2;
    tlstream__stream_note_waiting(stream);
    tlstream_pair_tick(stream->pair, uv_now(stream->loop->uv));
  }
}

static uint64_t next_look(tlstream *stream, uint64_t now) {
  uint64_t deadline = tlstream_pair_next_deadline(stream->pair);
  bool before = stream->look_ms > 0 && deadline != TLSTREAM_NO_DEADLINE &&
                deadline > now + stream->look_ms;
  return before ? now + stream->look_ms : deadline;
}

/* The timer may ring too early, never too late: a deadline that has moved is
 * only looked at when the old one has come. */
void tlstream__stream_arm_timer(tlstream *stream) {
  uint64_t now = uv_now(stream->loop->uv);
  uint64_t deadline = next_look(stream, now);
  if (stream->expiry != TLSTREAM__EXPIRY_NOT) return;
  if (deadline == TLSTREAM_NO_DEADLINE) {
    if (stream->armed != TLSTREAM_NO_DEADLINE) uv_timer_stop(&stream->timer);
    stream->armed = TLSTREAM_NO_DEADLINE;
  } else if (deadline < stream->armed) {
    uv_timer_start(&stream->timer, on_timer,
                   deadline > now ? deadline - now : 0, 0);
    stream->armed = deadline;
  }
}
