/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_BASE_BUF_H
#define TLSTREAM_BASE_BUF_H

/*
 * A queue of bytes: appended at the end, consumed at the front. Its memory is
 * either its own, or lent to it for a while by a caller with a large buffer;
 * settling moves what is left into memory of its own.
 *
 *     mem      start        end         cap
 *      |........|############|...........|
 *               what is queued
 *
 * A zeroed struct is an empty queue that owns nothing.
 */
#include <stdbool.h>
#include <stddef.h>

typedef struct tlstream__buf {
  unsigned char *mem;
  size_t start;
  size_t end;
  size_t cap;
  bool lent;
} tlstream__buf;

static inline size_t tlstream__buf_len(const tlstream__buf *buf) {
  return buf->end - buf->start;
}

static inline const unsigned char *
tlstream__buf_data(const tlstream__buf *buf) {
  return buf->mem == NULL ? NULL : buf->mem + buf->start;
}

/* Append; false when memory is out, and then nothing was appended. */
bool tlstream__buf_append(tlstream__buf *buf, const void *data, size_t len);

/* Drop `len` bytes at the front; memory of its own is released when the queue
 * becomes empty, so that an idle connection holds none. */
void tlstream__buf_consume(tlstream__buf *buf, size_t len);

/* Let the queue use `mem`, of which the first `len` bytes are its content,
 * until tlstream__buf_settle(). The queue must be empty and own nothing. */
void tlstream__buf_lend(tlstream__buf *buf, void *mem, size_t len, size_t cap);

/* Give lent memory back, keeping a copy of what is left; false when there is
 * no memory for that, and then what was left is lost. */
bool tlstream__buf_settle(tlstream__buf *buf);

/* Empty it and release what it owns. */
void tlstream__buf_clear(tlstream__buf *buf);

#endif
