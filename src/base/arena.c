/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <string.h>

#include "base/alloc.h"

enum { BLOCK = 2048 };

struct tlstream__block {
  struct tlstream__block *below;
  size_t used;
  size_t cap;
  max_align_t bytes[];
};

static struct tlstream__block *add_block(tlstream__arena *arena, size_t size) {
  size_t cap = size > BLOCK ? size : BLOCK;
  struct tlstream__block *block = tlstream__malloc(sizeof(*block) + cap);
  if (block == NULL) return NULL;
  block->below = arena->blocks;
  block->used = 0;
  block->cap = cap;
  arena->blocks = block;
  return block;
}

void *tlstream__arena_take(tlstream__arena *arena, size_t size) {
  const size_t unit = sizeof(max_align_t);
  struct tlstream__block *block = arena->blocks;
  size_t rounded = (size + unit - 1) / unit * unit;
  bool fits = block != NULL && block->cap - block->used >= rounded;
  if (rounded < size) block = NULL;
  if (rounded >= size && !fits) block = add_block(arena, rounded);
  if (block == NULL) {
    arena->failed = true;
    return NULL;
  }
  void *piece = (char *)block->bytes + block->used;
  block->used += rounded;
  return memset(piece, 0, size);
}

const char *tlstream__arena_copy(tlstream__arena *arena, const void *bytes,
                                 size_t len) {
  char *copy = tlstream__arena_take(arena, len + 1);
  if (copy == NULL) return "";
  if (len > 0) memcpy(copy, bytes, len);
  return copy;
}

void tlstream__arena_clear(tlstream__arena *arena) {
  while (arena->blocks != NULL) {
    struct tlstream__block *block = arena->blocks;
    arena->blocks = block->below;
    tlstream__free(block);
  }
}
