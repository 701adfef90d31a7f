/* SPDX-License-Identifier: MIT */
/* The end of a stream: close the handles, wait for libuv to let go of them,
 * give back what was lent, and call on_close, once and last. */
#include "uv/stream/state.h"

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "uv/uv_error.h"

/* An error after the stream is destroyed is not reported any more. */
static tlstream_ending ending_of(const tlstream *stream) {
  if (stream->asked == TLSTREAM__ASKED_DESTROY &&
      stream->emitted != TLSTREAM__EMITTED_FAILED &&
      stream->emitted != TLSTREAM__EMITTED_ERROR) {
    return TLSTREAM_ENDING_DESTROYED;
  }
  return tlstream_pair_ending(stream->pair);
}

/* Before on_close, in which the user may free what it has made of. */
static void release_transport(tlstream *stream) {
  tlstream_transport *transport = stream->transport;
  if (transport == NULL || stream->hand_back == TLSTREAM__HAND_BACK_DONE)
    return;
  stream->transport = NULL;
  transport->stream = NULL;
  if (transport->methods->release != NULL) {
    transport->methods->release(transport);
  }
}

/* The user did not take it in on_close. Without a stream it releases itself. */
static void drop_returned(tlstream *stream) {
  tlstream_transport *transport = stream->transport;
  if (transport == NULL) return;
  stream->transport = NULL;
  transport->stream = NULL;
  transport->methods->close(transport);
}

static void emit_close(tlstream *stream) {
  tlstream_ending ending = ending_of(stream);
  tlstream_transport *inner = stream->inner;
  const tlstream__inner_methods *methods = stream->inner_methods;
  if (inner != NULL) methods->on_outer_closing(inner);
  if (stream->events->on_close != NULL) {
    stream->events->on_close(stream, ending, stream->data);
  }
  if (inner != NULL) methods->on_outer_closed(inner, ending);
}

/* The user's reference is given up here; the memory lasts for a tlstream_ref().
 */
static void finish(tlstream *stream) {
  tlstream__loop *loop = stream->loop;
  tlstream__loop_unschedule(loop, &stream->task);
  tlstream__queue_drop(&stream->queue);
  tlstream__queue_give_back(&stream->queue);
  stream->queue.spare = NULL; /* the loop's state may go before we do */
  stream->life = TLSTREAM__STREAM_CLOSED;
  release_transport(stream);
  emit_close(stream);
  drop_returned(stream);
  if (stream->owner->on_closed != NULL) stream->owner->on_closed(stream);
  tlstream_unref(stream);
  tlstream__loop_leave(loop);
}

void tlstream__stream_handle_closed(tlstream *stream) {
  if (--stream->open_handles == 0) finish(stream);
}

void tlstream_transport_closed(tlstream_transport *transport) {
  tlstream__stream_handle_closed(transport->stream);
}

static void on_timer_closed(uv_handle_t *timer) {
  tlstream__stream_handle_closed(timer->data);
}

/* Without an alert or close_notify a FIN would look like a complete end to a
 * peer that does not look for them. */
static void close_or_reset(tlstream *stream) {
  const tlstream_transport_methods *methods = stream->transport->methods;
  bool loses =
      stream->reset_due || tlstream__pair_loses_data(stream->pair) ||
      (stream->queue.bytes > 0 && tlstream_pair_error(stream->pair) == NULL);
  if (loses && methods->reset != NULL && !stream->fin_after_loss) {
    methods->reset(stream->transport);
  } else {
    methods->close(stream->transport);
  }
}

/* After a clean end the transport need not be closed with the stream, unless a
 * close_notify that the peer does not take is still on its way. */
static void close_transport(tlstream *stream) {
  tlstream_transport *transport = stream->transport;
  bool returned = stream->hand_back == TLSTREAM__HAND_BACK_WANTED &&
                  stream->output_side != TLSTREAM__OUTPUT_PENDING &&
                  ending_of(stream) == TLSTREAM_ENDING_CLEAN;
  if (!returned) {
    close_or_reset(stream);
    return;
  }
  stream->hand_back = TLSTREAM__HAND_BACK_DONE;
  if (stream->reading) transport->methods->read_stop(transport);
  tlstream__stream_handle_closed(stream);
}

void tlstream__stream_close(tlstream *stream) {
  stream->life = TLSTREAM__STREAM_CLOSING;
  tlstream__loop_unschedule(stream->loop, &stream->task);
  tlstream__pipe_close(stream);
  tlstream__stream_cancel_work(stream);
  uv_close((uv_handle_t *)&stream->timer, on_timer_closed);
  if (stream->transport != NULL) {
    close_transport(stream);
  } else if (stream->connector != NULL) {
    stream->connector->cancel(stream->connector);
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

/* The transport broke. */

void tlstream__stream_broke(tlstream *stream, const tlstream_error *error) {
  stream->reading = false;
  if (!tlstream__stream_is_open(stream)) return;
  tlstream__pair_set_time(stream->pair, uv_now(stream->loop->uv));
  tlstream_pair_feed_error(stream->pair, error);
  tlstream__stream_wake(stream);
}

void tlstream_transport_failed(tlstream_transport *transport, int status) {
  tlstream *stream = transport->stream;
  tlstream_error error;
  tlstream__uv_error(&error, TLSTREAM_ERR_SYSTEM, status,
                     tlstream_pair_is_secure(stream->pair)
                         ? "the connection broke"
                         : "the connection broke during the handshake");
  tlstream__stream_broke(stream, &error);
}
