/* SPDX-License-Identifier: MIT */
/* What the user may ask of a stream. Nothing here runs a callback: calls change
 * the state and wake the stream, and the loop does the rest. */
#include "uv/stream/state.h"

#include <tlstream/pair_ending.h>
#include <tlstream/stream_write.h>

#include "base/alloc.h"
#include "base/error.h"

enum {
  HIGH_WATER = 64 * 1024,
  /* From here on a write is worth records of its own at once, without a copy
   * and without waiting for others to share one. */
  WORTH_PUSHING = 16 * 1024
};

static const tlstream_events no_events;
static const tlstream__owner no_owner;

tlstream *tlstream__stream_new(uv_loop_t *uv, tlstream_pair *pair,
                               const tlstream__owner *owner, void *owner_data) {
  tlstream *stream = tlstream__calloc(sizeof(*stream));
  tlstream__loop *loop = stream != NULL ? tlstream__loop_enter(uv) : NULL;
  if (loop == NULL) {
    tlstream__free(stream);
    return NULL;
  }
  stream->refs = 1;
  stream->uv = uv;
  stream->loop = loop;
  stream->pair = pair;
  stream->events = &no_events;
  stream->owner = owner != NULL ? owner : &no_owner;
  stream->owner_data = owner_data;
  stream->high_water = HIGH_WATER;
  stream->queue.spare = &loop->spare_chunk;
  stream->armed = TLSTREAM_NO_DEADLINE;
  stream->read_budget = 1;
  uv_timer_init(uv, &stream->timer);
  stream->timer.data = stream;
  stream->open_handles = 1;
  tlstream__stream_note_events(stream);
  return stream;
}

static bool owner_asks_verify(const tlstream *stream) {
  return stream->owner->asks_verify != NULL &&
         stream->owner->asks_verify(stream);
}

void tlstream__stream_note_events(tlstream *stream) {
  tlstream__pair_ask_verify(stream->pair,
                            owner_asks_verify(stream) ||
                                stream->events->on_verify != NULL);
}

void tlstream__stream_begin(tlstream *stream, tlstream_transport *transport) {
  stream->transport = transport;
  transport->stream = stream;
  stream->open_handles++;
  tlstream__pair_set_time(stream->pair, uv_now(stream->loop->uv));
  tlstream_pair_start(stream->pair);
  if (stream->unref) tlstream_keep_loop_alive(stream, false);
  tlstream__stream_wake(stream);
}

void tlstream__stream_fail(tlstream *stream, const tlstream_error *error) {
  tlstream__pair_fail(stream->pair, error);
  tlstream__stream_wake(stream);
}

void tlstream__stream_out_of_memory(tlstream *stream) {
  tlstream_error error;
  tlstream__error_plain(&error, TLSTREAM_ERR_NO_MEMORY);
  tlstream__stream_fail(stream, &error);
}

void tlstream_set_events(tlstream *stream, const tlstream_events *events,
                         void *data) {
  if (stream->inner != NULL) return; /* no stream is left to report it */
  stream->events = events != NULL ? events : &no_events;
  stream->data = data;
  tlstream__stream_note_events(stream);
  tlstream__stream_wake(stream);
}

/* The pair knows the time of its last turn, which may be long ago: nothing has
 * happened since. What begins now must not be judged by that. */
static void update_time(tlstream *stream) {
  tlstream__pair_set_time(stream->pair, uv_now(stream->uv));
}

static int refuse_write(const tlstream *stream) {
  if (tlstream__stream_is_over(stream) ||
      tlstream_pair_error(stream->pair) != NULL) {
    return TLSTREAM_ERR_CLOSED;
  }
  return stream->asked != TLSTREAM__ASKED_NOTHING ? TLSTREAM_ERR_WRITE_AFTER_END
                                                  : 0;
}

/* The write was taken; how full is the queue now? */
static int report_room(tlstream *stream, size_t len) {
  stream->bytes_written += len;
  tlstream__stream_wake(stream);
  if (stream->queue.bytes < stream->high_water) return 0;
  stream->drain_due = true;
  return 1;
}

int tlstream__stream_write(tlstream *stream, const void *bytes, size_t len) {
  size_t done = 0;
  int refusal = refuse_write(stream);
  if (refusal != 0) return refusal;
  if (len == 0) return 0;
  if (len >= WORTH_PUSHING && stream->queue.bytes == 0) {
    update_time(stream);
    done = tlstream__stream_push(stream, bytes, len);
  }
  if (done < len &&
      !tlstream__queue_copy(&stream->queue, (const char *)bytes + done,
                            len - done)) {
    /* A part has left already, so the rest must not be forgotten quietly. */
    if (done > 0) tlstream__stream_out_of_memory(stream);
    return TLSTREAM_ERR_NO_MEMORY;
  }
  return report_room(stream, len);
}

/* False if there are more than memory can have. */
static bool add_up(const tlstream_bytes *pieces, size_t count, size_t *total) {
  *total = 0;
  for (size_t i = 0; i < count; i++) {
    if (pieces[i].len > PTRDIFF_MAX - *total) return false;
    *total += pieces[i].len;
  }
  return true;
}

