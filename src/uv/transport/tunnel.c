/* SPDX-License-Identifier: MIT */
/*
 * TLS inside of TLS: a stream as another one's transport. What rides on it is
 * the inner stream; the carrier is the outer one.
 *
 *     inner pair -> carriage.write -> the carrier's queue -> outer pair -> TCP
 *     inner pair <- transport_input <- the carrier's on_data <- outer pair
 *
 * The two ends of a carrier are told apart as TCP's are: its peer's
 * close_notify is the inner stream's end of transport, and no more than that;
 * whether the inner stream was complete, its own close_notify says.
 */
#include "base/alloc.h"

#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>

#include "base/error.h"
#include "base/options.h"
#include "uv/transport/over.h"

typedef struct carriage {
  tlstream_transport base;
  tlstream *carrier;             /* a reference of ours */
  const tlstream_events *events; /* the carrier's user's; borrowed */
  tlstream__task task;           /* to tell that it is closed */
  bool busy;                     /* what was written has not left yet */
  bool told;                     /* of the end of input */
  bool closing;
  bool gone; /* the carrier is closed */
} carriage;

static carriage *of(tlstream_transport *transport) {
  return (carriage *)(void *)transport;
}

/* What the inner stream asks for. */

/* A carrier that is over says why by on_error or on_close, which is worth more
 * than a broken pipe: until then it only seems slow. */
static int carriage_write(tlstream_transport *transport, const void *data,
                          size_t len) {
  carriage *self = of(transport);
  int status = tlstream__stream_write(self->carrier, data, len);
  if (status == TLSTREAM_ERR_WRITE_AFTER_END) return UV_EPIPE;
  if (status == TLSTREAM_ERR_NO_MEMORY) return UV_ENOMEM;
  if (status >= 0 && tlstream__stream_is_flushed(self->carrier)) return 0;
  self->busy = true;
  return 1;
}

static int carriage_read_start(tlstream_transport *transport) {
  tlstream_resume(of(transport)->carrier);
  return 0;
}

static void carriage_read_stop(tlstream_transport *transport) {
  tlstream_pause(of(transport)->carrier);
}

static void carriage_shutdown(tlstream_transport *transport) {
  tlstream_end(of(transport)->carrier);
}

static void tell_closed(tlstream__task *task) {
  carriage *self =
      (carriage *)(void *)((char *)task - offsetof(carriage, task));
  tlstream_transport_closed(&self->base);
}

/* The carrier still has to say goodbye, and hears its peer's if that comes
 * soon: there is nobody left for anything else. */
static void wind_up(tlstream *carrier) {
  tlstream__pair_allow_half_open(carrier->pair, false);
  tlstream_end(carrier);
  tlstream_resume(carrier);
}

static void carriage_close(tlstream_transport *transport) {
  carriage *self = of(transport);
  self->closing = true;
  if (self->gone) {
    tlstream__loop_schedule(transport->stream->loop, &self->task);
  } else if (transport->stream->destroyed) {
    tlstream_destroy(self->carrier);
  } else {
    wind_up(self->carrier);
  }
}

static void carriage_release(tlstream_transport *transport) {
  carriage *self = of(transport);
  tlstream_unref(self->carrier);
  tlstream__free(self);
}

static int carriage_remote_address(tlstream_transport *transport,
                                   tlstream_address *address) {
  return tlstream_remote_address(of(transport)->carrier, address);
}

static int carriage_local_address(tlstream_transport *transport,
                                  tlstream_address *address) {
  return tlstream_local_address(of(transport)->carrier, address);
}

/* In its queue, in its pair, and in what carries it. */
static size_t carriage_unsent(tlstream_transport *transport) {
  const tlstream *carrier = of(transport)->carrier;
  tlstream_transport *below = carrier->transport;
  size_t unsent = carrier->queue.bytes + tlstream_pair_pending(carrier->pair);
  if (below != NULL && !carrier->closing && below->methods->unsent != NULL) {
    unsent += below->methods->unsent(below);
  }
  return unsent;
}

static void carriage_keep_alive(tlstream_transport *transport, bool keep) {
  tlstream_keep_loop_alive(of(transport)->carrier, keep);
}

static const tlstream_transport_methods methods = {
    .write = carriage_write,
    .read_start = carriage_read_start,
    .read_stop = carriage_read_stop,
    .shutdown = carriage_shutdown,
    .close = carriage_close,
    .release = carriage_release,
    .remote_address = carriage_remote_address,
    .local_address = carriage_local_address,
    .unsent = carriage_unsent,
    .keep_alive = carriage_keep_alive,
};

/* What the carrier tells. */

