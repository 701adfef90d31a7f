/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_PSK_KEY_H
#define TESTS_SUPPORT_PSK_KEY_H

/* The pre-shared key of the tests, and one that is another. */
#include <string.h>

#include <tlstream/psk.h>

#define PSK_IDENTITY "device 7"

/* 32 bytes. */
static const char psk_key[] = "0123456789abcdef0123456789ABCDEF";
static const char psk_other_key[] = "0123456789abcdef0123456789ABCDEG";

static inline tlstream_psk psk_of(const char *identity, const char *key,
                                  tlstream_psk_hash hash) {
  return (tlstream_psk){
      .identity = identity, .key = {key, strlen(key)}, .hash = hash};
}

static inline tlstream_psk usual_psk(void) {
  return psk_of(PSK_IDENTITY, psk_key, TLSTREAM_PSK_SHA256);
}

#endif
