/* SPDX-License-Identifier: MIT */
/* What the application says about a peer's certificate: see
 * tlstream/pair_verify.h. */
#include <string.h>

#include <openssl/ssl.h>

#include <tlstream/pair_verify.h>
#include <tlstream/text.h>

#include "base/error.h"
#include "core/pair/ask.h"
#include "core/pair/pair.h"
#include "core/pair/state.h"

/* A client's alert follows from the result of its verification. */
static const struct {
  int alert;
  int verify;
} reasons[] = {
    [TLSTREAM_VERIFY_UNACCEPTABLE] = {SSL_AD_CERTIFICATE_UNKNOWN,
                                      X509_V_ERR_OCSP_CERT_UNKNOWN},
    [TLSTREAM_VERIFY_BAD] = {SSL_AD_BAD_CERTIFICATE, X509_V_ERR_CERT_REJECTED},
    [TLSTREAM_VERIFY_REVOKED] = {SSL_AD_CERTIFICATE_REVOKED,
                                 X509_V_ERR_CERT_REVOKED},
    [TLSTREAM_VERIFY_DENIED] = {SSL_AD_ACCESS_DENIED,
                                X509_V_ERR_OCSP_CERT_UNKNOWN},
};

static int refuse_answer(const tlstream_pair *pair) {
  if (tlstream__pair_failed(pair)) return pair->error->code;
  return tlstream__ask_is_open(pair) ? 0 : TLSTREAM_ERR_WRONG_STATE;
}

static void note_answer(tlstream_pair *pair, tlstream__question question) {
  pair->check.question = question;
  pair->handshake_since = pair->now;
  pair->link.held = false;
}

int tlstream_pair_verify_accept(tlstream_pair *pair) {
  int code = refuse_answer(pair);
  if (code != 0) return code;
  note_answer(pair, TLSTREAM__QUESTION_ACCEPTED);
  tlstream__pair_advance(pair);
  /* What has come meanwhile can be worked through. */
  if (!pair->link.in.lent) tlstream__pair_look(pair);
  return tlstream__pair_code(pair);
}

static void say_refused(tlstream_error *error, const char *text) {
  char shown[240];
  static const char said[] = "the application refused the peer's certificate";
  if (text == NULL) {
    tlstream__error_set(error, TLSTREAM_ERR_REFUSED_BY_VERIFY, "%s", said);
    return;
  }
  tlstream__error_set(
      error, TLSTREAM_ERR_REFUSED_BY_VERIFY, "%s: %s", said,
      tlstream_escape(shown, sizeof(shown), text, strlen(text)));
}

/* OpenSSL ends the handshake with an alert: a client's by the result of its
 * verification, a server's in TLS 1.3 by what tlstream__ask_refusal_alert() has
 * for a ticket that is to be made. */
static void fail_in_openssl(tlstream_pair *pair) {
  tlstream__ossl_clear();
  int result = SSL_do_handshake(pair->ssl);
  (void)tlstream__ossl_outcome(pair->ssl, result);
  tlstream__ossl_clear();
}

static void send_alert(tlstream_pair *pair, tlstream_verify_refusal reason) {
  bool done = !SSL_in_init(pair->ssl);
  pair->check.refusal = reasons[reason].verify;
  pair->refusal_alert = reasons[reason].alert;
  if (!pair->is_server && !done) {
    fail_in_openssl(pair);
  } else if (!done) {
    tlstream__pair_plain_alert(pair, reasons[reason].alert);
  } else if (pair->is_server && SSL_version(pair->ssl) == TLS1_3_VERSION) {
    if (SSL_new_session_ticket(pair->ssl) == 1) fail_in_openssl(pair);
  }
}

int tlstream_pair_verify_refuse(tlstream_pair *pair,
                                tlstream_verify_refusal reason,
                                const char *text) {
  tlstream_error error;
  int code = refuse_answer(pair);
  if (code != 0) return code;
  if ((size_t)reason >= sizeof(reasons) / sizeof(reasons[0])) {
    return TLSTREAM_ERR_INVALID_ARGUMENT;
  }
  say_refused(&error, text);
  note_answer(pair, TLSTREAM__QUESTION_REFUSED);
  send_alert(pair, reason);
  if (pair->alert_sent >= 0) {
    error.alert = pair->alert_sent;
    error.alert_side = TLSTREAM_ALERT_OURS;
  }
  tlstream__verify_note_refusal(&pair->check, &error);
  if (pair->link.out_of_memory) {
    tlstream__error_plain(&error, TLSTREAM_ERR_NO_MEMORY);
  }
  tlstream__pair_fail(pair, &error);
  return 0;
}
