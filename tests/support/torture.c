/* SPDX-License-Identifier: MIT */
#include "support/torture.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include <tlstream/memory.h>

#include "support/test.h"

/* A scenario that allocates this often is in an endless loop. */
enum { MOST = 1000000 };

/* Stands before every block; as large as the strictest alignment needs. */
typedef struct head {
  _Alignas(max_align_t) size_t size;
  uint32_t source;
  uint32_t mark;
} head;

enum { ALIVE = 0x51717171, DEAD = 0x0DEADDED };

/* By source. */
typedef atomic_size_t tally[TORTURE_ALL + 1];
static tally live;
static tally total;
static tally spilled;

static torture_source armed_for;
static torture_mode armed_how;
static atomic_size_t left; /* allocations until the one that fails; 0: none */
static atomic_bool struck;

/* Of all sources. */
static atomic_size_t held;
static atomic_size_t peak;

static const unsigned char *watched;
static size_t watched_len;

/* Counts one allocation down, and returns whether it is to fail. */
static bool is_struck(torture_source source) {
  if ((armed_for & source) == 0) return false;
  size_t before = atomic_load(&left);
  while (before > 0 &&
         !atomic_compare_exchange_weak(&left, &before, before - 1))
    continue;
  if (before == 1) atomic_store(&struck, true);
  return before == 1 || (before == 0 && armed_how == TORTURE_FOREVER);
}

static bool holds_secret(const unsigned char *bytes, size_t size) {
  if (watched == NULL) return false;
  for (size_t i = 0; i + watched_len <= size; i++) {
    if (memcmp(bytes + i, watched, watched_len) == 0) return true;
  }
  return false;
}

static void count_bytes(size_t size) {
  size_t now = atomic_fetch_add(&held, size) + size;
  size_t most = atomic_load(&peak);
  while (now > most && !atomic_compare_exchange_weak(&peak, &most, now))
    continue;
}

void *torture_allocate(torture_source source, size_t size) {
  if (is_struck(source) || size > SIZE_MAX - sizeof(head)) return NULL;
  head *block = malloc(sizeof(head) + size);
  if (block == NULL) return NULL;
  *block = (head){.size = size, .source = source, .mark = ALIVE};
  atomic_fetch_add(&live[source], 1);
  atomic_fetch_add(&total[source], 1);
  count_bytes(size);
  return block + 1;
}

/* Always at another address, so that a kept old pointer is found. */
void *torture_reallocate(torture_source source, void *memory, size_t size) {
  void *moved = torture_allocate(source, size);
  if (moved == NULL || memory == NULL) return moved;
  size_t old_size = ((head *)memory - 1)->size;
  memcpy(moved, memory, old_size < size ? old_size : size);
  torture_release(source, memory);
  return moved;
}

void torture_release(torture_source source, void *memory) {
  if (memory == NULL) return;
  head *block = (head *)memory - 1;
  if (block->mark != ALIVE || block->source != (uint32_t)source) {
    test_fail(__FILE__, __LINE__, "released what was not allocated here");
    return;
  }
  if (holds_secret(memory, block->size)) {
    atomic_fetch_add(&spilled[source], 1);
  }
  block->mark = DEAD;
  atomic_fetch_sub(&live[source], 1);
  atomic_fetch_sub(&held, block->size);
  free(block);
}

static void *allocate(size_t size) {
  return torture_allocate(TORTURE_LIBRARY, size);
}

static void *reallocate(void *memory, size_t size) {
  return torture_reallocate(TORTURE_LIBRARY, memory, size);
}

static void release(void *memory) {
  torture_release(TORTURE_LIBRARY, memory);
}

void torture_install(void) {
  static const tlstream_allocator ours = {allocate, reallocate, release};
  tlstream_set_allocator(&ours);
}

void torture_arm(torture_source sources, torture_mode mode, size_t nth) {
  atomic_store(&struck, false);
  atomic_store(&left, nth);
  armed_how = mode;
  armed_for = sources;
}

bool torture_disarm(void) {
  armed_for = 0;
  return torture_struck();
}

bool torture_struck(void) {
  return atomic_load(&struck);
}

static size_t sum(const tally counts, torture_source sources) {
  size_t count = 0;
  if ((sources & TORTURE_LIBRARY) != 0) count += counts[TORTURE_LIBRARY];
  if ((sources & TORTURE_OPENSSL) != 0) count += counts[TORTURE_OPENSSL];
  return count;
}

size_t torture_live(torture_source sources) {
  return sum(live, sources);
}

size_t torture_total(torture_source sources) {
  return sum(total, sources);
}

size_t torture_bytes(void) {
  return atomic_load(&held);
}

size_t torture_peak(void) {
  return atomic_load(&peak);
}

void torture_forget_peak(void) {
  atomic_store(&peak, atomic_load(&held));
}

void torture_watch(const void *secret, size_t len) {
  watched = secret;
  watched_len = len;
  spilled[TORTURE_LIBRARY] = 0;
  spilled[TORTURE_OPENSSL] = 0;
}

size_t torture_spilled(torture_source sources) {
  return sum(spilled, sources);
}

static size_t torture(torture_source sources, torture_mode mode, size_t step,
                      void (*scenario)(void *data), void *data) {
  size_t before = torture_live(TORTURE_LIBRARY);
  size_t nth = 1;
  for (;; nth += step) {
    IN_CASE("allocation %zu fails", nth);
    torture_arm(sources, mode, nth);
    scenario(data);
    bool met = torture_disarm();
    size_t after = torture_live(TORTURE_LIBRARY);
    if (after != before) {
      test_fail(__FILE__, __LINE__, "%zu blocks are left, not %zu", after,
                before);
      before = after;
    }
    if (!met) return nth;
    if (!CHECK_LT(nth, MOST)) return nth;
  }
}

size_t torture_some(torture_source sources, torture_mode mode, size_t step,
                    void (*scenario)(void *data), void *data) {
  return torture(sources, mode, step * test_stride(), scenario, data);
}

size_t torture_each(torture_source sources, torture_mode mode,
                    void (*scenario)(void *data), void *data) {
  return torture(sources, mode, 1, scenario, data);
}
