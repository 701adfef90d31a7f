/* SPDX-License-Identifier: MIT */
/*
 * How a pair ends: the two directions, each on its own, and what the end of the
 * transport means to them. docs/guide/closing.md is the contract.
 */
#include <assert.h>
#include <string.h>

#include <openssl/ssl.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "base/error.h"
#include "core/pair/pair.h"
#include "core/pair/state.h"

/* After a write failed: how long to wait for what the peer sent before. */
enum { READ_ON_MS = 1000 };

tlstream_event tlstream_pair_next_event(tlstream_pair *pair) {
  if (tlstream__pair_secure(pair) &&
      (pair->events & 1u << TLSTREAM_EVENT_SESSION_MADE) == 0) {
    tlstream__lookup_forget_made(&pair->lookup);
  }
  for (int event = TLSTREAM_EVENT_HELLO; event <= TLSTREAM_EVENT_ERROR;
       event++) {
    if ((pair->events & 1u << event) == 0) continue;
    pair->events &= ~(1u << event);
    return (tlstream_event)event;
  }
  return TLSTREAM_EVENT_NONE;
}

void tlstream__pair_check(const tlstream_pair *pair) {
  bool secure = tlstream__pair_secure(pair);
  (void)secure; /* without assertions */
  assert(secure || pair->writing != TLSTREAM__WRITING_ENDED);
  assert(secure || pair->reading != TLSTREAM__READING_ENDED);
  assert(secure || pair->tickets_due == 0);
  assert((pair->error != NULL) == (pair->failing != TLSTREAM__FAILING_NOT));
  assert(pair->failing != TLSTREAM__FAILING_LINGER ||
         tlstream__pair_output_len(pair) == 0);
  assert(!pair->wants_drain || pair->writing < TLSTREAM__WRITING_ENDED ||
         tlstream__pair_output_broken(pair));
  assert(pair->hello != TLSTREAM__HELLO_ASKED || pair->choose_context);
  assert(!secure || pair->check.question != TLSTREAM__QUESTION_ASKED);
}

static bool has_lost_data(const tlstream_pair *pair) {
  return pair->writing == TLSTREAM__WRITING_LOST;
}

static bool writing_is_over(const tlstream_pair *pair) {
  return pair->writing >= TLSTREAM__WRITING_ENDED &&
         tlstream__pair_output_is_gone(pair);
}

static bool reading_is_over(const tlstream_pair *pair) {
  return pair->reading >= TLSTREAM__READING_ENDED;
}

/* The peer was cut off while we were still sending: that can be reported once
 * all has left. */
void tlstream__pair_left(tlstream_pair *pair) {
  tlstream__pair_note_left(pair);
  if (!tlstream__pair_failed(pair) && pair->truncation_due &&
      tlstream__pair_has_left(pair)) {
    tlstream__pair_fail_by_cause(pair);
  }
}

void tlstream__pair_in_flight(tlstream_pair *pair, bool in_flight) {
  if (in_flight) pair->flight_mark = pair->drained;
  pair->in_flight = in_flight;
  pair->last_output = pair->now;
  tlstream__pair_left(pair);
}

void tlstream__pair_set_waiting(tlstream_pair *pair, size_t owner_waits,
                                size_t unsent) {
  bool progress = unsent < pair->unsent;
  bool begins = owner_waits > 0 && pair->owner_waits == 0;
  if (progress || begins) pair->last_output = pair->now;
  pair->owner_waits = owner_waits;
  pair->unsent = unsent;
  if (progress) tlstream__pair_left(pair);
}

void tlstream__pair_hold(tlstream_pair *pair, bool held) {
  if (pair->held && !held) pair->last_input = pair->now;
  pair->held = held;
}

/* What the owner asks for. */

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
  /* After the peer's close_notify, OpenSSL takes a lost one of ours for an end.
   */
  if (failed || pair->link.out_of_memory) tlstream__pair_fail_ossl(pair);
}

int tlstream_pair_end(tlstream_pair *pair) {
  if (tlstream__pair_failed(pair)) return pair->error->code;
  tlstream__pair_closing(pair);
  if (pair->writing == TLSTREAM__WRITING_CLOSING) {
    pair->writing = TLSTREAM__WRITING_END;
    pair->data_mark = pair->drained + tlstream__pair_output_len(pair);
    tlstream__pair_send_end(pair);
    tlstream__pair_left(pair);
  }
  return tlstream__pair_code(pair);
}

void tlstream__pair_abandon(tlstream_pair *pair) {
  if (tlstream__pair_failed(pair) || tlstream__pair_secure(pair)) return;
  pair->writing = TLSTREAM__WRITING_BROKEN;
  pair->reading = TLSTREAM__READING_TRUNCATED;
  tlstream__pair_drop_output(pair);
}

