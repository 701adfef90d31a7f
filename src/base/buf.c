/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

enum { SMALLEST = 512 };

static size_t room_for(size_t needed) {
  size_t cap = SMALLEST;
  if (needed > SIZE_MAX / 2) return needed; /* doubling would overflow */
  while (cap < needed)
    cap *= 2;
  return cap;
}

static void forget(tlstream__buf *buf) {
  memset(buf, 0, sizeof(*buf));
}

/* Move the content to the front of new memory with room for `needed`. */
static bool move(tlstream__buf *buf, size_t needed) {
  size_t len = tlstream__buf_len(buf);
  size_t cap = room_for(needed);
  unsigned char *mem = tlstream__malloc(cap);
  if (mem == NULL) return false;
  if (len > 0) memcpy(mem, buf->mem + buf->start, len);
  if (!buf->lent) tlstream__free(buf->mem);
  *buf = (tlstream__buf){.mem = mem, .end = len, .cap = cap};
  return true;
}

static bool make_room(tlstream__buf *buf, size_t more) {
  size_t len = tlstream__buf_len(buf);
  if (buf->cap - buf->end >= more) return true;
  if (len + more < len) return false;
  if (buf->cap - len >= more && buf->start >= len) {
    memcpy(buf->mem, buf->mem + buf->start, len);
    buf->start = 0;
    buf->end = len;
    return true;
  }
  return move(buf, len + more);
}

bool tlstream__buf_append(tlstream__buf *buf, const void *data, size_t len) {
  if (len == 0) return true;
  if (!make_room(buf, len)) return false;
  memcpy(buf->mem + buf->end, data, len);
  buf->end += len;
  return true;
}

void tlstream__buf_consume(tlstream__buf *buf, size_t len) {
  assert(len <= tlstream__buf_len(buf));
  buf->start += len;
  if (buf->start < buf->end) return;
  if (buf->lent) {
    buf->start = buf->end = 0;
  } else {
    tlstream__buf_clear(buf);
  }
}

void tlstream__buf_lend(tlstream__buf *buf, void *mem, size_t len, size_t cap) {
  assert(buf->mem == NULL && len <= cap);
  *buf = (tlstream__buf){.mem = mem, .end = len, .cap = cap, .lent = true};
}

bool tlstream__buf_settle(tlstream__buf *buf) {
  if (!buf->lent) return true;
  if (tlstream__buf_len(buf) == 0) {
    forget(buf);
    return true;
  }
  if (move(buf, tlstream__buf_len(buf))) return true;
  forget(buf);
  return false;
}

void tlstream__buf_clear(tlstream__buf *buf) {
  if (!buf->lent) tlstream__free(buf->mem);
  forget(buf);
}
