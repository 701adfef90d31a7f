/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_STREAM_STATE_H
#define TLSTREAM_UV_STREAM_STATE_H

/*
 * The inside of a stream, shared by stream.c (calls), service.c (the engine
 * that moves bytes and runs callbacks), stream_close.c (the end), pipe.c and
 * facts.c. Whether and how the connection ends is the pair's business; here is
 * only what libuv and the user's callbacks add.
 */
#include <tlstream/pair_ending.h>
#include <tlstream/transport.h>

#include "core/pair/pair.h"
#include "uv/loop.h"
#include "uv/stream/queue.h"

/* What finds the stream a transport; embedded in it. `cancel`: the stream is
 * closing and is not to be called again. */
typedef struct tlstream__connector tlstream__connector;
struct tlstream__connector {
  void (*cancel)(tlstream__connector *connector);
};

/* What made the stream and follows its events: a server. All may be NULL. */
typedef struct tlstream__owner {
  /* A ClientHello is complete: true if the handshake may begin now. Else the
   * owner wakes the stream later, to be asked again. Needed for a pair that
   * holds its hello. */
  bool (*may_begin)(tlstream *stream);
  /* A ClientHello has arrived, and waits for a context. */
  void (*on_hello)(tlstream *stream);
  /* And the user leaves it to us. Returns what the pair's answer did. */
  int (*answer_hello)(tlstream *stream);
  /* A client's session is wanted; one can be stored, after `on_secure`. */
  void (*on_session_lookup)(tlstream *stream, tlstream_bytes id);
  void (*on_session_made)(tlstream *stream, tlstream_bytes id,
                          tlstream_bytes session);
  /* The key of a PSK identity is wanted. False if the stream's user is to be
   * asked. */
  bool (*on_psk)(tlstream *stream);
  /* Is it asked whether the certificate of a peer is accepted? Then it is, and
   * not the stream's user. */
  bool (*asks_verify)(const tlstream *stream);
  void (*on_verify)(tlstream *stream);
  void (*on_secure)(tlstream *stream);
  /* It failed before it was secure. */
  void (*on_failed)(tlstream *stream, const tlstream_error *error);
  /* After the user's on_close; the last call. */
  void (*on_closed)(tlstream *stream);
} tlstream__owner;

typedef enum tlstream__stream_life {
  TLSTREAM__STREAM_OPEN,
  TLSTREAM__STREAM_CLOSING, /* libuv closes the handles */
  TLSTREAM__STREAM_CLOSED   /* on_close has been called */
} tlstream__stream_life;

/* The user's last word; a weaker one after it changes nothing. */
typedef enum tlstream__asked {
  TLSTREAM__ASKED_NOTHING,
  TLSTREAM__ASKED_END, /* by the user, or by itself after the peer's end */
  TLSTREAM__ASKED_CLOSE,
  TLSTREAM__ASKED_DESTROY
} tlstream__asked;

/* Which events have been reported, in this order. */
typedef enum tlstream__emitted {
  TLSTREAM__EMITTED_NOTHING,
  TLSTREAM__EMITTED_FAILED, /* an error before it was secure */
  TLSTREAM__EMITTED_SECURE,
  TLSTREAM__EMITTED_END_DUE, /* the peer has ended: on_end comes next */
  TLSTREAM__EMITTED_END,
  TLSTREAM__EMITTED_ERROR
} tlstream__emitted;

/* The transport's sending side. */
typedef enum tlstream__output_side {
  TLSTREAM__OUTPUT_FREE,
  TLSTREAM__OUTPUT_PENDING, /* it keeps bytes of ours */
  TLSTREAM__OUTPUT_SHUT     /* FIN has been sent */
} tlstream__output_side;

/* A deadline has come. What the socket holds by then is read first: a process
 * that was stopped is not the peer's silence. */
typedef enum tlstream__expiry {
  TLSTREAM__EXPIRY_NOT,
  TLSTREAM__EXPIRY_DUE,   /* the loop has to look at the sockets first */
  TLSTREAM__EXPIRY_POLLED /* it has: judge in the next turn */
} tlstream__expiry;