static void on_data(tlstream *carrier, const void *bytes, size_t len,
                    void *data) {
  carriage *self = of(carrier->rider);
  (void)data;
  if (self->closing) {
    tlstream_destroy(carrier);
  } else {
    tlstream_transport_input(&self->base, bytes, len);
  }
}

static void tell_end(carriage *self) {
  if (self->closing || self->told) return;
  self->told = true;
  tlstream_transport_eof(&self->base);
}

static void on_end(tlstream *carrier, void *data) {
  (void)data;
  tell_end(of(carrier->rider));
}

static void tell_failure(carriage *self, const tlstream_error *error) {
  tlstream_error inner = *error;
  int room = (int)sizeof(inner.message) - 32;
  if (self->closing) return;
  self->told = true;
  snprintf(inner.message, sizeof(inner.message), "the stream underneath: %.*s",
           room, error->message);
  tlstream__stream_broke(self->base.stream, &inner);
}

/* A carrier that was cut is an end of transport; what that means, the inner
 * stream judges by its own close_notify. */
static void on_error(tlstream *carrier, const tlstream_error *error,
                     void *data) {
  (void)data;
  if (error->code == TLSTREAM_ERR_TRUNCATED) {
    tell_end(of(carrier->rider));
  } else {
    tell_failure(of(carrier->rider), error);
  }
}

/* Destroyed under us: by its user, or with its server. */
static void tell_destroyed(carriage *self) {
  tlstream_error error;
  if (self->told) return;
  tlstream__error_set(&error, TLSTREAM_ERR_CLOSED, "it was destroyed");
  tell_failure(self, &error);
}

void tlstream__rider_get_off(tlstream_transport *rider) {
  carriage *self = of(rider);
  self->gone = true;
  self->carrier->rider = NULL;
  self->carrier->events = self->events;
}

void tlstream__rider_stranded(tlstream_transport *rider,
                              tlstream_ending ending) {
  carriage *self = of(rider);
  if (self->closing) {
    tlstream_transport_closed(rider);
  } else if (ending == TLSTREAM_ENDING_DESTROYED) {
    tell_destroyed(self);
  } else {
    tell_end(self);
  }
}

static const tlstream_events carrier_events = {
    .on_data = on_data,
    .on_end = on_end,
    .on_error = on_error,
};

bool tlstream__rider_flushed(tlstream_transport *rider) {
  carriage *self = of(rider);
  if (!self->busy || self->closing) return false;
  self->busy = false;
  tlstream_transport_written(rider, 0);
  return true;
}

tlstream *tlstream__stream_top(tlstream *stream) {
  while (stream->rider != NULL && !stream->rider->stream->closing)
    stream = stream->rider->stream;
  return stream;
}

/* Making one. */

static int check(const tlstream *carrier, tlstream_error *error) {
  bool is_open = tlstream_is_secure(carrier) && !carrier->closing &&
                 !carrier->destroyed && !carrier->ended &&
                 tlstream_pair_error(carrier->pair) == NULL &&
                 !tlstream__pair_peer_is_over(carrier->pair);
  bool is_free = carrier->rider == NULL && carrier->pipe_to == NULL &&
                 carrier->piped_from == NULL && !carrier->returns;
  if (is_open && is_free) return 0;
  return tlstream__error_set(
      error, TLSTREAM_ERR_WRONG_STATE, "the stream cannot carry another: %s",
      is_open ? "it is in a pipe, carries one already, or has to give its "
                "handle back"
              : "it is not secure yet, or not open both ways any more");
}

static void take_over(carriage *self, tlstream *carrier) {
  self->base.methods = &methods;
  self->carrier = tlstream_ref(carrier);
  self->events = carrier->events;
  self->task.run = tell_closed;
  carrier->events = &carrier_events;
  carrier->rider = &self->base;
  /* Its peer's end is not ours, and does not end our side. */
  carrier->allow_half_open = true;
  tlstream__pair_allow_half_open(carrier->pair, true);
  tlstream_pause(carrier); /* until the inner stream reads */
}

tlstream *tlstream_over_stream(tlstream *carrier,
                               const tlstream_over_options *options,
                               const tlstream_events *events, void *data,
                               tlstream_error *error) {
  tlstream_over_options known = {0};
  tlstream__error_clear(error);
  if (tlstream__options_copy(&known, sizeof(known), options, "over_stream",
                             error) != 0 ||
      check(carrier, error) != 0) {
    return NULL;
  }
  carriage *self = tlstream__calloc(sizeof(*self));
  if (self == NULL) {
    tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
    return NULL;
  }
  tlstream *stream = tlstream__over_new(carrier->uv, &known, false, error);
  if (stream == NULL) {
    tlstream__free(self);
    return NULL;
  }
  take_over(self, carrier);
  tlstream_set_events(stream, events, data);
  tlstream__stream_begin(stream, &self->base);
  return stream;
}
