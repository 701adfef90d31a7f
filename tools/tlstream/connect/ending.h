/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CONNECT_ENDING_H
#define TLSTREAM_TOOL_CONNECT_ENDING_H

/*
 * When our side of a connection ends, and what it means how the peer's did: the
 * tables in tlstream(1), "How a connection ends".
 *
 * Most servers give up on an answer when they see close_notify. So the end of
 * standard input does not end our side: the peer ends the connection, or is
 * silent for long enough.
 */
#include <stdbool.h>

#include <uv.h>

#include <tlstream/tlstream.h>

typedef struct ending_settings {
  bool end;    /* the end of the input ends our side */
  bool strict; /* the peer has to send close_notify */
  bool insecure_allow_truncation;
  int wait; /* seconds of silence; 0: no limit; WAIT_DEFAULT */
} ending_settings;

enum { WAIT_DEFAULT = -1 };

typedef enum ending_stage {
  ENDING_CLOSED, /* not connected, or over */
  ENDING_OPEN,   /* the input goes on */
  ENDING_WAIT,   /* it has ended, our side has not */
  ENDING_ENDED,  /* close_notify is sent, or waits behind what we sent */
  ENDING_GAVE_UP /* the peer did not end after that */
} ending_stage;

typedef struct ending {
  const ending_settings *given;
  uv_timer_t silence; /* of the peer, after the end of the input */
  ending_stage stage;
  tlstream *stream; /* borrowed while open */
  size_t unsent;    /* of ours, when the silence began */
  bool is_empty;    /* there was no input */
  bool is_unsent;   /* something of ours has not left yet */
  bool is_held;     /* standard output has not taken what came */
} ending;

/* How long the peer may be silent after an end of ours, for tlstream_timeouts.
 */
unsigned ending_half_closed_ms(const ending_settings *given);

/* The connection is secure. */
void ending_start(ending *self, tlstream *stream);

/* Something is written to the stream, and: all of it has left. */
void ending_wrote(ending *self);
void ending_flushed(ending *self);

/* Data of the peer came, and: it was printed. */
void ending_received(ending *self);
void ending_printed(ending *self);

/* The end of the input, and of the peer's data. */
void ending_input_over(ending *self);
void ending_peer_over(ending *self);

/* The stream failed with `error`, TRUNCATED. Print what it means and return the
 * exit status. */
int ending_judge_error(ending *self, const tlstream_error *error);

/* The stream closed without an error. The same. */
int ending_judge(ending *self, tlstream_ending how);

/* Let go of the stream. Safe in every state. */
void ending_stop(ending *self);

#endif
