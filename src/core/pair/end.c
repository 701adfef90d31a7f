/* SPDX-License-Identifier: MIT */
/*
 * How a pair ends: the two directions, errors, the end of the transport, and
 * the deadlines that make sure that it does end.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/ssl.h>

#include <tlstream/pair_ending.h>

#include "base/alloc.h"
#include "base/error.h"
#include "core/pair/pair.h"
#include "core/pair/state.h"

/* After a write failed: how long to wait for what the peer said before. */
enum { READ_ON_MS = 1000 };

void tlstream__pair_emit(tlstream_pair *pair, tlstream_event event) {
  pair->events |= 1u << event;
}

tlstream_event tlstream_pair_next_event(tlstream_pair *pair) {
  for (int event = TLSTREAM_EVENT_HELLO; event <= TLSTREAM_EVENT_ERROR;
       event++) {
    if ((pair->events & 1u << event) == 0) continue;
    pair->events &= ~(1u << event);
    return (tlstream_event)event;
  }
  return TLSTREAM_EVENT_NONE;
}

const tlstream_error *tlstream_pair_error(const tlstream_pair *pair) {
  return pair->error;
}

void tlstream__pair_check(const tlstream_pair *pair) {
  bool secure = tlstream__pair_secure(pair);
  (void)secure; /* without assertions */
  assert(secure || pair->writing != TLSTREAM__WRITING_ENDED);
  assert(secure || pair->reading == TLSTREAM__READING_OPEN);
  assert(secure || !pair->ticket_due);
  assert(!pair->wants_drain || pair->writing < TLSTREAM__WRITING_ENDED ||
         tlstream__pair_output_broken(pair));
  assert(pair->hello != TLSTREAM__HELLO_ASKED || pair->choose_context);
}

static void drop_output(tlstream_pair *pair) {
  size_t len = tlstream__pair_output_len(pair);
  if (len > 0) tlstream__buf_consume(&pair->link.out, len);
  pair->in_flight = false;
}

void tlstream__pair_in_flight(tlstream_pair *pair, bool in_flight) {
  if (in_flight) pair->flight_mark = pair->drained;
  pair->in_flight = in_flight;
  pair->last_progress = pair->now;
}

void tlstream__pair_progress(tlstream_pair *pair, uint64_t now_ms) {
  if (now_ms > pair->now) pair->now = now_ms;
  pair->last_progress = pair->now;
}

void tlstream__pair_hold(tlstream_pair *pair, bool held) {
  if (pair->held && !held) pair->last_progress = pair->now;
  pair->held = held;
}

static bool output_is_gone(const tlstream_pair *pair) {
  return tlstream__pair_output_len(pair) == 0 && !pair->in_flight;
}

/* Said when there is no memory for saying more. */
static tlstream_error out_of_memory = {
    .code = TLSTREAM_ERR_NO_MEMORY,
    .alert = -1,
    .depth = -1,
    .name = "ERR_TLSTREAM_NO_MEMORY",
    .message = "out of memory",
};

static tlstream_error *keep(const tlstream_error *error) {
  tlstream_error *copy = tlstream__malloc(sizeof(*copy));
  if (copy == NULL) return &out_of_memory;
  *copy = *error;
  return copy;
}

static void forget(tlstream_error *error) {
  if (error != &out_of_memory) tlstream__free(error);
}

void tlstream__pair_forget_errors(tlstream_pair *pair) {
  forget(pair->error);
  forget(pair->cause);
}

/* The first error stays. What is queued, our alert at the end of it, still has
 * the shutdown deadline to leave. */
void tlstream__pair_fail(tlstream_pair *pair, const tlstream_error *error) {
  if (tlstream__pair_failed(pair)) return;
  pair->error = keep(error);
  pair->last_progress = pair->now;
  if (tlstream__pair_output_broken(pair) ||
      pair->input == TLSTREAM__INPUT_BROKEN) {
    drop_output(pair);
  }
  tlstream__pair_emit(pair, TLSTREAM_EVENT_ERROR);
}

void tlstream__pair_fail_with(tlstream_pair *pair, int code, const char *format,
                              ...) {
  tlstream_error error;
  char message[sizeof(error.message)];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof(message), format, args);
  va_end(args);
  tlstream__error_set(&error, code, "%s", message);
  tlstream__pair_fail(pair, &error);
}

