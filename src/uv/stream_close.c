/* SPDX-License-Identifier: MIT */
/* The end of a stream: close the handles, wait for libuv to let go of them,
 * give back what was lent, and tell the user, once and last. */
#include "uv/stream_state.h"

#include "uv/dial.h"

static tlstream_ending ending_of(const tlstream *stream) {
  tlstream_ending ending = tlstream_pair_ending(stream->pair);
  if (ending == TLSTREAM_ENDING_FAILED || !stream->destroyed) return ending;
  return TLSTREAM_ENDING_DESTROYED;
}

/* The user's reference is given up here; the memory lasts for a tlstream_ref().
 */
static void finish(tlstream *stream) {
  tlstream__loop *loop = stream->loop;
  tlstream__loop_unschedule(loop, &stream->task);
  tlstream__queue_drop(&stream->queue);
  tlstream__queue_give_back(&stream->queue);
  stream->queue.spare = NULL; /* the loop's state may go before we do */
  stream->closed = true;
  if (stream->events->on_close != NULL) {
    stream->events->on_close(stream, ending_of(stream), stream->data);
  }
  if (stream->owner->on_closed != NULL) stream->owner->on_closed(stream);
  tlstream_unref(stream);
  tlstream__loop_leave(loop);
}

void tlstream__stream_handle_closed(tlstream *stream) {
  if (--stream->open_handles == 0) finish(stream);
}

void tlstream__transport_closed(tlstream *stream) {
  tlstream__stream_handle_closed(stream);
}

static void on_timer_closed(uv_handle_t *timer) {
  tlstream__stream_handle_closed(timer->data);
}

void tlstream__stream_close(tlstream *stream) {
  stream->closing = true;
  tlstream__loop_unschedule(stream->loop, &stream->task);
  tlstream__pipe_close(stream);
  uv_close((uv_handle_t *)&stream->timer, on_timer_closed);
  if (stream->transport != NULL) {
    stream->transport->methods->close(stream->transport);
  } else if (stream->dial != NULL) {
    tlstream__dial_cancel(stream->dial);
  }
}

static void on_discarded(uv_handle_t *timer) {
  tlstream *stream = timer->data;
  tlstream__loop *loop = stream->loop;
  tlstream_unref(stream);
  tlstream__loop_leave(loop);
}

void tlstream__stream_discard(tlstream *stream) {
  tlstream__loop_unschedule(stream->loop, &stream->task);
  uv_close((uv_handle_t *)&stream->timer, on_discarded);
}