void tlstream__pair_closing(tlstream_pair *pair) {
  if (pair->writing != TLSTREAM__WRITING_OPEN) return;
  pair->writing = TLSTREAM__WRITING_CLOSING;
  pair->last_output = pair->now;
}

void tlstream__pair_discard(tlstream_pair *pair) {
  pair->events &= ~(1u << TLSTREAM_EVENT_DATA | 1u << TLSTREAM_EVENT_END);
  if (pair->reading != TLSTREAM__READING_OPEN) return;
  pair->reading = TLSTREAM__READING_DISCARD;
}

/* What the peer and the transport do. */

/* The peer's side is over without its close_notify. A half message that stood
 * in the way of ours will never be whole. */
void tlstream__pair_truncate(tlstream_pair *pair) {
  pair->reading = TLSTREAM__READING_TRUNCATED;
  if (pair->writing == TLSTREAM__WRITING_END && SSL_in_init(pair->ssl)) {
    pair->writing = TLSTREAM__WRITING_BROKEN;
  }
  if (tlstream__pair_data_has_left(pair)) {
    tlstream__pair_drop_output(pair); /* close_notify, if it has not left */
  }
  tlstream__pair_left(pair);
}

void tlstream__pair_note_peer_end(tlstream_pair *pair) {
  bool heard = pair->reading == TLSTREAM__READING_OPEN;
  pair->reading = TLSTREAM__READING_ENDED;
  if (heard) tlstream__pair_emit(pair, TLSTREAM_EVENT_END);
  if (has_lost_data(pair)) tlstream__pair_fail_by_cause(pair);
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

/* An answer that may be incomplete is never passed off as an end. While data of
 * ours is still leaving, the error waits for it. */
static void refuse_truncation(tlstream_pair *pair) {
  tlstream_error error;
  tlstream__error_set(&error, TLSTREAM_ERR_TRUNCATED,
                      pair->truncated_in_record
                          ? "the connection ended in the middle of a record, "
                            "without close_notify: data of the peer is lost"
                          : "the peer closed the connection without "
                            "close_notify: what it sent may be incomplete");
  tlstream__pair_keep_cause(pair, &error);
  if (pair->writing == TLSTREAM__WRITING_OPEN ||
      tlstream__pair_has_left(pair)) {
    tlstream__pair_fail_by_cause(pair);
  } else {
    pair->truncation_due = true;
    tlstream__pair_truncate(pair);
  }
}

/* Of a record OpenSSL keeps what it has read itself; after the five bytes of
 * its header that is nothing, but it is waiting for the body ("RB"). */
static bool is_in_record(const tlstream_pair *pair) {
  return SSL_has_pending(pair->ssl) == 1 ||
         strcmp(SSL_rstate_string(pair->ssl), "RB") == 0;
}

static void judge_eof(tlstream_pair *pair) {
  pair->truncated_in_record = is_in_record(pair);
  if (has_lost_data(pair)) {
    tlstream__pair_fail_by_cause(pair);
  } else if (pair->reading == TLSTREAM__READING_DISCARD) {
    tlstream__pair_truncate(pair);
  } else if (pair->context->allow_truncation) {
    tlstream__pair_truncate(pair);
    tlstream__pair_emit(pair, TLSTREAM_EVENT_END);
  } else {
    refuse_truncation(pair);
  }
}

/* The owner has closed: a reset matters only if data of ours is lost by it. */
static void judge_reset(tlstream_pair *pair) {
  if (pair->reading == TLSTREAM__READING_DISCARD &&
      tlstream__pair_data_has_left(pair)) {
    tlstream__pair_truncate(pair);
  } else {
    tlstream__pair_fail_by_cause(pair);
  }
}

void tlstream__pair_judge_transport(tlstream_pair *pair) {
  if (tlstream__pair_failed(pair) || reading_is_over(pair)) return;
  if (pair->input == TLSTREAM__INPUT_OPEN) return;
  if (!tlstream__pair_secure(pair)) {
    judge_in_handshake(pair);
  } else if (pair->input == TLSTREAM__INPUT_BROKEN) {
    judge_reset(pair);
  } else {
    judge_eof(pair);
  }
}

static void stop_lingering(tlstream_pair *pair) {
  tlstream__pair_drop_output(pair);
  pair->failing = TLSTREAM__FAILING_DONE;
}

bool tlstream__pair_note_eof(tlstream_pair *pair) {
  if (pair->input == TLSTREAM__INPUT_OPEN) pair->input = TLSTREAM__INPUT_EOF;
  if (pair->failing == TLSTREAM__FAILING_LINGER) stop_lingering(pair);
  return !tlstream__pair_failed(pair);
}

/* The peer has ended: what breaks now only matters if data of ours is lost by
 * it. */
static void break_after_end(tlstream_pair *pair) {
  if (tlstream__pair_data_has_left(pair)) {
    tlstream__pair_drop_output(pair);
    tlstream__pair_left(pair);
  } else {
    tlstream__pair_fail_by_cause(pair);
  }
}

bool tlstream__pair_note_read_error(tlstream_pair *pair,
                                    const tlstream_error *cause) {
  if (tlstream__pair_failed(pair)) {
    stop_lingering(pair);
    return false;
  }
  tlstream__pair_keep_cause(pair, cause);
  pair->input = TLSTREAM__INPUT_BROKEN;
  if (reading_is_over(pair)) {
    break_after_end(pair);
    return false;
  }
  return true;
}

void tlstream__pair_write_broken(tlstream_pair *pair,
                                 const tlstream_error *cause, bool piped) {
  if (tlstream__pair_output_broken(pair)) return;
  pair->read_on_deadline =
      pair->now + (piped ? pair->timeouts.send_ms : READ_ON_MS);
  pair->writing = tlstream__pair_data_has_left(pair) ? TLSTREAM__WRITING_BROKEN
                                                     : TLSTREAM__WRITING_LOST;
  tlstream__pair_keep_cause(pair, cause);
  if (tlstream__pair_failed(pair)) {
    stop_lingering(pair);
  } else if (reading_is_over(pair)) {
    break_after_end(pair);
  } else if (pair->reading == TLSTREAM__READING_DISCARD) {
    judge_reset(pair);
  }
  tlstream__pair_drop_output(pair);
}

/* Before there is an SSL, all that arrives is taken until it is a ClientHello;
 * and so it is with a ClientKeyExchange that OpenSSL does not get yet. */
static bool has_used_input_up(const tlstream_pair *pair) {
  if (pair->work == TLSTREAM__WORK_TAKEN) {
    return tlstream__buf_len(&pair->link.in) == 0;
  }
  if (pair->ssl == NULL) return pair->hello == TLSTREAM__HELLO_AWAITED;
  if (pair->awaits_psk) return !tlstream__psk_is_asked(pair);
  return tlstream__buf_len(&pair->link.in) == 0 && SSL_pending(pair->ssl) == 0;
}

/* What the owner asks about. */

bool tlstream_pair_wants_input(const tlstream_pair *pair) {
  bool trailing =
      pair->reading == TLSTREAM__READING_ENDED && pair->keep_trailing;
  if (pair->input != TLSTREAM__INPUT_OPEN) return false;
  if (tlstream__pair_failed(pair)) {
    return pair->failing != TLSTREAM__FAILING_DONE;
  }
  return !trailing && has_used_input_up(pair) &&
         tlstream__pair_output_len(pair) < TLSTREAM__OUT_MARK;
}

bool tlstream_pair_wants_shutdown(const tlstream_pair *pair) {
  if (tlstream__pair_failed(pair)) {
    return pair->failing == TLSTREAM__FAILING_LINGER;
  }
  return pair->writing == TLSTREAM__WRITING_ENDED &&
         tlstream__pair_output_is_gone(pair);
}

bool tlstream_pair_is_finished(const tlstream_pair *pair) {
  if (tlstream__pair_failed(pair)) {
    return pair->failing == TLSTREAM__FAILING_DONE;
  }
  return reading_is_over(pair) && writing_is_over(pair);
}

/* close_notify may lie behind data that the owner has yet to read. */
bool tlstream_pair_truncated(const tlstream_pair *pair) {
  if (pair->input == TLSTREAM__INPUT_OPEN ||
      pair->reading == TLSTREAM__READING_ENDED) {
    return false;
  }
  return pair->reading == TLSTREAM__READING_TRUNCATED ||
         tlstream__pair_failed(pair) || has_used_input_up(pair);
}

bool tlstream__pair_peer_is_over(const tlstream_pair *pair) {
  return reading_is_over(pair);
}

tlstream_ending tlstream_pair_ending(const tlstream_pair *pair) {
  if (tlstream__pair_failed(pair)) return TLSTREAM_ENDING_FAILED;
  bool clean = pair->reading == TLSTREAM__READING_ENDED &&
               pair->writing >= TLSTREAM__WRITING_ENDED && !has_lost_data(pair);
  return clean ? TLSTREAM_ENDING_CLEAN : TLSTREAM_ENDING_TRUNCATED;
}
