/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_PSK_H
#define TLSTREAM_PSK_H

#include <tlstream/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  TLSTREAM_PSK_KEY_MIN_LEN = 16,
  TLSTREAM_PSK_KEY_MAX_LEN = 256,
  TLSTREAM_PSK_IDENTITY_MAX_LEN = 256
};

/**
 * The hash that a pre-shared key is for. TLS 1.3 has it used with suites of
 * that hash alone; both sides must give the same. TLS 1.2 has no such rule.
 */
typedef enum tlstream_psk_hash {
  TLSTREAM_PSK_SHA256, /* what every implementation has; the default */
  TLSTREAM_PSK_SHA384
} tlstream_psk_hash;

/**
 * A pre-shared key: what both sides know of each other instead of a
 * certificate. A connection that is made with it is authorized, both ways: the
 * peer has the key. It says no more than that: whoever can accept a connection
 * with a key can also make one.
 */
typedef struct tlstream_psk {
  /* The key's name, which the client sends in the clear: 1 to 256 bytes. */
  const char *identity;
  /* 16 to 256 random bytes; a password can be guessed from what is recorded of
   * one handshake. */
  tlstream_bytes key;
  tlstream_psk_hash hash;
} tlstream_psk;

#ifdef __cplusplus
}
#endif

#endif
