/* SPDX-License-Identifier: MIT */
#include "core/pair/ask.h"

#include <assert.h>

#include <openssl/ssl.h>

#include "core/pair/pair.h"
#include "core/pair/state.h"

static tlstream_pair *pair_of(X509_STORE_CTX *store) {
  const SSL *ssl =
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
  return tlstream__app_data_of(ssl)->pair;
}

static void ask(tlstream_pair *pair) {
  pair->check.question = TLSTREAM__QUESTION_ASKED;
  tlstream__pair_emit(pair, TLSTREAM_EVENT_VERIFY);
}

/* A client's SSL does not show the chain before it is accepted, and without it
 * there is nothing to ask about. */
static int ask_in_handshake(X509_STORE_CTX *store, tlstream_pair *pair) {
  if (pair->is_server) {
    pair->link.held = true;
  } else if (tlstream__verify_keep(store, &pair->check)) {
    (void)SSL_set_retry_verify(pair->ssl);
  } else {
    return 0;
  }
  ask(pair);
  return 1;
}

int tlstream__ask_judge(X509_STORE_CTX *store, tlstream__check *check) {
  tlstream_pair *pair = pair_of(store);
  assert(check->question != TLSTREAM__QUESTION_ASKED);
  if (check->question != TLSTREAM__QUESTION_NOT) {
    return tlstream__verify_repeat(store, check);
  }
  if (!tlstream__verify_judge(store, check)) return 0;
  bool at_end = pair->is_server && SSL_version(pair->ssl) == TLS1_3_VERSION;
  return !check->ask || at_end ? 1 : ask_in_handshake(store, pair);
}

bool tlstream__ask_at_end(tlstream_pair *pair) {
  const tlstream__check *check = &pair->check;
  if (!check->ask || !check->wanted ||
      check->question != TLSTREAM__QUESTION_NOT ||
      SSL_get0_peer_certificate(pair->ssl) == NULL) {
    return false;
  }
  ask(pair);
  return true;
}

bool tlstream__ask_is_open(const tlstream_pair *pair) {
  return pair->check.question == TLSTREAM__QUESTION_ASKED;
}

int tlstream__ask_refusal_alert(const tlstream_pair *pair) {
  return pair->refusal_alert;
}

void tlstream__pair_ask_verify(tlstream_pair *pair, bool ask) {
  if (pair->check.question == TLSTREAM__QUESTION_NOT) pair->check.ask = ask;
}
