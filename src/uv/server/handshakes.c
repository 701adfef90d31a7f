/* SPDX-License-Identifier: MIT */
/*
 * How far each connection has come, and which may shake hands: at most
 * `max_handshakes` have a slot. A connection needs one when its ClientHello is
 * complete. Those that find none wait in the order of their hellos, until a
 * handshake is done, or is old enough to be evicted: a client that sends a byte
 * now and then must not keep others out.
 */
#include <assert.h>

#include "base/error.h"
#include "uv/server/state.h"
#include "uv/stream/state.h"

enum { EVICTABLE_MS = 1000 }; /* so long a handshake keeps its slot */

static tlstream_server *server_of(const tlstream *stream) {
  return stream->owner_data;
}

static void append(tlstream__stream_list *list, tlstream *stream) {
  stream->owner_before = list->last;
  stream->owner_next = NULL;
  if (list->last != NULL) {
    list->last->owner_next = stream;
  } else {
    list->first = stream;
  }
  list->last = stream;
  list->count++;
}

static void take_out(tlstream__stream_list *list, tlstream *stream) {
  if (stream->owner_before != NULL) {
    stream->owner_before->owner_next = stream->owner_next;
  } else {
    list->first = stream->owner_next;
  }
  if (stream->owner_next != NULL) {
    stream->owner_next->owner_before = stream->owner_before;
  } else {
    list->last = stream->owner_before;
  }
  list->count--;
}

static tlstream__stream_list *list_of(tlstream *stream) {
  return &server_of(stream)->streams[stream->owner_phase];
}

static void enter(tlstream *stream, tlstream__phase phase) {
  stream->owner_phase = phase;
  append(list_of(stream), stream);
  tlstream__server_check(server_of(stream));
}

void tlstream__server_check(const tlstream_server *server) {
  bool listens = server->accepting != TLSTREAM__ACCEPTING_OFF;
  assert(listens == (server->socket >= 0));
  assert(!listens || server->life == TLSTREAM__SERVER_OPEN);
  assert(server->life != TLSTREAM__SERVER_CLOSED ||
         tlstream__server_stream_count(server) == 0);
  assert(server->open_handles > 0);
  (void)listens;
}

size_t tlstream__server_stream_count(const tlstream_server *server) {
  size_t count = 0;
  for (int i = 0; i < TLSTREAM__PHASES; i++)
    count += server->streams[i].count;
  return count;
}

void tlstream__server_list_insert(tlstream *stream) {
  enter(stream, TLSTREAM__PHASE_HELLO);
}

static void move_to(tlstream *stream, tlstream__phase phase) {
  take_out(list_of(stream), stream);
  enter(stream, phase);
}

/* The task gives its slot to another connection. */
void tlstream__server_handshake_done(tlstream *stream) {
  tlstream_server *server = server_of(stream);
  if (stream->owner_phase == TLSTREAM__PHASE_DONE) return;
  move_to(stream, TLSTREAM__PHASE_DONE);
  tlstream__loop_schedule(server->loop, &server->task);
}

void tlstream__server_list_remove(tlstream *stream) {
  tlstream_server *server = server_of(stream);
  take_out(list_of(stream), stream);
  tlstream__loop_schedule(server->loop, &server->task);
}

bool tlstream__server_is_full(const tlstream_server *server) {
  size_t max = server->options.max_connections;
  return max != 0 && tlstream__server_stream_count(server) >= max;
}

bool tlstream__server_has_queue(const tlstream_server *server) {
  return server->streams[TLSTREAM__PHASE_QUEUED].count > 0;
}

static bool handshakes_at_limit(const tlstream_server *server) {
  return server->streams[TLSTREAM__PHASE_HANDSHAKE].count >=
         server->options.max_handshakes;
}

/* The handshake that began first. One that waits for an answer of the user's
 * (on_hello) is not its client's fault, and begins with the answer. */
static tlstream *oldest_handshake(const tlstream_server *server,
                                  uint64_t *since) {
  tlstream *found = NULL;
  *since = TLSTREAM_NO_DEADLINE;
  for (tlstream *each = server->streams[TLSTREAM__PHASE_HANDSHAKE].first;
       each != NULL; each = each->owner_next) {
    uint64_t its = tlstream__pair_handshake_since(each->pair);
    if (its >= *since) continue;
    *since = its;
    found = each;
  }
  return found;
}

static void evict(tlstream *stream, uint64_t age) {
  tlstream_error error;
  tlstream__error_set(&error, TLSTREAM_ERR_HANDSHAKE_TIMEOUT,
                      "the handshake was not done %u ms after the "
                      "ClientHello, and others wait for its slot "
                      "(max_handshakes)",
                      (unsigned)age);
  tlstream__server_handshake_done(stream);
  tlstream__stream_fail(stream, &error);
}

static void on_evict(uv_timer_t *timer) {
  tlstream_server *server = timer->data;
  tlstream__loop_schedule(server->loop, &server->task);
}

/* False if no handshake is old enough: then the timer waits for the oldest. */
static bool evict_oldest(tlstream_server *server) {
  uint64_t now = uv_now(server->loop->uv);
  uint64_t since = 0;
  tlstream *oldest = oldest_handshake(server, &since);
  if (oldest == NULL) return false;
  if (now >= since + EVICTABLE_MS) {
    evict(oldest, now - since);
    return true;
  }
  uv_timer_start(&server->evict, on_evict, since + EVICTABLE_MS - now, 0);
  return false;
}

void tlstream__server_give_slots(tlstream_server *server) {
  uv_timer_stop(&server->evict);
  while (tlstream__server_has_queue(server)) {
    if (handshakes_at_limit(server) && !evict_oldest(server)) return;
    tlstream *next = server->streams[TLSTREAM__PHASE_QUEUED].first;
    move_to(next, TLSTREAM__PHASE_HANDSHAKE);
    tlstream__stream_wake(next);
  }
}

bool tlstream__server_may_begin(tlstream *stream) {
  tlstream_server *server = server_of(stream);
  bool direct =
      !handshakes_at_limit(server) && !tlstream__server_has_queue(server);
  if (stream->owner_phase == TLSTREAM__PHASE_HELLO) {
    move_to(stream,
            direct ? TLSTREAM__PHASE_HANDSHAKE : TLSTREAM__PHASE_QUEUED);
    if (!direct) tlstream__loop_schedule(server->loop, &server->task);
  }
  return stream->owner_phase == TLSTREAM__PHASE_HANDSHAKE;
}
