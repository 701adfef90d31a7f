/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_BASE_ARENA_H
#define TLSTREAM_BASE_ARENA_H

/*
 * Memory that is taken piece by piece and released at once. A failure is
 * remembered, so that a run of calls needs one check at its end. A zeroed
 * struct is an empty arena that owns nothing.
 */
#include <stdbool.h>
#include <stddef.h>

typedef struct tlstream__arena {
  struct tlstream__block *blocks;
  bool failed;
} tlstream__arena;

/* Zeroed and aligned for any of our structs; NULL when memory is out. */
void *tlstream__arena_take(tlstream__arena *arena, size_t size);

/* A copy with a NUL behind it; the empty text when memory is out. */
const char *tlstream__arena_copy(tlstream__arena *arena, const void *bytes,
                                 size_t len);

void tlstream__arena_clear(tlstream__arena *arena);

#endif
