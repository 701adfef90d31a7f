/* SPDX-License-Identifier: MIT */
#include "core/pair/pair.h"

#include <openssl/ssl.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/options.h"
#include "core/pair/alpn.h"
#include "core/pair/ask.h"
#include "core/pair/npn.h"
#include "core/pair/psk.h"
#include "core/pair/resume.h"
#include "core/pair/staple.h"
#include "core/pair/state.h"
#include "core/pair/ticket.h"

enum {
  /* One initial congestion window: what arrives in the first round trip is of
   * use to the peer at once, and not only when 16 KiB are complete. */
  SMALL_RECORDS = 14 * 1024
};

/* What cannot be logged must not look as if it had been. */
static void log_key(tlstream_pair *pair, const char *line) {
  tlstream_error error;
  if (tlstream__keylog_write(&pair->context->keylog, line, &error) != 0) {
    tlstream__pair_fail(pair, &error);
  }
}

static const tlstream__answers answers = {
    .verify = tlstream__ask_judge,
    .client_hello = tlstream__hello_judge,
    .alpn_pick = tlstream__alpn_pick,
    .npn_pick = tlstream__npn_pick,
    .staple_judge = tlstream__staple_judge,
    .ticket_mark = tlstream__ticket_mark,
    .keylog = log_key,
    .ticket_is_fresh = tlstream__ticket_is_fresh,
    .refusal_alert = tlstream__ask_refusal_alert,
    .session_made = tlstream__lookup_note,
    .session_found = tlstream__lookup_take,
    .session_given = tlstream__resume_note,
};

static void set_policy(tlstream_pair *pair,
                       const tlstream_pair_options *options) {
  pair->is_server = options->role == TLSTREAM_ROLE_SERVER;
  pair->keep_trailing = options->keep_trailing;
  tlstream__pair_set_timeouts(pair, &options->timeouts);
  pair->choose_context = pair->is_server && options->choose_context;
  pair->check.ask = options->ask_verify;
  pair->external_sessions = pair->is_server && options->external_sessions;
  pair->keep_sessions = options->keep_sessions;
  pair->port = options->port;
  if (!pair->is_server && options->session != NULL) {
    pair->session = tlstream_session_ref(options->session);
  }
  pair->small_left = SMALL_RECORDS;
  pair->alert_sent = -1;
  pair->alert_received = -1;
}

/* An owner that chooses a context for each client needs no certificate here. */
static int check_server(const tlstream_pair *pair, tlstream_error *error) {
  if (tlstream__context_can_serve(pair->context) || pair->choose_context) {
    return 0;
  }
  return tlstream__error_set(
      error, TLSTREAM_ERR_NO_CERTIFICATE,
      "a server needs a certificate and its key: give the context `cert_file` "
      "and `key_file`, or `psks`");
}

static int check_records(const tlstream_pair *pair,
                         const tlstream_pair_options *options,
                         tlstream_error *error) {
  if (!pair->is_server || options->tlsa_count == 0) return 0;
  return tlstream__error_set(
      error, TLSTREAM_ERR_INVALID_ARGUMENT,
      "tlsa: records are about servers, and this is one: it cannot use them");
}

static int build(tlstream_pair *pair, const tlstream_pair_options *options,
                 tlstream_error *error) {
  pair->context = options->context != NULL
                      ? tlstream_context_ref(options->context)
                      : tlstream_context_new(NULL, error);
  if (pair->context == NULL) return TLSTREAM_ERR_INTERNAL;
  set_policy(pair, options);
  pair->link.recording = pair->choose_context;
  int code = check_records(pair, options, error);
  if (code != 0) return code;
  return pair->is_server ? check_server(pair, error)
                         : tlstream__pair_open_client(pair, options, error);
}

tlstream_pair *tlstream_pair_new(const tlstream_pair_options *options,
                                 uint64_t now_ms, tlstream_error *error) {
  tlstream_pair_options known = {0};
  tlstream__error_clear(error);
  if (tlstream__options_copy(&known, sizeof(known), options, "pair", error)) {
    return NULL;
  }
  tlstream_pair *pair = tlstream__calloc(sizeof(*pair));
  if (pair == NULL) {
    tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
    return NULL;
  }
  pair->now = pair->last_input = pair->last_output = now_ms;
  pair->made_at = now_ms;
  pair->handshake_began_at = pair->hello_at = pair->secure_at = TLSTREAM_NEVER;
  pair->app_data = (tlstream__app_data){
      .check = &pair->check, .pair = pair, .answers = &answers};
  if (build(pair, &known, error) != 0) {
    tlstream_pair_free(pair);
    return NULL;
  }
  return pair;
}

void tlstream__pair_clear(tlstream_pair *pair) {
  SSL_free(pair->ssl);
  tlstream__resume_clear(pair);
  tlstream__buf_clear(&pair->link.in);
  tlstream__buf_clear(&pair->link.out);
  tlstream__buf_clear(&pair->link.taken);
  tlstream__hello_reader_clear(&pair->reader);
  tlstream__lookup_clear(&pair->lookup);
  tlstream__free(pair->servername);
  tlstream__free(pair->offered);
  tlstream__psk_clear(pair);
  tlstream__check_clear(&pair->check);
  tlstream__free(pair->host);
  tlstream__pair_forget_errors(pair);
  tlstream_context_unref(pair->context);
}

/* A step of the handshake has the rest. */
static void clear_owner(tlstream_pair *pair) {
  tlstream__buf_clear(&pair->link.in);
  tlstream__buf_clear(&pair->link.out);
  tlstream__pair_forget_errors(pair);
  tlstream_context_unref(pair->context);
}

void tlstream_pair_free(tlstream_pair *pair) {
  if (pair == NULL) return;
  if (pair->work == TLSTREAM__WORK_TAKEN) {
    clear_owner(pair);
  } else {
    tlstream__pair_clear(pair);
  }
  tlstream__free(pair);
}
