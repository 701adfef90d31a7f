/* SPDX-License-Identifier: MIT */
/* The way to put a source of one's own in place that does not need to be there
 * before OpenSSL's first random number is deprecated, and there is no other. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "support/same_random.h"

#include <openssl/rand.h>

static uint64_t state;

static unsigned char next_byte(void) {
  uint64_t mixed = state += 0x9E3779B97F4A7C15u;
  mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
  return (unsigned char)(mixed >> 56);
}

static int fill(unsigned char *bytes, int len) {
  for (int i = 0; i < len; i++)
    bytes[i] = next_byte();
  return 1;
}

static int is_ready(void) {
  return 1;
}

void same_random(uint64_t seed) {
  static const RAND_METHOD method = {
      .bytes = fill, .pseudorand = fill, .status = is_ready};
  state = seed;
  RAND_set_rand_method(&method);
}
