/* SPDX-License-Identifier: MIT */
/*
 * The engine of a stream: every turn of it moves what can be moved, calls the
 * user's callbacks, and leaves the transport and the timer as they should be.
 * The only place from which a stream's callbacks are run, on_close aside.
 */
#include "uv/stream/state.h"

#include <assert.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>
#include <tlstream/stream_hello.h>
#include <tlstream/stream_info.h>
#include <tlstream/stream_psk.h>

#include "uv/uv_error.h"

/* Before another stream gets its turn: input taken, output made, rounds. */
enum { READ_BUDGET = 256 * 1024, PUSH_BUDGET = 1024 * 1024, ROUNDS = 8 };

static bool lend_output(tlstream *stream) {
  if (stream->output == NULL) {
    stream->output = tlstream__loop_borrow(stream->loop);
  }
  if (stream->output == NULL) return false;
  tlstream__pair_lend_output(stream->pair, stream->output,
                             TLSTREAM__BUFFER_SIZE);
  return true;
}

static void settle_output(tlstream *stream) {
  if (stream->output == NULL) return;
  tlstream__pair_settle_output(stream->pair);
  tlstream__loop_return(stream->loop, stream->output);
  stream->output = NULL;
}

static void write_failed(tlstream *stream, int status) {
  tlstream_error error;
  tlstream__uv_error(&error, TLSTREAM_ERR_SYSTEM, status,
                     "the connection broke while sending");
  tlstream__pair_write_broken(stream->pair, &error, tlstream__is_piped(stream));
  tlstream__queue_drop(&stream->queue);
}

/* A transport without a half-close is closed when both ends have been seen. */
static void shut_down_when_due(tlstream *stream) {
  if (stream->output_side != TLSTREAM__OUTPUT_FREE ||
      stream->hand_back != TLSTREAM__HAND_BACK_NOT ||
      !tlstream_pair_wants_shutdown(stream->pair)) {
    return;
  }
  stream->output_side = TLSTREAM__OUTPUT_SHUT;
  if (stream->transport->methods->shutdown != NULL) {
    stream->transport->methods->shutdown(stream->transport);
  }
}

void tlstream__stream_flush(tlstream *stream) {
  size_t len = 0;
  if (stream->output_side == TLSTREAM__OUTPUT_PENDING ||
      stream->transport == NULL || !tlstream__stream_is_open(stream))
    return;
  const void *data = tlstream_pair_peek(stream->pair, &len);
  if (len > 0) {
    int status =
        stream->transport->methods->write(stream->transport, data, len);
    stream->output_side =
        status == 1 ? TLSTREAM__OUTPUT_PENDING : TLSTREAM__OUTPUT_FREE;
    tlstream__pair_in_flight(stream->pair, status == 1);
    if (status < 0) {
      write_failed(stream, status);
    } else {
      tlstream_pair_consume(stream->pair, len);
      stream->encrypted_bytes_written += len;
    }
  }
  shut_down_when_due(stream);
}

/* Encrypt one batch and send it. */
static size_t push_batch(tlstream *stream, const void *bytes, size_t len) {
  lend_output(stream); /* without it the pair uses memory of its own */
  ptrdiff_t taken = tlstream_pair_write(stream->pair, bytes, len);
  tlstream__stream_flush(stream);
  return taken > 0 ? (size_t)taken : 0;
}

static bool may_push(const tlstream *stream) {
  return stream->output_side != TLSTREAM__OUTPUT_PENDING &&
         stream->transport != NULL && !tlstream__stream_is_over(stream) &&
         tlstream__pair_is_writable(stream->pair);
}

size_t tlstream__stream_push(tlstream *stream, const void *bytes, size_t len) {
  size_t done = 0;
  while (done < len && stream->push_budget > 0 && may_push(stream)) {
    size_t taken = push_batch(stream, (const char *)bytes + done, len - done);
    if (taken == 0) break;
    done += taken;
    stream->push_budget -= (long)taken;
  }
  if (!stream->serving) settle_output(stream);
  return done;
}

/* Encrypt what is queued, chunk by chunk, and send the batch. Small chunks of
 * the user's each make a record; the system call is one. */
static void send_queue(tlstream *stream) {
  size_t len = 0;
  const void *front = tlstream__queue_front(&stream->queue, &len);
  if (len > 0 && may_push(stream)) lend_output(stream);
  while (len > 0 && may_push(stream)) {
    ptrdiff_t taken = tlstream_pair_write(stream->pair, front, len);
    if (taken <= 0) break;
    tlstream__queue_consume(&stream->queue, (size_t)taken);
    if ((size_t)taken < len) break;
    front = tlstream__queue_front(&stream->queue, &len);
  }
  if (stream->queue.bytes == 0 && stream->asked != TLSTREAM__ASKED_NOTHING &&
      tlstream__stream_is_secure(stream)) {
    tlstream_pair_end(stream->pair);
  }
  tlstream__stream_flush(stream);
}

