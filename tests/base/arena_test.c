/* SPDX-License-Identifier: MIT */
/* Memory in pieces: zeroed, aligned, apart, and released at once. */
#include "base/arena.h"

#include <stdint.h>

#include "support/test.h"
#include "support/torture.h"

BEFORE_TESTS(take_memory) {
  torture_install();
}

static bool is_zero(const unsigned char *bytes, size_t len) {
  size_t at = 0;
  while (at < len && bytes[at] == 0)
    at++;
  return at == len;
}

TEST(an_empty_one_owns_nothing) {
  tlstream__arena arena = {0};
  CHECK(!arena.failed);
  tlstream__arena_clear(&arena);
  CHECK(arena.blocks == NULL);
}

/* Smaller than a block, as large, larger, and nothing. */
TEST(pieces_are_zeroed_and_aligned) {
  static const size_t sizes[] = {1, 7, 16, 100, 2047, 2048, 2049, 100000, 0};
  tlstream__arena arena = {0};
  EACH_ROW(i, sizes) {
    unsigned char *piece = tlstream__arena_take(&arena, sizes[i]);
    CHECK(piece != NULL);
    CHECK_INT((uintptr_t)piece % _Alignof(max_align_t), 0);
    CHECK(is_zero(piece, sizes[i]));
    memset(piece, 0xFF, sizes[i]);
  }
  CHECK(!arena.failed);
  tlstream__arena_clear(&arena);
}

/* Each keeps its bytes while others are taken and filled. */
TEST(pieces_do_not_overlap) {
  enum { PIECES = 500 };
  unsigned char *pieces[PIECES];
  tlstream__arena arena = {0};
  for (size_t i = 0; i < PIECES; i++) {
    pieces[i] = tlstream__arena_take(&arena, i);
    memset(pieces[i], (int)(i % 251), i);
  }
  for (size_t i = 0; i < PIECES; i++) {
    IN_CASE("piece %zu", i);
    for (size_t at = 0; at < i; at++) {
      if (!CHECK_INT(pieces[i][at], i % 251)) break;
    }
  }
  tlstream__arena_clear(&arena);
}

TEST(a_copy_ends_in_nul) {
  tlstream__arena arena = {0};
  const char *copy = tlstream__arena_copy(&arena, "abc", 2);
  CHECK_STR(copy, "ab");
  CHECK_STR(tlstream__arena_copy(&arena, NULL, 0), "");
  const char *odd = tlstream__arena_copy(&arena, "a\0b", 3);
  CHECK(memcmp(odd, "a\0b", 4) == 0);
  tlstream__arena_clear(&arena);
}

TEST(a_size_that_overflows_is_out_of_memory) {
  tlstream__arena arena = {0};
  CHECK(tlstream__arena_take(&arena, SIZE_MAX) == NULL);
  CHECK(arena.failed);
  CHECK(arena.blocks == NULL);
}

TEST(it_can_be_used_again_after_clear) {
  tlstream__arena arena = {0};
  CHECK(tlstream__arena_take(&arena, 3000) != NULL);
  tlstream__arena_clear(&arena);
  CHECK_STR(tlstream__arena_copy(&arena, "again", 5), "again");
  tlstream__arena_clear(&arena);
}

static void take_some(void *unused) {
  (void)unused;
  tlstream__arena arena = {0};
  bool all = tlstream__arena_take(&arena, 10) != NULL;
  all = *tlstream__arena_copy(&arena, "x", 1) == 'x' && all;
  all = tlstream__arena_take(&arena, 5000) != NULL && all;
  CHECK_INT(arena.failed, !all);
  CHECK(all || torture_struck());
  tlstream__arena_clear(&arena);
}

/* H7: a failure is remembered, and nothing is lost. */
TEST(without_memory_it_has_failed) {
  CHECK_INT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, take_some, NULL), 3);
  CHECK_INT(torture_each(TORTURE_LIBRARY, TORTURE_FOREVER, take_some, NULL), 3);
}
