/* SPDX-License-Identifier: MIT */
/* How a pair fails: the first error is kept, with a message that explains what
 * happened and whose fault it was. */
#include <stdarg.h>
#include <stdio.h>

#include <openssl/ssl.h>

#include <tlstream/pair_ending.h>

#include "base/alloc.h"
#include "base/error.h"
#include "core/pair/pair.h"
#include "core/pair/resume.h"
#include "core/pair/state.h"

const tlstream_error *tlstream_pair_error(const tlstream_pair *pair) {
  return pair->error;
}

/* The message when there is no memory for a longer one. */
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

void tlstream__pair_forget_error(tlstream_error *error) {
  if (error != &out_of_memory) tlstream__free(error);
}

void tlstream__pair_forget_errors(tlstream_pair *pair) {
  tlstream__pair_forget_error(pair->error);
  tlstream__pair_forget_error(pair->cause);
}

/* RFC 5246, section 7.2.2: after a fatal alert, a session is not resumed any
 * more. But its id can be read on the network: a handshake that only claims it
 * does not end it. A ticket cannot be taken back. */
static bool spoils_session(const tlstream_pair *pair) {
  if (!pair->is_server || pair->ssl == NULL) return false;
  if (!tlstream__pair_secure(pair)) return SSL_session_reused(pair->ssl) == 0;
  return pair->alert_sent >= 0 || pair->alert_received >= 0;
}

static void forget_session(const tlstream_pair *pair) {
  if (!spoils_session(pair)) return;
  tlstream__resumption_forget(&pair->context->resumption,
                              SSL_get_session(pair->ssl));
}

/* The first error stays. What is queued, an alert at the end of it, still has a
 * moment to leave, unless there is nothing left that it could leave by. */
void tlstream__pair_fail(tlstream_pair *pair, const tlstream_error *error) {
  if (tlstream__pair_failed(pair)) return;
  pair->error = keep(error);
  pair->failed_at = pair->now;
  pair->failing = TLSTREAM__FAILING_OUTPUT;
  if (tlstream__pair_output_broken(pair) ||
      pair->input == TLSTREAM__INPUT_BROKEN) {
    tlstream__pair_drop_output(pair);
  }
  forget_session(pair);
  tlstream__resume_failed(pair);
  tlstream__pair_note_left(pair);
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
      .hello_refused = pair->hello_refused,
      .name_refused = pair->hello == TLSTREAM__HELLO_REFUSED,
      .protocols_refused = pair->hello == TLSTREAM__HELLO_PROTOCOLS_REFUSED,
      .psk_identity = pair->psk != NULL ? pair->psk->identity : NULL,
      .psk_known = pair->psk != NULL && pair->psk->stage == TLSTREAM__PSK_KNOWN,
      .servername = pair->servername,
      .first = pair->first,
      .first_len = pair->first_len,
  };
}

/* The result of verifying the peer, and what a signer did, come before
 * OpenSSL's own error about it. */
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
  } else if (tlstream__signing_explain(&pair->signing, &error) != 0) {
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

void tlstream__pair_keep_cause(tlstream_pair *pair,
                               const tlstream_error *cause) {
  if (pair->cause == NULL) pair->cause = keep(cause);
}

void tlstream__pair_fail_by_cause(tlstream_pair *pair) {
  tlstream__pair_fail(pair, pair->cause);
}
