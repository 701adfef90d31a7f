/* SPDX-License-Identifier: MIT */
#include "connect/ending.h"

#include <unistd.h>

#include <tlstream/stream_info.h>

#include "command.h"
#include "message.h"

enum {
  WAIT_SECONDS = 30,
  /* After an input without a byte there is no question that a server could be
   * slow to answer; a greeting comes at once. */
  EMPTY_WAIT_SECONDS = 2,
  /* After close_notify, if it was sent because the peer was silent. */
  LAST_WORDS_MS = 3000
};

/* Control-D is typed by a person who wants to end the connection. */
static bool ends_with_input(const ending_settings *given) {
  return given->end || isatty(STDIN_FILENO);
}

static unsigned wait_ms(const ending_settings *given, int fallback) {
  int seconds = given->wait == WAIT_DEFAULT ? fallback : given->wait;
  return 1000u * (unsigned)seconds;
}

unsigned ending_half_closed_ms(const ending_settings *given) {
  unsigned limit = wait_ms(given, WAIT_SECONDS);
  return ends_with_input(given) && limit != 0 ? limit : TLSTREAM_NO_TIMEOUT;
}

static void on_silence(uv_timer_t *timer);

static unsigned silence_ms(const ending *self) {
  if (self->stage == ENDING_ENDED) return LAST_WORDS_MS;
  return wait_ms(self->given,
                 self->is_empty ? EMPTY_WAIT_SECONDS : WAIT_SECONDS);
}

/* Begin to measure the silence anew, if it is for the peer to speak. */
static void listen_anew(ending *self) {
  bool waits = self->stage == ENDING_WAIT || self->stage == ENDING_ENDED;
  if (!waits || ends_with_input(self->given)) return;
  unsigned limit = silence_ms(self);
  self->unsent = tlstream_unsent(self->stream);
  uv_timer_stop(&self->silence);
  if (self->is_held || limit == 0) return;
  uv_update_time(self->silence.loop);
  uv_timer_start(&self->silence, on_silence, limit, 0);
}

static void end_ours(ending *self) {
  self->stage = ENDING_ENDED;
  tlstream_end(self->stream);
  listen_anew(self);
}

static void on_silence(uv_timer_t *timer) {
  ending *self = timer->data;
  if (tlstream_unsent(self->stream) < self->unsent) {
    listen_anew(self); /* the peer is slow to read, not silent */
  } else if (self->stage == ENDING_ENDED) {
    self->stage = ENDING_GAVE_UP;
    tlstream_destroy(self->stream);
  } else {
    end_ours(self);
  }
}

void ending_start(ending *self, tlstream *stream) {
  self->stage = ENDING_OPEN;
  self->stream = stream;
  self->is_empty = true;
  uv_timer_init(tlstream_loop(stream), &self->silence);
  self->silence.data = self;
}

void ending_wrote(ending *self) {
  self->is_empty = false;
  self->is_unsent = true;
  tlstream_request_flushed(self->stream);
}

void ending_flushed(ending *self) {
  self->is_unsent = false;
  listen_anew(self);
}

void ending_received(ending *self) {
  self->is_held = true;
  listen_anew(self);
}

void ending_printed(ending *self) {
  self->is_held = false;
  listen_anew(self);
}

void ending_input_over(ending *self) {
  if (self->stage != ENDING_OPEN) return;
  self->stage = ENDING_WAIT;
  if (ends_with_input(self->given)) {
    end_ours(self);
  } else {
    listen_anew(self);
  }
}

void ending_peer_over(ending *self) {
  if (self->stage == ENDING_CLOSED) return;
  uv_timer_stop(&self->silence);
  self->stage = ENDING_ENDED;
  tlstream_end(self->stream);
}

static int accept_truncation(const ending *self) {
  if (self->given->insecure_allow_truncation) return EXIT_DONE;
  print_message(self->stage == ENDING_GAVE_UP
                    ? "warning: the peer did not end the connection; what it "
                      "sent may be incomplete"
                    : "warning: the peer closed the connection without "
                      "close_notify; only its protocol knows whether what it "
                      "sent is complete");
  return EXIT_DONE;
}

/* Nothing that is known to be lost is ever accepted. */
static bool is_acceptable(const ending *self) {
  if (tlstream_truncated_in_record(self->stream)) return false;
  /* After its end the stream itself fails if something of ours is lost. */
  if (self->is_unsent && self->stage != ENDING_ENDED) return false;
  if (self->given->strict) return false;
  return self->given->insecure_allow_truncation ||
         tlstream_bytes_read(self->stream) > 0;
}

int ending_judge_error(ending *self, const tlstream_error *error) {
  return is_acceptable(self) ? accept_truncation(self) : print_error(error);
}

int ending_judge(ending *self, tlstream_ending how) {
  bool gave_up = self->stage == ENDING_GAVE_UP;
  if (how != TLSTREAM_ENDING_TRUNCATED && !gave_up) return EXIT_DONE;
  if (is_acceptable(self)) return accept_truncation(self);
  print_message("%s: the peer %s", tlstream_error_name(TLSTREAM_ERR_TRUNCATED),
                gave_up ? "was silent and did not end the connection"
                        : "closed the connection without close_notify");
  return EXIT_PEER;
}

void ending_stop(ending *self) {
  if (self->stage == ENDING_CLOSED) return;
  self->stage = ENDING_CLOSED;
  self->stream = NULL;
  uv_close((uv_handle_t *)&self->silence, NULL);
}
