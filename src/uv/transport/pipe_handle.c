/* SPDX-License-Identifier: MIT */
/*
 * A stream and a plain handle of the user's, joined both ways. To the stream it
 * is a pipe whose other end is not a stream: see tlstream__joint.
 */
#include <tlstream/pipe_handle.h>

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "uv/socket.h"
#include "uv/stream/state.h"
#include "uv/transport/takeover.h"

enum {
  HIGH_WATER = 64 * 1024,
  SEND_MS = 60000,   /* for the handle to take what is queued */
  READ_ON_MS = 1000, /* after a write that failed */
  HANDLES = 2        /* the user's and the timer */
};

typedef struct joint {
  tlstream__joint base;
  tlstream *stream; /* its on_close waits for our handles */
  tlstream__loop *loop;
  uv_stream_t *uv;
  void *data; /* the user's, while the handle's is ours */
  tlstream_handle_release_cb release;
  uv_timer_t timer;
  uv_shutdown_t shutdown;
  size_t open_handles;
  bool reading;
  bool read_ended;  /* the handle's end has been passed on */
  bool write_ended; /* the stream's end has: FIN, behind what is queued */
  bool has_left;    /* and has been sent */
  bool write_broken;
  bool closing;
} joint;

/* Bytes that the kernel did not take at once. */
typedef struct backlog {
  uv_write_t request;
  joint *joint;
  char bytes[];
} backlog;

static joint *of(tlstream__joint *base) {
  return (joint *)(void *)base;
}

/* The end of a joint. */

static void on_closed(joint *self) {
  tlstream *stream = self->stream;
  if (--self->open_handles == 0) tlstream__free(self);
  tlstream__stream_handle_closed(stream);
}

static void on_timer_closed(uv_handle_t *timer) {
  on_closed(timer->data);
}

static void on_handle_closed(uv_handle_t *uv) {
  joint *self = uv->data;
  uv->data = self->data;
  if (self->release != NULL) self->release(self->uv);
  on_closed(self);
}

/* What is lost must not look like a complete end. */
static void close_handle(joint *self) {
  bool lost = !self->has_left;
  if (lost && self->uv->type == UV_TCP) {
    tlstream__socket_reset_on_close(self->uv);
  }
  uv_close((uv_handle_t *)self->uv, on_handle_closed);
}

static void part(joint *self) {
  if (self->closing) return;
  self->closing = true;
  self->stream->joint = NULL;
  self->stream->pipe_blocked = false;
  close_handle(self);
  uv_close((uv_handle_t *)&self->timer, on_timer_closed);
}

/* The handle takes no more. A stream that has ended its own side is only
 * waiting for its peer, and reads on for that. */
static void give_up(joint *self) {
  tlstream *stream = self->stream;
  part(self);
  if (stream->asked == TLSTREAM__ASKED_NOTHING) {
    tlstream_destroy(stream);
  } else {
    tlstream_close(stream);
  }
}

static void on_late(uv_timer_t *timer) {
  give_up(timer->data);
}

static void part_if_done(joint *self) {
  if (self->has_left && self->read_ended) part(self);
}

/* From the handle to the stream. */

static void on_alloc(uv_handle_t *uv, size_t suggested, uv_buf_t *buf) {
  const joint *self = uv->data;
  (void)suggested;
  void *buffer = tlstream__loop_borrow(self->loop);
  *buf = uv_buf_init(buffer, buffer != NULL ? TLSTREAM__BUFFER_SIZE : 0);
}

static void stop_reading(joint *self) {
  self->reading = false;
  uv_read_stop(self->uv);
}

static void pass_on(joint *self, const char *bytes, size_t len) {
  int status = tlstream__stream_write(self->stream, bytes, len);
  if (status > 0) {
    stop_reading(self);
  } else if (status == TLSTREAM_ERR_NO_MEMORY) {
    tlstream__stream_out_of_memory(self->stream);
  } else if (status < 0) {
    give_up(self);
  }
}

static void handle_ended(joint *self) {
  stop_reading(self);
  self->read_ended = true;
  tlstream__stream_end(self->stream);
  if (self->write_broken) {
    give_up(self);
  } else {
    part_if_done(self);
  }
}

/* What it said before may still leave. */
static void handle_failed(joint *self) {
  tlstream *stream = self->stream;
  part(self);
  tlstream_flush(stream);
  tlstream_destroy(stream);
}

static void on_read(uv_stream_t *uv, ssize_t nread, const uv_buf_t *buf) {
  joint *self = uv->data;
  tlstream__loop *loop = self->loop;
  if (nread == UV_EOF) nread = tlstream__socket_end(uv);
  if (nread > 0) {
    pass_on(self, buf->base, (size_t)nread);
  } else if (nread == UV_EOF) {
    handle_ended(self);
  } else if (nread < 0) {
    handle_failed(self);
  }
  tlstream__loop_return(loop, buf->base);
}

static void joint_drained(tlstream__joint *base) {
  joint *self = of(base);
  if (self->reading || self->read_ended) return;
  self->reading = uv_read_start(self->uv, on_alloc, on_read) == 0;
  if (!self->reading) handle_failed(self);
}

/* From the stream to the handle. */

