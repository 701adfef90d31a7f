/* SPDX-License-Identifier: MIT */
/*
 * The deadlines of a pair, each for one thing: when it comes, and what it
 * leads to. docs/guide/closing.md has the table.
 */
#include <openssl/ssl.h>

#include <tlstream/pair_ending.h>

#include "core/pair/pair.h"
#include "core/pair/state.h"

enum {
  HANDSHAKE_MS = 10000,
  SEND_MS = 60000,
  HALF_CLOSED_MS = 60000,
  SHUTDOWN_MS = 3000,
  ALERT_MS = 3000, /* for an alert to leave, whatever arrives meanwhile */
  LINGER_MS = 1000 /* and then for the peer to take it */
};

static unsigned or_default(unsigned given, unsigned standard) {
  return given != 0 ? given : standard;
}

void tlstream__pair_set_timeouts(tlstream_pair *pair,
                                 const tlstream_timeouts *given) {
  pair->timeouts = (tlstream_timeouts){
      .handshake_ms = or_default(given->handshake_ms, HANDSHAKE_MS),
      .send_ms = or_default(given->send_ms, SEND_MS),
      .write_ms = or_default(given->write_ms, TLSTREAM_NO_TIMEOUT),
      .half_closed_ms = or_default(given->half_closed_ms, HALF_CLOSED_MS),
      .shutdown_ms = or_default(given->shutdown_ms, SHUTDOWN_MS),
      .idle_ms = or_default(given->idle_ms, TLSTREAM_NO_TIMEOUT),
  };
}

static uint64_t after(uint64_t start, unsigned ms) {
  return ms == TLSTREAM_NO_TIMEOUT ? TLSTREAM_NO_DEADLINE : start + ms;
}

static uint64_t later(uint64_t a, uint64_t b) {
  return a > b ? a : b;
}

/* Handshake. */

static uint64_t handshake_at(const tlstream_pair *pair) {
  bool runs = pair->life == TLSTREAM__PAIR_HANDSHAKING &&
              pair->reading < TLSTREAM__READING_ENDED;
  return runs ? pair->handshake_deadline : TLSTREAM_NO_DEADLINE;
}

static const char *what_was_awaited(const tlstream_pair *pair) {
  if (pair->first_len == 0) {
    return " (the other side said nothing at all: does it speak TLS?)";
  }
  if (pair->work == TLSTREAM__WORK_TAKEN) {
    return " (the signer of our certificate has not answered)";
  }
  if (pair->work == TLSTREAM__WORK_DUE) {
    return " (our key is elsewhere, and tlstream_pair_take_work() was not "
           "called)";
  }
  return pair->check.question == TLSTREAM__QUESTION_ASKED
             ? " (the application did not say whether it accepts the peer's "
               "certificate)"
             : "";
}

static void expire_handshake(tlstream_pair *pair) {
  tlstream__pair_fail_with(pair, TLSTREAM_ERR_HANDSHAKE_TIMEOUT,
                           "the handshake was not done after %u ms%s",
                           pair->timeouts.handshake_ms, what_was_awaited(pair));
}

/* Bytes of ours that the peer does not take. */

static bool something_waits(const tlstream_pair *pair) {
  return tlstream__pair_output_len(pair) > 0 || pair->in_flight ||
         pair->unsent > 0 || pair->owner_waits > 0;
}

static bool may_write(const tlstream_pair *pair) {
  return tlstream__pair_secure(pair) && !tlstream__pair_output_broken(pair);
}

static uint64_t send_at(const tlstream_pair *pair) {
  bool runs = may_write(pair) && something_waits(pair);
  if (!runs) return TLSTREAM_NO_DEADLINE;
  return after(pair->last_output, pair->writing == TLSTREAM__WRITING_OPEN
                                      ? pair->timeouts.write_ms
                                      : pair->timeouts.send_ms);
}

static void expire_send(tlstream_pair *pair) {
  unsigned ms = pair->writing == TLSTREAM__WRITING_OPEN
                    ? pair->timeouts.write_ms
                    : pair->timeouts.send_ms;
  size_t lost = tlstream__pair_lost(pair);
  pair->writing = TLSTREAM__WRITING_LOST;
  tlstream__pair_fail_with(pair, TLSTREAM_ERR_SEND_TIMEOUT,
                           "the peer took nothing for %u ms: %zu bytes are "
                           "lost",
                           ms, lost);
}

/* A write has failed, and what the peer sent before it left is read. */

static uint64_t read_on_at(const tlstream_pair *pair) {
  return tlstream__pair_output_broken(pair) ? pair->read_on_deadline
                                            : TLSTREAM_NO_DEADLINE;
}

/* The peer's side, after our end. Bytes that the owner has not taken yet are
 * not the peer's silence. */