static tlstream__failure_context failure_context_of(const tlstream_pair *pair) {
  return (tlstream__failure_context){
      .is_server = pair->is_server,
      .handshaking = !tlstream__pair_secure(pair),
      .alert_sent = pair->alert_sent,
      .alert_received = pair->alert_received,
      .refused_anew = pair->refused_anew,
      .name_refused = pair->hello == TLSTREAM__HELLO_REFUSED,
      .protocols_refused = pair->hello == TLSTREAM__HELLO_PROTOCOLS_REFUSED,
      .servername = pair->servername,
      .first = pair->first,
      .first_len = pair->first_len,
  };
}

/* Why the peer was refused comes before what OpenSSL reports about it. */
void tlstream__pair_fail_ossl(tlstream_pair *pair) {
  tlstream_error error;
  tlstream__failure_context at = failure_context_of(pair);
  tlstream__ossl_explain(&error, &at);
  bool speechless =
      pair->check.refused && pair->check.authorization.why == NULL;
  if (pair->link.out_of_memory || speechless) {
    tlstream__error_plain(&error, TLSTREAM_ERR_NO_MEMORY);
  } else if (pair->check.refused) {
    error = *pair->check.authorization.why;
    error.alert = pair->alert_sent;
    error.alert_side = TLSTREAM_ALERT_OURS;
  }
  tlstream__pair_fail(pair, &error);
}

void tlstream__pair_refuse(tlstream_pair *pair) {
  tlstream_error error;
  if (pair->check.authorization.why != NULL) {
    tlstream__pair_fail(pair, pair->check.authorization.why);
  } else {
    tlstream__error_plain(&error, TLSTREAM_ERR_NO_MEMORY);
    tlstream__pair_fail(pair, &error);
  }
}

/* All data has left; what may still be queued is close_notify. */
static bool nothing_of_value_left(const tlstream_pair *pair) {
  uint64_t gone = pair->in_flight ? pair->flight_mark : pair->drained;
  return pair->writing >= TLSTREAM__WRITING_ENDED && gone >= pair->data_mark;
}

/* A write has failed, and there was data in it or behind it. */
static bool has_lost_data(const tlstream_pair *pair) {
  return pair->writing == TLSTREAM__WRITING_LOST;
}

static bool writing_is_over(const tlstream_pair *pair) {
  return pair->writing >= TLSTREAM__WRITING_ENDED && output_is_gone(pair);
}

static bool reading_is_over(const tlstream_pair *pair) {
  return pair->reading != TLSTREAM__READING_OPEN;
}

void tlstream__pair_send_end(tlstream_pair *pair) {
  if (pair->writing > TLSTREAM__WRITING_END || !tlstream__pair_secure(pair) ||
      tlstream__pair_failed(pair)) {
    return;
  }
  if (SSL_in_init(pair->ssl)) return; /* half a message: see resume_writing() */
  pair->writing = TLSTREAM__WRITING_ENDED;
  pair->data_mark = pair->drained + tlstream__pair_output_len(pair);
  tlstream__ossl_clear();
  int result = SSL_shutdown(pair->ssl);
  bool failed = result < 0 &&
                tlstream__ossl_outcome(pair->ssl, result) == TLSTREAM__FAILED;
  /* After the peer's goodbye, OpenSSL takes a lost one of ours for an end. */
  if (failed || pair->link.out_of_memory) tlstream__pair_fail_ossl(pair);
}

int tlstream_pair_end(tlstream_pair *pair) {
  if (tlstream__pair_failed(pair)) return pair->error->code;
  tlstream__pair_closing(pair);
  if (pair->writing == TLSTREAM__WRITING_CLOSING) {
    pair->writing = TLSTREAM__WRITING_END;
    tlstream__pair_send_end(pair);
  }
  return tlstream__pair_code(pair);
}

void tlstream__pair_closing(tlstream_pair *pair) {
  if (pair->writing != TLSTREAM__WRITING_OPEN) return;
  pair->writing = TLSTREAM__WRITING_CLOSING;
  pair->last_progress = pair->now;
}

/* The peer's side is over without its goodbye. That is not told as its end,
 * which would make a part look like the whole. */
static void truncate_input(tlstream_pair *pair) {
  pair->reading = TLSTREAM__READING_TRUNCATED;
}

static void fail_by_cause(tlstream_pair *pair) {
  tlstream__pair_fail(pair, pair->cause);
}

void tlstream__pair_note_peer_end(tlstream_pair *pair) {
  pair->reading = TLSTREAM__READING_ENDED;
  tlstream__pair_emit(pair, TLSTREAM_EVENT_END);
  if (has_lost_data(pair)) fail_by_cause(pair);
}

