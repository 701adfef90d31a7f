/* SPDX-License-Identifier: MIT */
#include "core/pair/step.h"

#include <limits.h>

#include <openssl/ssl.h>

#include "core/keys/signing.h"
#include "core/pair/pair.h"
#include "core/pair/state.h"

static unsigned time_left(const tlstream_pair *pair) {
  uint64_t deadline = pair->handshake_deadline;
  if (deadline == TLSTREAM_NO_DEADLINE) return UINT_MAX;
  return deadline > pair->now ? (unsigned)(deadline - pair->now) : 0;
}

static void fail(tlstream_pair *pair, tlstream__outcome outcome) {
  if (outcome == TLSTREAM__ENDED) {
    tlstream__pair_fail_with(
        pair, TLSTREAM_ERR_CLOSED_IN_HANDSHAKE,
        "the peer sent close_notify in the middle of the handshake");
  } else if (outcome == TLSTREAM__FAILED) {
    tlstream__pair_fail_ossl(pair);
  }
}

tlstream__outcome tlstream__step_run(tlstream_pair *pair) {
  tlstream__ossl_clear();
  pair->signing.timeout_ms = time_left(pair);
  tlstream__signing_begin(&pair->signing);
  int result = SSL_do_handshake(pair->ssl);
  tlstream__signing_end(&pair->signing);
  tlstream__outcome outcome = tlstream__ossl_outcome(pair->ssl, result);
  pair->starved = outcome == TLSTREAM__AGAIN;
  /* In a callback of OpenSSL's, whatever came of the step. */
  if (tlstream__pair_failed(pair)) return TLSTREAM__FAILED;
  fail(pair, outcome);
  return outcome;
}

/* May the next step sign? A client signs once it has heard from the server, a
 * server once the context for the client has been chosen. Without new input a
 * step that wanted some changes nothing. */
static bool may_wait(const tlstream_pair *pair) {
  if (!pair->context->remote_keys.may_wait || pair->signing.done) return false;
  if (tlstream__pair_secure(pair) || tlstream__pair_failed(pair)) return false;
  if (pair->check.question == TLSTREAM__QUESTION_ASKED ||
      pair->lookup.state == TLSTREAM__LOOKUP_ASKED || pair->awaits_psk ||
      tlstream__psk_is_asked(pair)) {
    return false;
  }
  if (SSL_is_init_finished(pair->ssl)) return false;
  if (!pair->is_server && SSL_in_before(pair->ssl)) return false;
  if (pair->choose_context && pair->hello != TLSTREAM__HELLO_TAKEN) {
    return false;
  }
  return !pair->starved || tlstream__buf_len(&pair->link.in) > 0;
}

/* The result is of no use if the peer cannot get it. A client's end of input
 * may come behind what the server has to say to it. */
static void judge(tlstream_pair *pair) {
  if (pair->input == TLSTREAM__INPUT_BROKEN ||
      (pair->input == TLSTREAM__INPUT_EOF && pair->is_server)) {
    tlstream__pair_judge_transport(pair);
  }
}

bool tlstream__step_is_held(tlstream_pair *pair) {
  if (pair->work == TLSTREAM__WORK_NONE) {
    if (pair->ssl == NULL || !may_wait(pair)) return false;
    pair->work = TLSTREAM__WORK_DUE;
    tlstream__pair_emit(pair, TLSTREAM_EVENT_WORK);
  }
  judge(pair);
  return true;
}