static uint64_t half_closed_at(const tlstream_pair *pair) {
  bool runs = may_write(pair) && !pair->held &&
              pair->reading == TLSTREAM__READING_OPEN &&
              tlstream__buf_len(&pair->link.in) == 0 &&
              SSL_pending(pair->ssl) == 0 && tlstream__pair_has_left(pair);
  return runs ? after(later(pair->last_input, pair->left_at),
                      pair->timeouts.half_closed_ms)
              : TLSTREAM_NO_DEADLINE;
}

static void expire_half_closed(tlstream_pair *pair) {
  tlstream__pair_fail_with(
      pair, TLSTREAM_ERR_HALF_CLOSED_TIMEOUT,
      "the peer said nothing for %u ms after our end, and did not end either",
      pair->timeouts.half_closed_ms);
}

/* The peer's close_notify, after our close. */

static uint64_t shutdown_at(const tlstream_pair *pair) {
  bool runs = tlstream__pair_secure(pair) &&
              pair->reading == TLSTREAM__READING_DISCARD &&
              tlstream__pair_has_left(pair);
  return runs ? after(pair->left_at, pair->timeouts.shutdown_ms)
              : TLSTREAM_NO_DEADLINE;
}

static uint64_t idle_at(const tlstream_pair *pair) {
  if (!tlstream__pair_secure(pair)) return TLSTREAM_NO_DEADLINE;
  uint64_t moved = later(pair->last_input, pair->last_output);
  return after(later(moved, pair->idle_since), pair->timeouts.idle_ms);
}

void tlstream_pair_set_idle_timeout(tlstream_pair *pair, unsigned idle_ms) {
  pair->timeouts.idle_ms = or_default(idle_ms, TLSTREAM_NO_TIMEOUT);
  pair->idle_since = pair->now;
}

static void expire_idle(tlstream_pair *pair) {
  tlstream__pair_fail_with(pair, TLSTREAM_ERR_IDLE_TIMEOUT,
                           "nothing came or went for %u ms",
                           pair->timeouts.idle_ms);
}

/* A pair that has failed. */

static void expire_failing(tlstream_pair *pair) {
  tlstream__pair_drop_output(pair);
  pair->failing = TLSTREAM__FAILING_DONE;
}

typedef struct deadline {
  uint64_t (*at)(const tlstream_pair *pair);
  void (*expire)(tlstream_pair *pair);
} deadline;

/* Of two that come at the same moment the first one counts. */
static const deadline deadlines[] = {
    {handshake_at, expire_handshake},
    {read_on_at, tlstream__pair_fail_by_cause},
    {send_at, expire_send},
    {shutdown_at, tlstream__pair_truncate},
    {half_closed_at, expire_half_closed},
    {idle_at, expire_idle},
};

static uint64_t failing_at(const tlstream_pair *pair) {
  switch (pair->failing) {
    case TLSTREAM__FAILING_OUTPUT: return pair->failed_at + ALERT_MS;
    case TLSTREAM__FAILING_LINGER: return pair->left_at + LINGER_MS;
    default: return TLSTREAM_NO_DEADLINE;
  }
}

/* The one that comes next; NULL if there is none. */
static const deadline *next(const tlstream_pair *pair, uint64_t *when) {
  const deadline *found = NULL;
  *when = TLSTREAM_NO_DEADLINE;
  for (size_t i = 0; i < sizeof(deadlines) / sizeof(deadlines[0]); i++) {
    uint64_t at = deadlines[i].at(pair);
    if (at >= *when) continue;
    *when = at;
    found = &deadlines[i];
  }
  return found;
}

uint64_t tlstream_pair_next_deadline(const tlstream_pair *pair) {
  uint64_t when = TLSTREAM_NO_DEADLINE;
  if (tlstream__pair_failed(pair)) return failing_at(pair);
  if (!tlstream_pair_is_finished(pair)) (void)next(pair, &when);
  return when;
}

void tlstream__pair_set_time(tlstream_pair *pair, uint64_t now_ms) {
  if (now_ms > pair->now) pair->now = now_ms;
}

int tlstream_pair_tick(tlstream_pair *pair, uint64_t now_ms) {
  uint64_t when = 0;
  tlstream__pair_check(pair);
  tlstream__pair_set_time(pair, now_ms);
  if (tlstream_pair_next_deadline(pair) > pair->now) {
    return tlstream__pair_code(pair);
  }
  if (tlstream__pair_failed(pair)) {
    expire_failing(pair);
  } else {
    next(pair, &when)->expire(pair);
  }
  return tlstream__pair_code(pair);
}

void tlstream__pair_stalled(tlstream_pair *pair, uint64_t ms) {
  if (pair->handshake_deadline != TLSTREAM_NO_DEADLINE) {
    pair->handshake_deadline += ms;
  }
}