static void judge_in_handshake(tlstream_pair *pair) {
  tlstream_error error;
  bool said_nothing = pair->first_len == 0;
  if (pair->cause != NULL) {
    error = *pair->cause;
  } else {
    tlstream__error_set(&error, TLSTREAM_ERR_CLOSED_IN_HANDSHAKE,
                        said_nothing
                            ? "the peer closed the connection before it said "
                              "anything"
                            : "the peer closed the connection in the middle of "
                              "the handshake, without saying why");
  }
  error.quiet = pair->is_server && said_nothing;
  tlstream__pair_fail(pair, &error);
}

static void judge_eof(tlstream_pair *pair) {
  if (has_lost_data(pair)) {
    fail_by_cause(pair);
  } else if (pair->context->allow_truncation) {
    truncate_input(pair);
    tlstream__pair_emit(pair, TLSTREAM_EVENT_END);
  } else if (pair->writing != TLSTREAM__WRITING_OPEN) {
    truncate_input(pair);
  } else {
    tlstream__pair_fail_with(
        pair, TLSTREAM_ERR_TRUNCATED,
        "the peer closed the connection without saying goodbye "
        "(close_notify): what it sent may be incomplete");
  }
}

void tlstream__pair_judge_transport(tlstream_pair *pair) {
  if (tlstream__pair_failed(pair) || reading_is_over(pair)) return;
  if (pair->input == TLSTREAM__INPUT_OPEN) return;
  if (!tlstream__pair_secure(pair)) {
    judge_in_handshake(pair);
  } else if (pair->input == TLSTREAM__INPUT_BROKEN) {
    fail_by_cause(pair);
  } else {
    judge_eof(pair);
  }
}

static void keep_cause(tlstream_pair *pair, const tlstream_error *cause) {
  if (pair->cause == NULL) pair->cause = keep(cause);
}

/* The peer has said goodbye: what breaks now only matters if data of ours is
 * lost by it. */
static void break_after_goodbye(tlstream_pair *pair) {
  if (nothing_of_value_left(pair)) {
    drop_output(pair);
  } else {
    fail_by_cause(pair);
  }
}

bool tlstream__pair_note_read_error(tlstream_pair *pair,
                                    const tlstream_error *cause) {
  if (tlstream__pair_failed(pair)) {
    drop_output(pair);
    return false;
  }
  keep_cause(pair, cause);
  pair->input = TLSTREAM__INPUT_BROKEN;
  if (!reading_is_over(pair)) return true;
  break_after_goodbye(pair);
  return false;
}

void tlstream__pair_write_broken(tlstream_pair *pair,
                                 const tlstream_error *cause) {
  if (tlstream__pair_output_broken(pair)) return;
  pair->read_on_deadline = pair->now + READ_ON_MS;
  pair->writing = nothing_of_value_left(pair) ? TLSTREAM__WRITING_BROKEN
                                              : TLSTREAM__WRITING_LOST;
  keep_cause(pair, cause);
  if (!tlstream__pair_failed(pair) &&
      (reading_is_over(pair) || pair->input == TLSTREAM__INPUT_EOF)) {
    break_after_goodbye(pair);
  }
  drop_output(pair);
}

/* Before there is an SSL, all that arrives is taken until it is a ClientHello.
 */
static bool has_used_input_up(const tlstream_pair *pair) {
  if (pair->ssl == NULL) return pair->hello == TLSTREAM__HELLO_AWAITED;
  return tlstream__buf_len(&pair->link.in) == 0 && SSL_pending(pair->ssl) == 0;
}

bool tlstream_pair_wants_input(const tlstream_pair *pair) {
  bool trailing =
      pair->reading == TLSTREAM__READING_ENDED && pair->keep_trailing;
  return !tlstream__pair_failed(pair) && pair->input == TLSTREAM__INPUT_OPEN &&
         !trailing && has_used_input_up(pair) &&
         tlstream__pair_output_len(pair) < TLSTREAM__OUT_MARK;
}

bool tlstream_pair_wants_shutdown(const tlstream_pair *pair) {
  return !tlstream__pair_failed(pair) &&
         pair->writing == TLSTREAM__WRITING_ENDED && output_is_gone(pair);
}

bool tlstream_pair_is_finished(const tlstream_pair *pair) {
  if (tlstream__pair_failed(pair)) return output_is_gone(pair);
  return reading_is_over(pair) && writing_is_over(pair);
}

