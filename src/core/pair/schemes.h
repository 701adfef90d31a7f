/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_SCHEMES_H
#define TLSTREAM_CORE_PAIR_SCHEMES_H

/* By which schemes the two sides of a handshake signed. */
#include <stddef.h>

#include <tlstream/pair.h>

/* A message of the handshake, as OpenSSL shows it: if there is a signature in
 * it, note its scheme. */
void tlstream__schemes_note(tlstream_pair *pair, bool sent,
                            const unsigned char *data, size_t len);

#endif
