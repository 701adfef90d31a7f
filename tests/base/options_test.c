/* SPDX-License-Identifier: MIT */
/* H11: options of older and newer programs, and options that are none. */
#include "base/options.h"

#include <stdlib.h>

#include "base/error.h"
#include "support/test.h"

typedef struct older {
  size_t size;
  long first;
} older;

typedef struct current {
  size_t size;
  long first;
  long second;
} current;

typedef struct newer {
  size_t size;
  long first;
  long second;
  long third;
  long fourth;
} newer;

static int copy(current *known, const void *given, tlstream_error *error) {
  memset(known, 0, sizeof(*known));
  tlstream__error_clear(error);
  return tlstream__options_copy(known, sizeof(*known), given, "thing", error);
}

static void check_refused(const void *given, const char *words) {
  current known;
  static const current zeroed = {0};
  tlstream_error error;
  CHECK_ERROR(copy(&known, given, &error), TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_STR(error.name, "ERR_TLSTREAM_INVALID_ARGUMENT");
  CHECK_HAS(error.message, "thing: ");
  CHECK_HAS(error.message, words);
  CHECK(memcmp(&known, &zeroed, sizeof(known)) == 0);
  CHECK_ERROR(copy(&known, given, NULL), TLSTREAM_ERR_INVALID_ARGUMENT);
}

TEST(null_is_all_defaults) {
  current known;
  tlstream_error error;
  CHECK_INT(copy(&known, NULL, &error), 0);
  CHECK_INT(known.first, 0);
  CHECK_INT(known.second, 0);
  CHECK_ERROR(error.code, 0);
}

/* As a designated initialiser without the macro leaves it. */
TEST(a_size_of_zero_is_ours) {
  current known;
  CHECK_INT(copy(&known, &(current){0, 1, 2}, NULL), 0);
  CHECK_INT(known.first, 1);
  CHECK_INT(known.second, 2);
}

TEST(ours_is_copied) {
  current known;
  CHECK_INT(copy(&known, &(current){sizeof(current), 1, 2}, NULL), 0);
  CHECK_INT(known.first, 1);
  CHECK_INT(known.second, 2);
}

/* What lies behind the options of an older program is none of them. */
TEST(what_an_older_program_does_not_know_is_default) {
  struct {
    older options;
    long behind;
  } given = {{sizeof(older), 1}, 77};
  current known;
  CHECK_INT(copy(&known, &given, NULL), 0);
  CHECK_INT(known.first, 1);
  CHECK_INT(known.second, 0);
}

TEST(a_newer_program_may_leave_the_new_alone) {
  current known;
  CHECK_INT(copy(&known, &(newer){sizeof(newer), 1, 2, 0, 0}, NULL), 0);
  CHECK_INT(known.first, 1);
  CHECK_INT(known.second, 2);
}

TEST(what_a_newer_program_wants_cannot_be_honoured) {
  check_refused(&(newer){sizeof(newer), 1, 2, 3, 0}, "newer version");
  check_refused(&(newer){sizeof(newer), 1, 2, 0, 1L << 56}, "newer version");
}

TEST(a_size_that_is_none_is_refused) {
  enum { MOST = 64 * sizeof(current) };
  current known;
  size_t *block = calloc(1, MOST);
  static const size_t wrong[] = {1, sizeof(size_t) - 1, MOST + 1, (size_t)-1};
  EACH_ROW(i, wrong) {
    *block = wrong[i];
    check_refused(block, "is not the size");
  }
  *block = sizeof(size_t);
  CHECK_INT(copy(&known, block, NULL), 0);
  *block = MOST;
  CHECK_INT(copy(&known, block, NULL), 0);
  free(block);
}