/* They are copied into one chunk, so that records and a failing allocation find
 * them together. */
int tlstream_writev(tlstream *stream, const tlstream_bytes *pieces,
                    size_t count) {
  size_t total = 0;
  if (count == 1) return tlstream_write(stream, pieces->data, pieces->len);
  int refusal = refuse_write(stream);
  if (refusal != 0) return refusal;
  if (stream->inner != NULL) return TLSTREAM_ERR_WRONG_STATE;
  if (!add_up(pieces, count, &total)) return TLSTREAM_ERR_INVALID_ARGUMENT;
  if (total == 0) return 0;
  if (!tlstream__queue_copy_all(&stream->queue, pieces, count, total)) {
    return TLSTREAM_ERR_NO_MEMORY;
  }
  return report_room(stream, total);
}

int tlstream_write(tlstream *stream, const void *bytes, size_t len) {
  if (stream->inner != NULL) return TLSTREAM_ERR_WRONG_STATE;
  return tlstream__stream_write(stream, bytes, len);
}

int tlstream_write_owned(tlstream *stream, void *bytes, size_t len,
                         tlstream_release_cb release, void *arg) {
  int refusal = refuse_write(stream);
  if (refusal != 0) return refusal;
  if (release == NULL) return TLSTREAM_ERR_INVALID_ARGUMENT;
  if (stream->inner != NULL) return TLSTREAM_ERR_WRONG_STATE;
  if (!tlstream__queue_lend(&stream->queue, bytes, len, release, arg)) {
    return TLSTREAM_ERR_NO_MEMORY;
  }
  return report_room(stream, len);
}

void tlstream_request_flushed(tlstream *stream) {
  stream->flush_due = true;
  tlstream__stream_wake(stream);
}

/* With nothing to send there is no use in connecting or in the handshake. */
static void abandon_if_silent(tlstream *stream) {
  if (tlstream__stream_is_open(stream) && stream->queue.bytes == 0)
    tlstream__pair_abandon(stream->pair);
}

static void ask(tlstream *stream, tlstream__asked asked) {
  stream->asked = asked;
  update_time(stream);
  tlstream__pair_set_waiting(stream->pair, stream->queue.bytes, 0);
  tlstream__pair_closing(stream->pair);
  if (asked == TLSTREAM__ASKED_CLOSE) tlstream__pair_discard(stream->pair);
  tlstream__stream_wake(stream);
}

void tlstream__stream_end(tlstream *stream) {
  if (stream->asked >= TLSTREAM__ASKED_END) return;
  if (!tlstream__stream_is_open(stream)) return;
  ask(stream, TLSTREAM__ASKED_END);
}

void tlstream_end(tlstream *stream) {
  tlstream__stream_end(stream);
  abandon_if_silent(stream);
}

void tlstream_close(tlstream *stream) {
  if (stream->asked >= TLSTREAM__ASKED_CLOSE) return;
  if (!tlstream__stream_is_open(stream)) return;
  ask(stream, TLSTREAM__ASKED_CLOSE);
  abandon_if_silent(stream);
}

void tlstream_set_half_open(tlstream *stream, bool allow) {
  stream->allow_half_open = allow;
}

void tlstream_set_idle_timeout(tlstream *stream, unsigned idle_ms) {
  /* uv_now() is the time of the loop's last turn, which may be long ago. */
  uv_update_time(stream->uv);
  update_time(stream);
  tlstream_pair_set_idle_timeout(stream->pair, idle_ms);
  tlstream__stream_wake(stream);
}

static void keep_alive(tlstream *stream) {
  tlstream_transport *transport = stream->transport;
  if (!tlstream__stream_is_open(stream))
    return; /* what closes has to be waited for */
  if (stream->unref) {
    uv_unref((uv_handle_t *)&stream->timer);
  } else {
    uv_ref((uv_handle_t *)&stream->timer);
  }
  if (transport == NULL || transport->methods->keep_alive == NULL) return;
  transport->methods->keep_alive(transport, !stream->unref);
}

void tlstream_keep_loop_alive(tlstream *stream, bool keep) {
  stream->unref = !keep;
  keep_alive(stream);
}

void tlstream_destroy(tlstream *stream) {
  if (tlstream__stream_is_over(stream)) return;
  stream->asked = TLSTREAM__ASKED_DESTROY;
  tlstream__stream_wake(stream);
}

void tlstream_pause(tlstream *stream) {
  stream->paused = true;
  tlstream__stream_wake(stream);
}

void tlstream_resume(tlstream *stream) {
  stream->paused = false;
  tlstream__stream_wake(stream);
}

tlstream *tlstream_ref(tlstream *stream) {
  stream->refs++;
  return stream;
}

tlstream *tlstream__stream_top(tlstream *stream) {
  while (stream->inner != NULL &&
         tlstream__stream_is_open(stream->inner->stream))
    stream = stream->inner->stream;
  return stream;
}

static void free_stream(tlstream *stream) {
  tlstream__stream_leave_work(stream);
  tlstream_pair_free(stream->pair);
  tlstream__free(stream);
}

void tlstream_unref(tlstream *stream) {
  if (stream != NULL && --stream->refs == 0) free_stream(stream);
}
