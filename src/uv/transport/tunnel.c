/* SPDX-License-Identifier: MIT */
/*
 * TLS inside TLS: the outer stream is the transport of the inner one.
 *
 *     inner pair -> tunnel.write -> the outer's queue -> outer pair -> TCP
 *     inner pair <- transport_input <- the outer's on_data <- outer pair
 *
 * To the inner stream, the end of the outer one is what FIN is on TCP: with or
 * without an outer close_notify, only the inner close_notify shows that the
 * inner stream is complete.
 */
#include "base/alloc.h"

#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>
#include <tlstream/stream_socket.h>

#include "base/error.h"
#include "base/options.h"
#include "uv/transport/over.h"

typedef struct tunnel {
  tlstream_transport base;
  tlstream *outer;               /* a reference */
  const tlstream_events *events; /* of the outer's user; borrowed */
  tlstream__task task;           /* emits `closed` */
  bool write_pending;            /* bytes of the inner one have not left yet */
  bool end_emitted;              /* of input, or why it broke */
  bool closing;                  /* asked to close by the inner stream */
  bool outer_closed;
} tunnel;

static tunnel *of(tlstream_transport *transport) {
  return (tunnel *)(void *)transport;
}

/* Methods, called by the inner stream. */

/* An outer stream that is over reports why by on_error or on_close, which
 * explains more than EPIPE: until then the write stays pending. */
static int tunnel_write(tlstream_transport *transport, const void *data,
                        size_t len) {
  tunnel *self = of(transport);
  int status = tlstream__stream_write(self->outer, data, len);
  if (status == TLSTREAM_ERR_WRITE_AFTER_END) return UV_EPIPE;
  if (status == TLSTREAM_ERR_NO_MEMORY) return UV_ENOMEM;
  if (status >= 0 && tlstream__stream_is_flushed(self->outer)) return 0;
  self->write_pending = true;
  return 1;
}

static int tunnel_read_start(tlstream_transport *transport) {
  tlstream_resume(of(transport)->outer);
  return 0;
}

static void tunnel_read_stop(tlstream_transport *transport) {
  tlstream_pause(of(transport)->outer);
}

static void tunnel_shutdown(tlstream_transport *transport) {
  tlstream_end(of(transport)->outer);
}

static void emit_closed(tlstream__task *task) {
  tunnel *self = (tunnel *)(void *)((char *)task - offsetof(tunnel, task));
  tlstream_transport_closed(&self->base);
}

static void tunnel_close(tlstream_transport *transport) {
  tunnel *self = of(transport);
  self->closing = true;
  if (self->outer_closed) {
    tlstream__loop_schedule(transport->stream->loop, &self->task);
  } else if (transport->stream->asked == TLSTREAM__ASKED_DESTROY) {
    tlstream_destroy(self->outer);
  } else {
    tlstream_close(self->outer);
  }
}

/* The outer stream may have sent all that it was given, and is cut all the
 * same: to the inner one's peer a FIN would be its end. */
static void tunnel_reset(tlstream_transport *transport) {
  tunnel *self = of(transport);
  if (self->outer_closed) {
    tunnel_close(transport);
    return;
  }
  self->closing = true;
  self->outer->reset_due = true;
  tlstream_destroy(self->outer);
}

static void tunnel_release(tlstream_transport *transport) {
  tunnel *self = of(transport);
  tlstream_unref(self->outer);
  tlstream__free(self);
}

static int tunnel_remote_address(tlstream_transport *transport,
                                 tlstream_address *address) {
  return tlstream_remote_address(of(transport)->outer, address);
}

static int tunnel_local_address(tlstream_transport *transport,
                                tlstream_address *address) {
  return tlstream_local_address(of(transport)->outer, address);
}

static int tunnel_descriptor(tlstream_transport *transport) {
  int fd = tlstream_descriptor(of(transport)->outer);
  return fd >= 0 ? fd : UV_EBADF;
}

static size_t tunnel_unsent(tlstream_transport *transport) {
  return tlstream_unsent(of(transport)->outer);
}

static void tunnel_keep_alive(tlstream_transport *transport, bool keep) {
  tlstream_keep_loop_alive(of(transport)->outer, keep);
}

static const tlstream_transport_methods methods = {
    .write = tunnel_write,
    .read_start = tunnel_read_start,
    .read_stop = tunnel_read_stop,
    .shutdown = tunnel_shutdown,
    .close = tunnel_close,
    .release = tunnel_release,
    .remote_address = tunnel_remote_address,
    .local_address = tunnel_local_address,
    .unsent = tunnel_unsent,
    .keep_alive = tunnel_keep_alive,
    .descriptor = tunnel_descriptor,
    .reset = tunnel_reset,
};

/* Events of the outer stream. */