/* Whether the transport is the user's again after a clean end. */
typedef enum tlstream__hand_back {
  TLSTREAM__HAND_BACK_NOT,
  TLSTREAM__HAND_BACK_WANTED,
  TLSTREAM__HAND_BACK_DONE /* it can be taken now */
} tlstream__hand_back;

/* What a stream calls in the transport of the stream that it carries. */
typedef struct tlstream__inner_methods {
  /* All that was written has left. True if the inner stream was waiting for
   * that and got it. */
  bool (*on_outer_flushed)(tlstream_transport *inner);
  /* The outer stream has closed. `closing` comes before its on_close and gives
   * the user's events back, `closed` after it. */
  void (*on_outer_closing)(tlstream_transport *inner);
  void (*on_outer_closed)(tlstream_transport *inner, tlstream_ending ending);
} tlstream__inner_methods;

/* What a stream calls in the joint through which a plain handle is piped into
 * it and it into the handle. */
typedef struct tlstream__joint tlstream__joint;
typedef struct tlstream__joint_methods {
  void (*data)(tlstream__joint *joint, const void *bytes, size_t len);
  void (*ended)(tlstream__joint *joint);   /* all data has been passed on */
  void (*drained)(tlstream__joint *joint); /* the stream can take more */
  void (*closing)(tlstream__joint *joint); /* the stream closes */
} tlstream__joint_methods;
struct tlstream__joint {
  const tlstream__joint_methods *methods;
};

struct tlstream {
  size_t refs;
  uv_loop_t *uv;
  tlstream__loop *loop; /* until it has closed */
  tlstream__task task;  /* on the loop's list when there is something to do */
  tlstream_pair *pair;
  tlstream_transport *transport;  /* owned; NULL while dialing */
  tlstream__connector *connector; /* borrowed; NULL once connected */

  const tlstream_events *events; /* borrowed; never NULL */
  void *data;

  const tlstream__owner *owner; /* borrowed; never NULL */
  void *owner_data;
  tlstream *owner_next; /* the owner's list */
  tlstream *owner_before;
  unsigned owner_phase; /* which of its lists that is */

  tlstream__queue queue;
  size_t high_water;
  void *output; /* lent by the loop while we encrypt */

  tlstream *pipe_to;         /* where our data goes */
  tlstream *piped_from;      /* the stream that is piped to this one */
  tlstream__joint *joint;    /* or: of a plain handle, both ways */
  tlstream_transport *inner; /* of the stream that this one carries; its own */
  const tlstream__inner_methods *inner_methods; /* set with `inner` */

  uv_timer_t timer;
  uint64_t armed;   /* what the timer waits for, or TLSTREAM_NO_DEADLINE */
  unsigned look_ms; /* until the next look at what is unsent; 0: none */
  size_t open_handles;
  long read_budget; /* bytes until others get their turn */
  long push_budget;

  uint64_t bytes_read;
  uint64_t bytes_written;
  uint64_t encrypted_bytes_read;
  uint64_t encrypted_bytes_written;

  tlstream__stream_life life;
  tlstream__asked asked;
  tlstream__emitted emitted;
  tlstream__output_side output_side;
  tlstream__hand_back hand_back;
  tlstream__expiry expiry;

  struct tlstream__job *job; /* a step of the handshake on another thread */

  bool serving;      /* inside tlstream__service() */
  bool reading;      /* the transport's input flows */
  bool paused;       /* by the user */
  bool pipe_blocked; /* by the stream that we are piped to */
  bool allow_half_open;
  bool drain_due;      /* a write returned 1 */
  bool flush_due;      /* tlstream_request_flushed() */
  bool fin_after_loss; /* never reset the transport */
  bool reset_due;      /* the stream that it carried has lost data */
  bool unref;          /* it does not keep the loop alive */
};

/* Its handles are not being closed yet. */
static inline bool tlstream__stream_is_open(const tlstream *stream) {
  return stream->life == TLSTREAM__STREAM_OPEN;
}

/* Nothing more is to be done for its user but on_close. */
static inline bool tlstream__stream_is_over(const tlstream *stream) {
  return stream->asked == TLSTREAM__ASKED_DESTROY ||
         !tlstream__stream_is_open(stream);
}