void tlstream_flush(tlstream *stream) {
  if (tlstream__stream_is_over(stream) || !tlstream__stream_is_secure(stream))
    return;
  tlstream__pair_set_time(stream->pair, uv_now(stream->loop->uv));
  send_queue(stream);
  if (!stream->serving) settle_output(stream);
  tlstream__stream_wake(stream);
}

/* All that is queued, in a bounded number of batches. True if there is more to
 * send and the transport would take it. */
static bool send_all(tlstream *stream) {
  if (tlstream__stream_is_over(stream))
    return false; /* not even close_notify */
  for (int round = 0; round < ROUNDS; round++) {
    size_t before = stream->queue.bytes;
    send_queue(stream);
    if (stream->queue.bytes == 0 || stream->queue.bytes == before) return false;
  }
  return may_push(stream);
}

static void emit_hello(tlstream *stream) {
  if (stream->owner->on_hello != NULL) {
    stream->owner->on_hello(stream);
  } else if (stream->events->on_hello != NULL) {
    stream->events->on_hello(stream, tlstream_servername(stream), stream->data);
  } else {
    (void)!tlstream_hello_accept(stream, NULL);
  }
}

static void emit_psk(tlstream *stream) {
  size_t len = 0;
  const char *identity = tlstream_psk_identity(stream, &len);
  if (stream->owner->on_psk != NULL && stream->owner->on_psk(stream)) return;
  if (stream->events->on_psk != NULL) {
    stream->events->on_psk(stream, identity, len, stream->data);
  } else {
    (void)tlstream_psk_refuse(stream);
  }
}

/* The owner's question before the user's: the callbacks of a server's stream
 * may have been set in on_hello. */
static void emit_verify(tlstream *stream) {
  const tlstream__owner *owner = stream->owner;
  if (owner->asks_verify != NULL && owner->asks_verify(stream)) {
    owner->on_verify(stream);
  } else if (stream->events->on_verify != NULL) {
    stream->events->on_verify(stream, stream->data);
  }
}

static void emit_secure(tlstream *stream) {
  stream->emitted = TLSTREAM__EMITTED_SECURE;
  if (stream->owner->on_secure != NULL) {
    stream->owner->on_secure(stream);
  } else if (stream->events->on_secure != NULL) {
    stream->events->on_secure(stream, stream->data);
  }
}

/* The peer's end ends a stream, unless another one still has something to send
 * through it. */
static bool ends_by_itself(const tlstream *stream) {
  return !stream->allow_half_open && stream->piped_from == NULL &&
         stream->joint == NULL;
}

static void emit_end(tlstream *stream) {
  if (stream->emitted != TLSTREAM__EMITTED_END_DUE || stream->paused ||
      stream->asked >= TLSTREAM__ASKED_CLOSE ||
      !tlstream__stream_is_open(stream)) {
    return;
  }
  stream->emitted = TLSTREAM__EMITTED_END;
  if (stream->events->on_end != NULL) {
    stream->events->on_end(stream, stream->data);
  }
  tlstream__pipe_end(stream); /* all has been passed on, whatever comes now */
  if (stream->asked == TLSTREAM__ASKED_DESTROY) return;
  if (ends_by_itself(stream)) tlstream_end(stream);
}

static void emit_error(tlstream *stream) {
  const tlstream_error *error = tlstream_pair_error(stream->pair);
  bool secure = tlstream__stream_is_secure(stream);
  stream->emitted = secure ? TLSTREAM__EMITTED_ERROR : TLSTREAM__EMITTED_FAILED;
  tlstream__queue_drop(&stream->queue);
  if (!secure && stream->owner->on_failed != NULL) {
    stream->owner->on_failed(stream, error);
  } else if (stream->events->on_error != NULL) {
    stream->events->on_error(stream, error, stream->data);
  }
}

static void emit_events(tlstream *stream) {
  while (!tlstream__stream_is_over(stream)) {
    switch (tlstream_pair_next_event(stream->pair)) {
      case TLSTREAM_EVENT_NONE: emit_end(stream); return;
      case TLSTREAM_EVENT_HELLO: emit_hello(stream); break;
      case TLSTREAM_EVENT_PSK: emit_psk(stream); break;
      case TLSTREAM_EVENT_VERIFY: emit_verify(stream); break;
      case TLSTREAM_EVENT_WORK: tlstream__stream_start_work(stream); break;
      case TLSTREAM_EVENT_SECURE: emit_secure(stream); break;
      case TLSTREAM_EVENT_SESSION_LOOKUP:
        tlstream__emit_session_lookup(stream);
        break;
      case TLSTREAM_EVENT_SESSION_MADE:
        tlstream__emit_session_made(stream);
        break;
      case TLSTREAM_EVENT_SESSION: tlstream__emit_sessions(stream); break;
      case TLSTREAM_EVENT_END:
        stream->emitted = TLSTREAM__EMITTED_END_DUE;
        break;
      case TLSTREAM_EVENT_ERROR:
        emit_end(stream);
        emit_error(stream);
        break;
      default: break; /* reading and draining are looked at every turn */
    }
  }
}