bool tlstream__pair_peer_is_over(const tlstream_pair *pair) {
  return reading_is_over(pair);
}

void tlstream__pair_allow_half_open(tlstream_pair *pair, bool allow) {
  pair->allow_half_open = allow;
}

tlstream_ending tlstream_pair_ending(const tlstream_pair *pair) {
  if (tlstream__pair_failed(pair)) return TLSTREAM_ENDING_FAILED;
  bool clean = pair->reading == TLSTREAM__READING_ENDED &&
               pair->writing >= TLSTREAM__WRITING_ENDED &&
               pair->writing != TLSTREAM__WRITING_LOST;
  return clean ? TLSTREAM_ENDING_CLEAN : TLSTREAM_ENDING_TRUNCATED;
}

/* The shutdown deadline runs for the alert of a failed pair, for what we still
 * have to send after our end, and for the peer's goodbye after that, while we
 * would hear it. */
static bool is_shutting_down(const tlstream_pair *pair) {
  if (tlstream_pair_is_finished(pair)) return false;
  if (tlstream__pair_failed(pair)) return true;
  if (!tlstream__pair_secure(pair) || pair->writing == TLSTREAM__WRITING_OPEN ||
      has_lost_data(pair)) {
    return false;
  }
  if (!writing_is_over(pair)) return true;
  return !pair->allow_half_open && !pair->held;
}

static void lower(uint64_t *deadline, uint64_t to) {
  if (to < *deadline) *deadline = to;
}

uint64_t tlstream_pair_next_deadline(const tlstream_pair *pair) {
  uint64_t deadline = TLSTREAM_NO_DEADLINE;
  bool over = tlstream__pair_failed(pair) || tlstream_pair_is_finished(pair);
  if (pair->life == TLSTREAM__PAIR_HANDSHAKING && !over) {
    lower(&deadline, pair->handshake_deadline);
  }
  if (tlstream__pair_output_broken(pair) && !over)
    lower(&deadline, pair->read_on_deadline);
  if (is_shutting_down(pair)) {
    lower(&deadline, pair->last_progress + pair->shutdown_timeout);
  }
  if (pair->idle_timeout != 0 && tlstream__pair_secure(pair) && !over) {
    lower(&deadline, pair->last_progress + pair->idle_timeout);
  }
  return deadline;
}

static void expire_handshake(tlstream_pair *pair) {
  tlstream__pair_fail_with(
      pair, TLSTREAM_ERR_HANDSHAKE_TIMEOUT,
      "the handshake was not done after %u ms%s", pair->handshake_timeout,
      pair->first_len == 0
          ? " (the other side said nothing at all: does it speak TLS?)"
          : "");
}

static void expire_shutdown(tlstream_pair *pair) {
  if (tlstream__pair_failed(pair)) {
    drop_output(pair);
  } else if (has_lost_data(pair)) {
    fail_by_cause(pair);
  } else if (nothing_of_value_left(pair)) {
    drop_output(pair); /* our goodbye, which the peer does not take */
    if (pair->reading == TLSTREAM__READING_OPEN) truncate_input(pair);
  } else {
    tlstream__pair_fail_with(pair, TLSTREAM_ERR_SHUTDOWN_TIMEOUT,
                             "the peer took nothing for %u ms, and there was "
                             "still data to send",
                             pair->shutdown_timeout);
    drop_output(pair);
  }
}

static void expire(tlstream_pair *pair) {
  if (is_shutting_down(pair) &&
      pair->now >= pair->last_progress + pair->shutdown_timeout) {
    expire_shutdown(pair);
  } else if (!tlstream__pair_secure(pair) && !tlstream__pair_failed(pair) &&
             pair->now >= pair->handshake_deadline) {
    expire_handshake(pair);
  } else if (tlstream__pair_output_broken(pair) &&
             !tlstream__pair_failed(pair) &&
             pair->now >= pair->read_on_deadline) {
    fail_by_cause(pair);
  } else if (!tlstream__pair_failed(pair)) {
    tlstream__pair_fail_with(pair, TLSTREAM_ERR_IDLE_TIMEOUT,
                             "nothing came or went for %u ms",
                             pair->idle_timeout);
  }
}

int tlstream_pair_tick(tlstream_pair *pair, uint64_t now_ms) {
  tlstream__pair_check(pair);
  if (now_ms > pair->now) pair->now = now_ms;
  if (tlstream_pair_next_deadline(pair) <= pair->now) expire(pair);
  return tlstream__pair_code(pair);
}
