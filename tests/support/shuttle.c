/* SPDX-License-Identifier: MIT */
#include "support/shuttle.h"

#include <stdbool.h>

/* One chunk; false when none moved. What a failed pair is offered is lost, as
 * it would be on a network. */
static bool carry(tlstream_pair *from, tlstream_pair *to, size_t chunk) {
  size_t len = 0;
  const void *bytes = tlstream_pair_peek(from, &len);
  if (len == 0) return false;
  if (len > chunk) len = chunk;
  ptrdiff_t taken = tlstream_pair_feed(to, bytes, len);
  size_t taken_len = taken < 0 ? len : (size_t)taken;
  tlstream_pair_consume(from, taken_len);
  return taken_len > 0;
}

void shuttle(tlstream_pair *a, tlstream_pair *b, size_t chunk) {
  bool moved = true;
  while (moved) {
    moved = carry(a, b, chunk);
    moved |= carry(b, a, chunk);
  }
}
