/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_HELLO_H
#define TESTS_SUPPORT_HELLO_H

/*
 * A client's first message, to be taken apart and to be added to. The handshake
 * hash of the client that sent it covers the original, so a handshake only
 * succeeds where the message was cut, not where it was changed.
 */
#include <tlstream/pair.h>

enum { HELLO_MAX = 128 * 1024 };

typedef struct hello {
  size_t len;
  unsigned char bytes[6 * HELLO_MAX]; /* in records of a single byte */
} hello;

/* A client's first message, in one record. Release with free(). */
hello *hello_of(tlstream_pair *client);

/* The same in records of at most `chunk` bytes. Release with free(). */
hello *hello_in_records(const hello *whole, size_t chunk);

/* Put one more extension in front of the others, in a hello of one record. */
void hello_add(hello *self, unsigned type, const void *data, size_t len);

/* And behind them, where pre_shared_key has to be. */
void hello_add_last(hello *self, unsigned type, const void *data, size_t len);

/* How many entries each list has; 0 is one. */
typedef struct hello_lists {
  size_t suites;
  size_t groups; /* unknown ones */
  size_t shares; /* of the last of these */
  size_t signatures;
  size_t tickets;           /* 0: none. They are no server's */
  const void *ticket_start; /* 16 bytes: the name of a server's key */
} hello_lists;

/* A message by hand, in full records. Release with free(). */
hello *hello_made(const hello_lists *lists);

#endif