static void on_data(tlstream *outer, const void *bytes, size_t len,
                    void *data) {
  tunnel *self = of(outer->inner);
  (void)data;
  if (!self->closing) tlstream_transport_input(&self->base, bytes, len);
}

static void emit_end(tunnel *self) {
  if (self->closing || self->end_emitted) return;
  self->end_emitted = true;
  tlstream_transport_eof(&self->base);
}

static void on_end(tlstream *outer, void *data) {
  (void)data;
  emit_end(of(outer->inner));
}

static void emit_failure(tunnel *self, const tlstream_error *error) {
  tlstream_error inner = *error;
  int room = (int)sizeof(inner.message) - 32;
  if (self->closing) return;
  self->end_emitted = true;
  snprintf(inner.message, sizeof(inner.message), "the stream underneath: %.*s",
           room, error->message);
  tlstream__stream_broke(self->base.stream, &inner);
}

/* A truncated outer stream is an end of the transport; whether the inner one is
 * complete depends on its own close_notify. */
static void on_error(tlstream *outer, const tlstream_error *error, void *data) {
  (void)data;
  if (error->code == TLSTREAM_ERR_TRUNCATED) {
    emit_end(of(outer->inner));
  } else {
    emit_failure(of(outer->inner), error);
  }
}

/* The outer stream was destroyed by its user, or with its server. */
static void emit_destroyed(tunnel *self) {
  tlstream_error error;
  if (self->end_emitted) return;
  tlstream__error_set(&error, TLSTREAM_ERR_CLOSED, "it was destroyed");
  emit_failure(self, &error);
}

static void on_outer_closing(tlstream_transport *inner) {
  tunnel *self = of(inner);
  self->outer_closed = true;
  self->outer->inner = NULL;
  self->outer->events = self->events;
}

static void on_outer_closed(tlstream_transport *inner, tlstream_ending ending) {
  tunnel *self = of(inner);
  if (self->closing) {
    tlstream_transport_closed(inner);
  } else if (ending == TLSTREAM_ENDING_DESTROYED) {
    emit_destroyed(self);
  } else {
    emit_end(self);
  }
}

static const tlstream_events outer_events = {
    .on_data = on_data,
    .on_end = on_end,
    .on_error = on_error,
};

static bool on_outer_flushed(tlstream_transport *inner) {
  tunnel *self = of(inner);
  if (!self->write_pending || self->closing) return false;
  self->write_pending = false;
  tlstream_transport_written(inner, 0);
  return true;
}

static const tlstream__inner_methods inner_methods = {
    .on_outer_flushed = on_outer_flushed,
    .on_outer_closing = on_outer_closing,
    .on_outer_closed = on_outer_closed,
};

/* Creation. */

static int check(const tlstream *outer, tlstream_error *error) {
  bool is_open = tlstream_is_secure(outer) && tlstream__stream_is_open(outer) &&
                 outer->asked != TLSTREAM__ASKED_DESTROY &&
                 outer->asked == TLSTREAM__ASKED_NOTHING &&
                 tlstream_pair_error(outer->pair) == NULL &&
                 !tlstream__pair_peer_is_over(outer->pair);
  bool is_free = outer->inner == NULL && !tlstream__is_piped(outer) &&
                 outer->piped_from == NULL &&
                 outer->hand_back == TLSTREAM__HAND_BACK_NOT;
  if (is_open && is_free) return 0;
  return tlstream__error_set(
      error, TLSTREAM_ERR_WRONG_STATE, "the stream cannot carry another: %s",
      is_open ? "it is in a pipe, carries one already, or has to give its "
                "handle back"
              : "it is not secure yet, or not open both ways any more");
}

static void take_over(tunnel *self, tlstream *outer) {
  self->base.methods = &methods;
  self->outer = tlstream_ref(outer);
  self->events = outer->events;
  self->task.run = emit_closed;
  outer->events = &outer_events;
  outer->inner = &self->base;
  outer->inner_methods = &inner_methods;
  /* The end of the outer peer's side must not end our outer side. */
  outer->allow_half_open = true;
  tlstream_pause(outer); /* until the inner stream reads */
}

tlstream *tlstream_over_stream(tlstream *outer,
                               const tlstream_over_options *options,
                               const tlstream_events *events, void *data,
                               tlstream_error *error) {
  tlstream_over_options known = {0};
  tlstream__error_clear(error);
  if (tlstream__options_copy(&known, sizeof(known), options, "over_stream",
                             error) != 0 ||
      check(outer, error) != 0) {
    return NULL;
  }
  tunnel *self = tlstream__calloc(sizeof(*self));
  if (self == NULL) {
    tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
    return NULL;
  }
  tlstream *stream = tlstream__over_new(outer->uv, &known, false, error);
  if (stream == NULL) {
    tlstream__free(self);
    return NULL;
  }
  take_over(self, outer);
  tlstream_set_events(stream, events, data);
  tlstream__stream_begin(stream, &self->base);
  return stream;
}