static bool wants_data(const tlstream *stream) {
  if (stream->paused || !tlstream__stream_is_secure(stream) ||
      stream->asked >= TLSTREAM__ASKED_CLOSE ||
      !tlstream__stream_is_open(stream)) {
    return false;
  }
  if (tlstream__is_piped(stream)) return !stream->pipe_blocked;
  return stream->events->on_data != NULL;
}

static void hand_over(tlstream *stream, const void *bytes, size_t len) {
  stream->bytes_read += len;
  if (tlstream__is_piped(stream)) {
    tlstream__pipe_data(stream, bytes, len);
  } else {
    stream->events->on_data(stream, bytes, len, stream->data);
  }
}

/* Read one buffer's worth. True if there was something. */
static bool read_some(tlstream *stream) {
  if (!wants_data(stream)) {
    bool looks = !stream->paused || stream->asked == TLSTREAM__ASKED_CLOSE;
    if (looks && !tlstream__stream_is_over(stream)) {
      tlstream__pair_look(stream->pair);
    }
    return false;
  }
  void *buffer = tlstream__loop_borrow(stream->loop);
  if (buffer == NULL) {
    tlstream__stream_out_of_memory(stream);
    return false;
  }
  ptrdiff_t len =
      tlstream_pair_read(stream->pair, buffer, TLSTREAM__BUFFER_SIZE);
  if (len > 0) hand_over(stream, buffer, (size_t)len);
  tlstream__loop_return(stream->loop, buffer);
  return len > 0;
}

bool tlstream__stream_is_flushed(const tlstream *stream) {
  return stream->queue.bytes == 0 &&
         stream->output_side != TLSTREAM__OUTPUT_PENDING &&
         tlstream_pair_pending(stream->pair) == 0;
}

static bool emit_to_inner(tlstream *stream) {
  return stream->inner != NULL && !tlstream__stream_is_over(stream) &&
         tlstream__stream_is_flushed(stream) &&
         stream->inner_methods->on_outer_flushed(stream->inner);
}

/* After tlstream_end() close_notify is a part of what was written. */
static bool is_close_notify_due(const tlstream *stream) {
  return stream->asked != TLSTREAM__ASKED_NOTHING &&
         !tlstream_pair_wants_shutdown(stream->pair);
}

/* Before on_drain, in which the user may keep the queue filled for ever. What
 * was lost because the transport broke has not been flushed. */
static bool emit_flushed(tlstream *stream) {
  if (!stream->flush_due || !tlstream__stream_is_secure(stream) ||
      tlstream__stream_is_over(stream)) {
    return false;
  }
  if (!tlstream__stream_is_flushed(stream) || is_close_notify_due(stream) ||
      tlstream__pair_is_write_closed(stream->pair)) {
    return false;
  }
  stream->flush_due = false;
  if (stream->events->on_flushed != NULL) {
    stream->events->on_flushed(stream, stream->data);
  }
  return true;
}

static bool emit_drain(tlstream *stream) {
  if (!stream->drain_due || stream->queue.bytes > 0 ||
      tlstream__stream_is_over(stream)) {
    return false;
  }
  if (!tlstream__stream_is_secure(stream) ||
      stream->emitted == TLSTREAM__EMITTED_ERROR)
    return false;
  stream->drain_due = false;
  tlstream__pipe_drained(stream);
  if (stream->events->on_drain != NULL) {
    stream->events->on_drain(stream, stream->data);
  }
  return true;
}

static void shake_hands(tlstream *stream) {
  tlstream__pair_keep_sessions(stream->pair,
                               stream->events->on_session != NULL);
  tlstream__pair_advance(stream->pair);
  if (tlstream__pair_is_held(stream->pair) &&
      stream->owner->may_begin(stream)) {
    tlstream__pair_begin_handshake(stream->pair);
  }
}

static void turn(tlstream *stream) {
  bool more = true;
  for (int round = 0;
       more && round < ROUNDS && !tlstream__stream_is_over(stream); round++) {
    shake_hands(stream);
    emit_events(stream);
    more = read_some(stream);
    more |= send_all(stream);
    emit_events(stream);
    more |= emit_flushed(stream);
    more |= emit_drain(stream);
    more |= emit_to_inner(stream);
  }
  if (more && !tlstream__stream_is_over(stream)) tlstream__stream_wake(stream);
}

