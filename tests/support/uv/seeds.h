/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_UV_SEEDS_H
#define TESTS_SUPPORT_UV_SEEDS_H

#include <stdint.h>
#include <stdlib.h>

#include "support/peers.h"
#include "support/same_random.h"
#include "support/test.h"

/* What is made once a program, keys for example, is the same for every seed. */
static inline void make_what_stays(void) {
  same_random(0);
  for (int i = 0; i < 2; i++) {
    config terms = {.version = i == 0 ? TLSTREAM_TLS_1_2 : TLSTREAM_TLS_1_3};
    peers both = peers_secure(&terms);
    peers_free(&both);
  }
}

/* Run `test` with the seeds 1 to `count`, by the stride, and say which one
 * failed; or with the one that the environment's SEED names, which does the
 * same, to the byte. */
static inline void each_seed(uint64_t count, void (*test)(uint64_t seed)) {
  const char *only = getenv("SEED");
  uint64_t first = only != NULL ? strtoull(only, NULL, 10) : 1;
  uint64_t last = only != NULL ? first : count;
  make_what_stays();
  for (uint64_t seed = first; seed <= last; seed += test_stride()) {
    IN_CASE("SEED=%llu", (unsigned long long)seed);
    same_random(seed);
    test(seed);
  }
}

#endif
