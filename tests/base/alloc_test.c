/* SPDX-License-Identifier: MIT */
/* The library's memory, and the allocator that the other tests torture it
 * with. */
#include "base/alloc.h"

#include <stdlib.h>

#include "support/test.h"
#include "support/torture.h"

static size_t allocated;
static size_t released;

static void *allocate_dirty(size_t size) {
  void *memory = malloc(size);
  if (memory != NULL) memset(memory, 0xA5, size);
  allocated++;
  return memory;
}

static void *reallocate_dirty(void *memory, size_t size) {
  allocated++;
  return realloc(memory, size);
}

static void release_dirty(void *memory) {
  released++;
  free(memory);
}

static void use_dirty_memory(void) {
  tlstream_allocator dirty = {allocate_dirty, reallocate_dirty, release_dirty};
  allocated = released = 0;
  tlstream_set_allocator(&dirty);
  dirty = (tlstream_allocator){NULL, NULL, NULL}; /* it was copied */
}

TEST(zeroes_what_it_says_it_zeroes) {
  use_dirty_memory();
  unsigned char *memory = tlstream__calloc(1000);
  for (size_t i = 0; i < 1000; i++)
    CHECK_INT(memory[i], 0);
  tlstream__free(memory);
  CHECK_INT(allocated, 1);
  CHECK_INT(released, 1);
  tlstream_set_allocator(NULL);
}

TEST(copies_end_in_a_nul) {
  use_dirty_memory();
  char *bytes = tlstream__memdup("ab\0cd", 5);
  char *nothing = tlstream__memdup(NULL, 0);
  char *text = tlstream__strdup("text");
  char *empty = tlstream__strdup("");
  CHECK(memcmp(bytes, "ab\0cd", 6) == 0);
  CHECK_STR(nothing, "");
  CHECK_STR(text, "text");
  CHECK_STR(empty, "");
  CHECK(tlstream__strdup(NULL) == NULL);
  CHECK_INT(allocated, 4);
  tlstream_free(empty);
  tlstream_free(text);
  tlstream_free(nothing);
  tlstream_free(bytes);
  CHECK_INT(released, 4);
  tlstream_set_allocator(NULL);
}

TEST(grows_by_the_allocator_too) {
  use_dirty_memory();
  char *memory = tlstream__realloc(NULL, 4);
  memcpy(memory, "abc", 4);
  memory = tlstream__realloc(memory, 4000);
  CHECK_STR(memory, "abc");
  CHECK_INT(allocated, 2);
  tlstream__free(memory);
  tlstream_set_allocator(NULL);
}

/* A user's release function need not know what to do with NULL. */
TEST(releasing_null_calls_nothing) {
  use_dirty_memory();
  tlstream__free(NULL);
  tlstream_free(NULL);
  CHECK_INT(released, 0);
  tlstream_set_allocator(NULL);
}

TEST(null_brings_malloc_back) {
  use_dirty_memory();
  tlstream_set_allocator(NULL);
  void *memory = tlstream__malloc(10);
  CHECK(memory != NULL);
  free(memory); /* ASan would report it if it were not malloc's */
  CHECK_INT(allocated, 0);
}

TEST(says_when_memory_is_out) {
  torture_install();
  char *kept = tlstream__strdup("kept");
  torture_arm(TORTURE_LIBRARY, TORTURE_FOREVER, 1);
  CHECK(tlstream__malloc(1) == NULL);
  CHECK(tlstream__calloc(1) == NULL);
  CHECK(tlstream__realloc(NULL, 1) == NULL);
  CHECK(tlstream__realloc(kept, 100) == NULL);
  CHECK(tlstream__memdup("a", 1) == NULL);
  CHECK(tlstream__strdup("a") == NULL);
  CHECK(torture_disarm());
  CHECK_STR(kept, "kept");
  tlstream__free(kept);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}

TEST(torture_fails_the_one_that_was_asked_for) {
  torture_install();
  torture_arm(TORTURE_LIBRARY, TORTURE_ONCE, 2);
  char *first = tlstream__strdup("first");
  CHECK(first != NULL);
  CHECK(!torture_struck());
  CHECK(tlstream__strdup("second") == NULL);
  CHECK(torture_struck());
  char *third = tlstream__strdup("third");
  CHECK(third != NULL);
  CHECK(torture_disarm());
  tlstream__free(third);
  tlstream__free(first);

  torture_arm(TORTURE_OPENSSL, TORTURE_ONCE, 1);
  first = tlstream__strdup("of another source");
  CHECK(first != NULL);
  CHECK(!torture_disarm());
  tlstream__free(first);
}

TEST(torture_counts_blocks) {
  torture_install();
  size_t total = torture_total(TORTURE_ALL);
  CHECK_INT(torture_live(TORTURE_ALL), 0);
  void *memory = tlstream__malloc(0);
  memory = tlstream__realloc(memory, 10);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 1);
  CHECK_INT(torture_live(TORTURE_OPENSSL), 0);
  CHECK_INT(torture_total(TORTURE_LIBRARY) - total, 2);
  tlstream__free(memory);
  CHECK_INT(torture_live(TORTURE_ALL), 0);
}

TEST(torture_sees_a_secret_in_what_is_released) {
  torture_install();
  torture_watch("secret", 6);
  char *wiped = tlstream__strdup("a secret that is wiped");
  memset(wiped, 0, strlen(wiped));
  tlstream__free(wiped);
  CHECK_INT(torture_spilled(TORTURE_LIBRARY), 0);
  char *grown = tlstream__strdup("secret");
  grown = tlstream__realloc(grown, 1000); /* leaves a copy behind */
  CHECK_INT(torture_spilled(TORTURE_LIBRARY), 1);
  tlstream__free(grown);
  CHECK_INT(torture_spilled(TORTURE_LIBRARY), 2);
  torture_watch(NULL, 0);
  CHECK_INT(torture_spilled(TORTURE_LIBRARY), 0);
}

static void *leaked;

static void leak_when_memory_is_out(void *data) {
  (void)data;
  char *one = tlstream__strdup("one");
  char *two = tlstream__strdup("two");
  if (two == NULL) {
    leaked = one;
    return;
  }
  tlstream__free(two);
  tlstream__free(one);
}

TEST(torture_notices_a_leak) {
  torture_install();
  CHECK_INT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, leak_when_memory_is_out,
                         NULL),
            3);
  CHECK(leaked != NULL);
  tlstream__free(leaked);
  bool noticed = test_failures == 1;
  test_failures = 0;
  CHECK(noticed);
}
