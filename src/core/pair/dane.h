/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_DANE_H
#define TLSTREAM_CORE_PAIR_DANE_H

/*
 * TLSA records (RFC 6698, 7671): OpenSSL matches them while it builds the
 * chain. Names are compared by us, as always, and not for DANE-EE.
 */
#include <stdbool.h>
#include <stddef.h>

#include <tlstream/tlsa.h>

#include "core/pair/verify.h"

struct ssl_st;

/* Give a client's SSL its records; the check learns how many can be used, and
 * refuses what does not match. Returns 0 or a code: INVALID_ARGUMENT for a
 * record that is malformed. */
int tlstream__dane_set(struct ssl_st *ssl, tlstream__check *check,
                       const tlstream_tlsa *records, size_t count,
                       tlstream_error *error);

#endif
