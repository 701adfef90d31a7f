/* SPDX-License-Identifier: MIT */
/* How far each connection has come, and which may shake hands. */
#include <assert.h>

#include "base/error.h"
#include "uv/server/state.h"
#include "uv/stream/state.h"

enum { EVICTABLE_MS = 1000 }; /* a handshake is safe for so long */

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
  enter(stream, TLSTREAM__PHASE_HANDSHAKE);
}

/* A slot is free, so that another connection may be accepted. */
void tlstream__server_handshake_done(tlstream *stream) {
  tlstream_server *server = server_of(stream);
  if (stream->owner_phase == TLSTREAM__PHASE_DONE) return;
  take_out(list_of(stream), stream);
  enter(stream, TLSTREAM__PHASE_DONE);
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

static bool handshakes_at_limit(const tlstream_server *server) {
  return server->streams[TLSTREAM__PHASE_HANDSHAKE].count >=
         server->options.max_handshakes;
}

/* The handshake that has been silent for longest, and since when. */
static tlstream *oldest_handshake(const tlstream_server *server,
                                  uint64_t *since) {
  tlstream *found = NULL;
  *since = TLSTREAM_NO_DEADLINE;
  for (tlstream *each = server->streams[TLSTREAM__PHASE_HANDSHAKE].first;
       each != NULL; each = each->owner_next) {
    uint64_t its = tlstream__pair_silent_since(each->pair);
    if (its >= *since) continue;
    *since = its;
    found = each;
  }
  return found;
}

uint64_t tlstream__server_next_slot(const tlstream_server *server) {
  uint64_t since = 0;
  const tlstream *oldest = oldest_handshake(server, &since);
  return oldest != NULL ? since + EVICTABLE_MS : TLSTREAM_NO_DEADLINE;
}

bool tlstream__server_has_slot(const tlstream_server *server) {
  return !handshakes_at_limit(server) ||
         tlstream__server_next_slot(server) <= uv_now(server->loop->uv);
}

/* Otherwise clients that connect and send nothing would keep all others out. */
void tlstream__server_evict_oldest(tlstream_server *server) {
  uint64_t since = 0;
  tlstream_error error;
  if (!handshakes_at_limit(server)) return;
  tlstream *oldest = oldest_handshake(server, &since);
  if (oldest == NULL) return;
  tlstream__error_set(&error, TLSTREAM_ERR_HANDSHAKE_TIMEOUT,
                      "nothing was heard of it for %u ms, and others wait for "
                      "its place (max_handshakes)",
                      (unsigned)(uv_now(server->loop->uv) - since));
  tlstream__server_handshake_done(oldest);
  tlstream__stream_fail(oldest, &error);
}
