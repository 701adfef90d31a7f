/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_PSK_ASK_H
#define TESTS_SUPPORT_PSK_ASK_H

/* A server that asks for the key of an identity, and its client. */
#include <stdint.h>

#include <tlstream/pair_info.h>
#include <tlstream/pair_psk.h>

#include "support/psk.h"
#include "support/shuttle.h"

static inline tlstream_context *psk_asking(tlstream_version version) {
  return context_of(TLSTREAM_CONTEXT(.ask_psk = true, .min_version = version,
                                     .max_version = version));
}

static inline tlstream_pair *psk_client_of(tlstream_version version) {
  const tlstream_psk psk = usual_psk();
  return psk_client(psk_context(&psk, version), NULL);
}

static inline void psk_check_asked(const tlstream_pair *server,
                                   const char *identity) {
  size_t len = 0;
  CHECK_STR(tlstream_pair_psk_identity(server, &len), identity);
  CHECK_INT(len, strlen(identity));
  CHECK(!tlstream_pair_is_secure(server));
  CHECK(!tlstream_pair_authorized(server));
}

static inline void psk_check_met(peers *both) {
  shuttle(both->side[0], both->side[1], SIZE_MAX);
  for (int side = 0; side < 2; side++) {
    size_t len = 0;
    CHECK_STR(take_events(both->side[side]), "SECURE");
    CHECK(tlstream_pair_authorized(both->side[side]));
    CHECK_INT(tlstream_pair_authorization_from(both->side[side]),
              TLSTREAM_SOURCE_PSK);
    CHECK_STR(tlstream_pair_psk_identity(both->side[side], &len), PSK_IDENTITY);
  }
  for (int to = 0; to < 2; to++) {
    peers_say(both, (tlstream_role)to);
    check_hears(both->side[to]);
  }
}

static inline int psk_accept_key(tlstream_pair *server) {
  return tlstream_pair_psk_accept(
      server, (tlstream_bytes){psk_key, sizeof(psk_key) - 1},
      TLSTREAM_PSK_SHA256);
}

#endif
