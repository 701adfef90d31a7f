/* SPDX-License-Identifier: MIT */
/* The owner's answer for an identity, and what is known of the PSK: see
 * tlstream/pair_psk.h. */
#include <tlstream/pair_psk.h>

#include <string.h>

#include "core/context/context.h"
#include "core/pair/pair.h"
#include "core/pair/psk.h"
#include "core/pair/state.h"

static int refuse_answer(const tlstream_pair *pair) {
  if (tlstream__pair_failed(pair)) return tlstream__pair_code(pair);
  return tlstream__psk_is_asked(pair) ? 0 : TLSTREAM_ERR_WRONG_STATE;
}

static int go_on(tlstream_pair *pair, tlstream__psk_stage stage) {
  pair->psk->stage = stage;
  pair->handshake_since = pair->now;
  tlstream__pair_advance(pair);
  return tlstream__pair_code(pair);
}

int tlstream_pair_psk_accept(tlstream_pair *pair, tlstream_bytes key,
                             tlstream_psk_hash hash) {
  int code = refuse_answer(pair);
  if (code != 0) return code;
  if (!tlstream__psk_is_key(key, hash)) return TLSTREAM_ERR_INVALID_ARGUMENT;
  memcpy(pair->psk->key, key.data, key.len);
  pair->psk->key_len = key.len;
  pair->psk->hash = hash;
  return go_on(pair, TLSTREAM__PSK_KNOWN);
}

/* In TLS 1.3 there may be another identity to look at. */
int tlstream_pair_psk_refuse(tlstream_pair *pair) {
  int code = refuse_answer(pair);
  if (code != 0) return code;
  (void)go_on(pair,
              pair->awaits_psk ? TLSTREAM__PSK_UNKNOWN : TLSTREAM__PSK_OPEN);
  return 0;
}

const char *tlstream_pair_psk_identity(const tlstream_pair *pair, size_t *len) {
  bool used =
      tlstream__pair_secure(pair) && pair->check.source == TLSTREAM_SOURCE_PSK;
  *len = 0;
  if (used && !pair->is_server) {
    const tlstream__psk *own = &tlstream__context_psks(pair->context)->list[0];
    *len = own->identity_len;
    return own->identity;
  }
  if (!used && !tlstream__psk_is_asked(pair)) return NULL;
  *len = pair->psk->identity_len;
  return pair->psk->identity;
}

const char *tlstream_pair_psk_hint(const tlstream_pair *pair) {
  return pair->psk_hint;
}