static void write_failed(joint *self) {
  if (self->write_broken) return;
  self->write_broken = true;
  self->stream->pipe_blocked = true;
  uv_timer_start(&self->timer, on_late, self->read_ended ? 0 : READ_ON_MS, 0);
}

static void on_written(uv_write_t *request, int status) {
  backlog *kept = request->data;
  joint *self = kept->joint;
  tlstream__free(kept);
  if (self->closing) return;
  if (status < 0) {
    write_failed(self);
  } else if (self->stream->pipe_blocked && !self->write_broken &&
             uv_stream_get_write_queue_size(self->uv) == 0) {
    self->stream->pipe_blocked = false;
    tlstream__stream_wake(self->stream);
  }
}

static int keep(joint *self, const char *bytes, size_t len) {
  backlog *kept = tlstream__malloc(sizeof(*kept) + len);
  if (kept == NULL) return UV_ENOMEM;
  memcpy(kept->bytes, bytes, len);
  kept->joint = self;
  kept->request.data = kept;
  uv_buf_t buf = uv_buf_init(kept->bytes, (unsigned)len);
  int status = uv_write(&kept->request, self->uv, &buf, 1, on_written);
  if (status != 0) tlstream__free(kept);
  return status;
}

static void joint_data(tlstream__joint *base, const void *bytes, size_t len) {
  joint *self = of(base);
  uv_buf_t buf = uv_buf_init((char *)bytes, (unsigned)len);
  if (self->write_broken) return;
  int sent = uv_try_write(self->uv, &buf, 1);
  int status = sent < 0 && sent != UV_EAGAIN ? sent : 0;
  size_t left = len - (sent > 0 ? (size_t)sent : 0);
  if (status == 0 && left > 0) {
    status = keep(self, (const char *)bytes + len - left, left);
  }
  if (status == UV_ENOMEM) {
    tlstream__stream_out_of_memory(self->stream);
  } else if (status != 0) {
    write_failed(self);
  } else if (uv_stream_get_write_queue_size(self->uv) >= HIGH_WATER) {
    self->stream->pipe_blocked = true;
  }
}

static void on_shutdown(uv_shutdown_t *request, int status) {
  joint *self = request->data;
  if (self->closing) return;
  if (status < 0) {
    write_failed(self);
    return;
  }
  self->has_left = true;
  if (tlstream__stream_is_open(self->stream)) {
    part_if_done(self);
  } else {
    part(self);
  }
}

static void joint_ended(tlstream__joint *base) {
  joint *self = of(base);
  if (self->write_ended || self->write_broken) return;
  self->write_ended = true;
  self->shutdown.data = self;
  if (uv_shutdown(&self->shutdown, self->uv, on_shutdown) != 0) {
    write_failed(self);
  }
}

/* The stream closes. What it had to say in full still leaves. */
static void joint_closing(tlstream__joint *base) {
  joint *self = of(base);
  if (!self->write_ended || self->has_left || self->write_broken) {
    part(self);
    return;
  }
  stop_reading(self);
  uv_timer_start(&self->timer, on_late, SEND_MS, 0);
}

static const tlstream__joint_methods methods = {
    .data = joint_data,
    .ended = joint_ended,
    .drained = joint_drained,
    .closing = joint_closing,
};

/* The beginning. */

static int check(const tlstream *stream, const uv_stream_t *handle,
                 tlstream_error *error) {
  if (tlstream__stream_is_over(stream)) {
    return tlstream__error_plain(error, TLSTREAM_ERR_CLOSED);
  }
  if (handle->loop != stream->uv) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "the stream and the handle belong to two loops");
  }
  if (stream->pipe_to != NULL || stream->piped_from != NULL ||
      stream->joint != NULL || stream->inner != NULL ||
      stream->hand_back != TLSTREAM__HAND_BACK_NOT) {
    return tlstream__error_set(error, TLSTREAM_ERR_WRONG_STATE,
                               "the stream is in a pipe already, carries "
                               "another one, or has to give its handle back");
  }
  if (uv_stream_get_write_queue_size(handle) > 0) {
    return tlstream__error_set(error, TLSTREAM_ERR_WRONG_STATE,
                               "the handle has writes that wait");
  }
  return tlstream__takeover_check(handle, error);
}

static void join(joint *self, tlstream *stream, uv_stream_t *handle) {
  self->base.methods = &methods;
  self->stream = stream;
  self->loop = stream->loop;
  self->uv = handle;
  self->data = handle->data;
  self->open_handles = HANDLES;
  uv_timer_init(stream->uv, &self->timer);
  self->timer.data = self;
  uv_read_stop(handle);
  tlstream__takeover_mark(handle);
  handle->data = self;
  stream->open_handles += HANDLES;
  stream->joint = &self->base;
  stream->pipe_blocked = false;
}

int tlstream_pipe_handle(tlstream *stream, uv_stream_t *handle,
                         tlstream_handle_release_cb release,
                         tlstream_error *error) {
  tlstream__error_clear(error);
  int code = check(stream, handle, error);
  if (code != 0) return code;
  joint *self = tlstream__calloc(sizeof(*self));
  if (self == NULL) return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  join(self, stream, handle);
  self->release = release;
  if (stream->emitted == TLSTREAM__EMITTED_END) joint_ended(&self->base);
  joint_drained(&self->base); /* begin to read */
  tlstream__stream_wake(stream);
  return 0;
}
