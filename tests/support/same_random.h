/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_SAME_RANDOM_H
#define TESTS_SUPPORT_SAME_RANDOM_H

/*
 * Randomness as an input. Signatures of one key differ in length by a byte or
 * two, so that without this no two handshakes are cut in the same places.
 */
#include <stdint.h>

/* From now on OpenSSL's random numbers in this program, those of its keys
 * included, are made from the seed. */
void same_random(uint64_t seed);

#endif
