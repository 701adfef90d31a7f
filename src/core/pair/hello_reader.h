/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_HELLO_READER_H
#define TLSTREAM_CORE_PAIR_HELLO_READER_H

/*
 * Collects a client's first message before there is an SSL to read it, so that
 * a connection that has not sent its ClientHello yet costs no more than what it
 * has sent.
 *
 *     record:   type (22)   version (3.x)   length (2 bytes)   fragment
 *     message:  type (1)    length (3 bytes)   ClientHello
 *
 * A message may be spread over many records, down to one byte in each.
 * Fragments are joined into as few records as they fit in, which are OpenSSL's
 * to read afterwards; the handshake's transcript does not cover record headers.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { TLSTREAM__HELLO_MAX = 64 * 1024 }; /* of the message, header included */

typedef enum tlstream__hello_progress {
  TLSTREAM__HELLO_PARTIAL,
  TLSTREAM__HELLO_COMPLETE,
  TLSTREAM__HELLO_OVERSIZED,
  /* Not a ClientHello in handshake records: OpenSSL reports what is wrong. */
  TLSTREAM__HELLO_FOREIGN
} tlstream__hello_progress;

/* Zeroed at first. */
typedef struct tlstream__hello_reader {
  unsigned char awaits; /* another type of message; 0: a ClientHello */
  tlstream__buf joined; /* complete records that were taken from the input */
  size_t record;        /* offset in `joined` of its last record */
  unsigned char message[4]; /* the message's header */
  size_t len;               /* of the message, as far as it is in `joined` */
  bool out_of_memory;
} tlstream__hello_reader;

/* Read what has arrived since the last call. Complete records move from `in` to
 * the reader as long as the message goes on after them. */
tlstream__hello_progress tlstream__hello_read(tlstream__hello_reader *reader,
                                              tlstream__buf *in);

/* Copy the beginning of a message whose records are in `in`, its header
 * included. Returns how much of it there is, at most `cap`. */
size_t tlstream__hello_copy(const tlstream__buf *in, unsigned char *out,
                            size_t cap);

/* Put what the reader holds in front of `in` again. False when memory is out.
 */
bool tlstream__hello_hand_over(tlstream__hello_reader *reader,
                               tlstream__buf *in);

void tlstream__hello_reader_clear(tlstream__hello_reader *reader);

#endif
