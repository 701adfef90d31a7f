/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_PSK_H
#define TESTS_SUPPORT_PSK_H

/* Pairs that have a pre-shared key, at time 0. */
#include <openssl/crypto.h>

#include <tlstream/context.h>
#include <tlstream/pair.h>

#include "support/connect.h"
#include "support/handshake.h"
#include "support/peers.h"
#include "support/psk_key.h"
#include "support/test.h"

/* A context with this PSK, without any if it is NULL, and no certificate. */
static inline tlstream_context *psk_context(const tlstream_psk *psk,
                                            tlstream_version version) {
  return context_of(TLSTREAM_CONTEXT(.psks = psk, .psk_count = psk != NULL,
                                     .min_version = version,
                                     .max_version = version));
}

/* A client without a name to verify; the context is given up. */
static inline tlstream_pair *psk_client(tlstream_context *context,
                                        const char *name) {
  tlstream_error error = {.message = ""};
  tlstream_pair *made =
      tlstream_pair_new(TLSTREAM_PAIR(.role = TLSTREAM_ROLE_CLIENT,
                                      .context = context, .verify_name = name),
                        0, &error);
  tlstream_context_unref(context);
  if (made == NULL) TEST_STOP("%s", error.message);
  return made;
}

/* A server; the context is given up. */
static inline tlstream_pair *psk_server(tlstream_context *context) {
  tlstream_pair *made = server_with(context, false);
  tlstream_context_unref(context);
  return made;
}

/* A client and a server with one key each, shaken as far as it goes. */
static inline peers psk_meet(const tlstream_psk *client,
                             const tlstream_psk *server,
                             tlstream_version version) {
  return shake(psk_client(psk_context(client, version), NULL),
               psk_server(psk_context(server, version)));
}

/* Of a server whose client has another key: bad_record_mac in TLS 1.2. In
 * TLS 1.3 it is illegal_parameter in OpenSSL 3.0, and decrypt_error, as RFC
 * 8446 has it, in 3.5. */
static inline int psk_mismatch_alert(tlstream_version version) {
  if (version == TLSTREAM_TLS_1_2) return 20;
  return OpenSSL_version_num() < 0x30500000L ? 47 : 51;
}

/* Run a test for both versions, and print which, where it failed. */
static inline void each_version(void (*test)(tlstream_version version)) {
  for (int v = TLSTREAM_TLS_1_2; v <= TLSTREAM_TLS_1_3; v++) {
    IN_CASE("%s", tlstream_version_name((tlstream_version)v));
    test((tlstream_version)v);
  }
}

#endif