static bool should_read(const tlstream *stream) {
  if (stream->read_budget <= 0) return false;
  if (stream->paused && tlstream__stream_is_secure(stream) &&
      stream->asked < TLSTREAM__ASKED_CLOSE &&
      tlstream_pair_error(stream->pair) == NULL) {
    return false;
  }
  return tlstream_pair_wants_input(stream->pair);
}

static void steer_reading(tlstream *stream) {
  bool wanted = should_read(stream);
  if (wanted == stream->reading) return;
  stream->reading = wanted;
  if (!wanted) {
    stream->transport->methods->read_stop(stream->transport);
    return;
  }
  int status = stream->transport->methods->read_start(stream->transport);
  if (status == 0) return;
  stream->reading = false;
  tlstream_transport_failed(stream->transport, status);
}

/* A paused stream still has to report the end. */
static bool is_finished(const tlstream *stream) {
  if (stream->asked == TLSTREAM__ASKED_DESTROY) return true;
  return tlstream_pair_is_finished(stream->pair) &&
         (stream->emitted != TLSTREAM__EMITTED_END_DUE ||
          stream->asked == TLSTREAM__ASKED_CLOSE);
}

/* Leave everything as it should be until something happens. */
static void settle(tlstream *stream) {
  tlstream__pair_settle_input(stream->pair);
  settle_output(stream);
  emit_events(stream);
  settle_output(stream); /* of what was written by the last callback */
  tlstream__stream_note_waiting(stream);
  emit_events(stream); /* either may have been a failure */
  if (is_finished(stream)) {
    tlstream__stream_close(stream);
    return;
  }
  tlstream__pair_hold(stream->pair, stream->paused || stream->pipe_blocked);
  tlstream__stream_arm_timer(stream);
  if (stream->transport != NULL) steer_reading(stream);
}

void tlstream__service(tlstream *stream) {
  if (stream->serving || !tlstream__stream_is_open(stream)) return;
  stream->serving = true;
  tlstream_ref(stream);
  tlstream__pair_set_time(stream->pair, uv_now(stream->loop->uv));
  stream->push_budget = PUSH_BUDGET;
  if (stream->transport != NULL) turn(stream);
  tlstream__queue_give_back(&stream->queue);
  settle(stream);
  stream->serving = false;
  tlstream_unref(stream);
}

/* A stream that has used up its budget stops reading until the next turn of the
 * loop. */
static void on_task(tlstream__task *task) {
  tlstream *stream =
      (tlstream *)(void *)((char *)task - offsetof(tlstream, task));
  stream->read_budget = READ_BUDGET;
  tlstream__stream_judge_deadlines(stream);
  tlstream__service(stream);
}

void tlstream__stream_wake(tlstream *stream) {
  if (!tlstream__stream_is_open(stream)) return;
  stream->task.run = on_task;
  tlstream__loop_schedule(stream->loop, &stream->task);
}

static void count_input(tlstream *stream, size_t len) {
  stream->encrypted_bytes_read += len;
  stream->read_budget -= (long)len;
  if (stream->read_budget <= 0) tlstream__stream_wake(stream);
}

/* Inside its methods a transport must not report anything: the stream is in the
 * middle of something. */
static tlstream *stream_of(const tlstream_transport *transport) {
  assert(!transport->stream->serving);
  return transport->stream;
}

void tlstream_transport_input(tlstream_transport *transport, const void *data,
                              size_t len) {
  tlstream *stream = stream_of(transport);
  if (!tlstream__stream_is_open(stream)) return;
  tlstream__pair_set_time(stream->pair, uv_now(stream->loop->uv));
  tlstream__pair_lend_input(stream->pair, data, len);
  count_input(stream, len);
  tlstream__service(stream);
}

void tlstream_transport_eof(tlstream_transport *transport) {
  tlstream *stream = stream_of(transport);
  stream->reading = false;
  if (!tlstream__stream_is_open(stream)) return;
  tlstream__pair_set_time(stream->pair, uv_now(stream->loop->uv));
  tlstream_pair_feed_eof(stream->pair);
  tlstream__service(stream);
}

void tlstream_transport_written(tlstream_transport *transport, int status) {
  tlstream *stream = stream_of(transport);
  stream->output_side = TLSTREAM__OUTPUT_FREE;
  if (!tlstream__stream_is_open(stream)) return;
  tlstream__pair_set_time(stream->pair, uv_now(stream->loop->uv));
  if (status < 0) {
    write_failed(stream, status);
  } else {
    tlstream__pair_in_flight(stream->pair, false);
  }
  tlstream__service(stream);
}
