/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_SESSION_SERIAL_H
#define TLSTREAM_CORE_SESSION_SERIAL_H

/*
 * A session in bytes:
 *
 *     8   "TLSSESS" and the number of the format
 *     4   how long all of it is
 *     32  what it is bound to
 *     8   until when its verdict is good
 *     n   the name that was verified
 *     n   OpenSSL's session, in DER, with the peer's certificate in it
 *     1   how many certificates follow in the chain
 *     n   each of them, in DER
 *     32  SHA-256 of all that is before
 *
 * Numbers have the highest byte first; an n is four bytes with a length, and
 * then as many. The digest finds damage, not forgery: whoever can write the
 * bytes has the secret.
 */
#include <stdbool.h>
#include <stddef.h>

#define TLSTREAM__SERIAL_MAGIC "TLSSESS"

enum {
  TLSTREAM__SERIAL_FORMAT = 1,
  TLSTREAM__SERIAL_MAGIC_LEN = sizeof(TLSTREAM__SERIAL_MAGIC) - 1,
  TLSTREAM__SERIAL_DIGEST_LEN = 32
};

/* The digest at the end. False when memory is out. */
bool tlstream__serial_digest(const void *data, size_t len, unsigned char *out);

#endif