/* on_secure has been called: data may flow. */
static inline bool tlstream__stream_is_secure(const tlstream *stream) {
  return stream->emitted >= TLSTREAM__EMITTED_SECURE;
}

/* A stream without a transport yet. The pair becomes the stream's on success.
 * NULL when memory is out. */
tlstream *tlstream__stream_new(uv_loop_t *uv, tlstream_pair *pair,
                               const tlstream__owner *owner, void *owner_data);

/* Drop a stream that has no transport and has not been handed out yet. */
void tlstream__stream_discard(tlstream *stream);

/* The transport is connected: the handshake begins in the next turn. */
void tlstream__stream_begin(tlstream *stream, tlstream_transport *transport);

/* Fail from outside the pair (dialing, libuv). */
void tlstream__stream_fail(tlstream *stream, const tlstream_error *error);
void tlstream__stream_out_of_memory(tlstream *stream);

/* Do all there is to do now: handshake, callbacks, reading, writing, closing.
 * Only from the loop. */
void tlstream__service(tlstream *stream);

/* The callbacks have changed: they say whether the peer's certificate is asked
 * about. */
void tlstream__stream_note_events(tlstream *stream);

/* Report to the pair what waits beyond it: a slow peer is not one that takes
 * nothing. */
void tlstream__stream_note_waiting(tlstream *stream);

/* If a deadline has come, judge it once the sockets have been read. Only from
 * the loop's turn. */
void tlstream__stream_judge_deadlines(tlstream *stream);

/* Have the timer ring at the next deadline. */
void tlstream__stream_arm_timer(tlstream *stream);

/* As tlstream_end(), but a handshake goes on: what is piped into the stream has
 * ended, and the answer is still to come. */
void tlstream__stream_end(tlstream *stream);

/* The callbacks about sessions, a server's by id and a client's, for service.c.
 */
void tlstream__emit_session_lookup(tlstream *stream);
void tlstream__emit_session_made(tlstream *stream);
void tlstream__emit_sessions(tlstream *stream);

/* Have the loop serve it before it sleeps; not once it is closing. */
void tlstream__stream_wake(tlstream *stream);

/* Encrypt and send right away as much as goes; no callbacks. Returns how many
 * bytes were taken. */
size_t tlstream__stream_push(tlstream *stream, const void *bytes, size_t len);

/* Send what the pair has encrypted. */
void tlstream__stream_flush(tlstream *stream);

/* As tlstream_write(), for the stream that this one carries. */
int tlstream__stream_write(tlstream *stream, const void *bytes, size_t len);

/* All that was written has left, as far as the transport knows. */
bool tlstream__stream_is_flushed(const tlstream *stream);

/* The transport broke, for this reason. */
void tlstream__stream_broke(tlstream *stream, const tlstream_error *error);

/* A step of the handshake waits: have it run on another thread (work.c). The
 * stream may close, and be released, before it is back. */
void tlstream__stream_start_work(tlstream *stream);
void tlstream__stream_cancel_work(tlstream *stream);
void tlstream__stream_leave_work(tlstream *stream);

/* The innermost stream that this one carries and that is still open; the stream
 * itself if it carries none. */
tlstream *tlstream__stream_top(tlstream *stream);

/* Close the transport and the timer; on_close follows. */
void tlstream__stream_close(tlstream *stream);

/* One of the stream's handles has closed. */
void tlstream__stream_handle_closed(tlstream *stream);

/* What comes out of the stream goes elsewhere than to on_data. */
static inline bool tlstream__is_piped(const tlstream *stream) {
  return stream->pipe_to != NULL || stream->joint != NULL;
}

/* Hand data on to where the stream is piped to. */
void tlstream__pipe_data(tlstream *from, const void *bytes, size_t len);

/* `from` has come to its end: pass it on. */
void tlstream__pipe_end(tlstream *from);

/* `to` can take more. */
void tlstream__pipe_drained(tlstream *to);

/* The stream closes: take it out of its pipes, and take down with it what
 * cannot go on alone. */
void tlstream__pipe_close(tlstream *stream);

#endif
