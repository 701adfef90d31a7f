/* SPDX-License-Identifier: MIT */
/* A server's pair before it has an SSL: it collects the ClientHello. */
#include <openssl/ssl.h>

#include "base/error.h"
#include "core/pair/pair.h"
#include "core/pair/state.h"

static void fail_without_memory(tlstream_pair *pair) {
  tlstream__pair_fail_with(pair, TLSTREAM_ERR_NO_MEMORY, "out of memory");
}

/* OpenSSL sends the same alert for a message that is too long for it. */
static void refuse_oversized(tlstream_pair *pair) {
  tlstream_error error;
  tlstream__error_set(&error, TLSTREAM_ERR_PROTOCOL,
                      "the peer broke the protocol: its ClientHello is larger "
                      "than %d bytes",
                      TLSTREAM__HELLO_MAX);
  if (!tlstream__pair_plain_alert(pair, SSL_AD_ILLEGAL_PARAMETER)) {
    fail_without_memory(pair);
    return;
  }
  error.alert = SSL_AD_ILLEGAL_PARAMETER;
  error.alert_side = TLSTREAM_ALERT_OURS;
  tlstream__pair_fail(pair, &error);
}

static void read_hello(tlstream_pair *pair) {
  switch (tlstream__hello_read(&pair->reader, &pair->link.in)) {
    case TLSTREAM__HELLO_PARTIAL:
      if (pair->reader.out_of_memory) fail_without_memory(pair);
      break;
    case TLSTREAM__HELLO_OVERSIZED: refuse_oversized(pair); break;
    default:
      pair->hello = TLSTREAM__HELLO_HELD;
      pair->hello_at = pair->now;
      if (!tlstream__hello_hand_over(&pair->reader, &pair->link.in)) {
        fail_without_memory(pair);
      }
      break;
  }
}

static void open_server(tlstream_pair *pair) {
  tlstream_error error;
  pair->hello = TLSTREAM__HELLO_BEGUN;
  pair->handshake_since = pair->now;
  if (tlstream__pair_open_server(pair, &error) != 0) {
    tlstream__pair_fail(pair, &error);
  }
}

/* A connection that broke while its hello is held need not wait any more. */
static void judge(tlstream_pair *pair) {
  if (pair->hello == TLSTREAM__HELLO_AWAITED ||
      pair->input == TLSTREAM__INPUT_BROKEN) {
    tlstream__pair_judge_transport(pair);
  }
}

bool tlstream__hello_prepare(tlstream_pair *pair) {
  if (pair->ssl != NULL) return true;
  if (tlstream__pair_failed(pair)) return false;
  if (pair->hello == TLSTREAM__HELLO_AWAITED) read_hello(pair);
  if (pair->hello == TLSTREAM__HELLO_HELD && !pair->hold_hello &&
      !tlstream__pair_failed(pair)) {
    open_server(pair);
  }
  if (pair->ssl != NULL) return true;
  judge(pair);
  return false;
}

void tlstream__pair_hold_hello(tlstream_pair *pair) {
  pair->hold_hello = true;
}

bool tlstream__pair_is_held(const tlstream_pair *pair) {
  return pair->hello == TLSTREAM__HELLO_HELD && pair->hold_hello &&
         !tlstream__pair_failed(pair);
}
