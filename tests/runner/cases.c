/* SPDX-License-Identifier: MIT */
/* Tests that fail in every way that the runner knows; runner_test.py looks at
 * what is printed. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <tlstream/error.h>

#include "support/test.h"

static int prepared;

BEFORE_TESTS(prepare) {
  prepared++;
}

AFTER_TESTS(report) {
  printf("# prepared %d times\n", prepared);
}

TEST(passes) {
  CHECK_INT(prepared, 1);
  CHECK_GT(2, 1);
  CHECK_GE(1, 1);
  CHECK_LT(-1, 1);
  CHECK_LE(1, 1);
  CHECK_NE(1, 2);
  CHECK_ERROR(0, 0);
  prepared++; /* in the child alone */
}

TEST(crashes) {
  CHECK_INT(prepared, 3);
  abort();
}

TEST(is_killed) {
  raise(SIGKILL);
}

TEST(hangs) {
  for (;;)
    pause();
}

TEST(leaves_a_descriptor) {
  CHECK_GE(open("/dev/null", O_RDONLY), 0);
}

TEST(exits) {
  exit(0);
}

TEST(stops) {
  TEST_STOP("there is no %s", "disk");
}

TEST(is_skipped) {
  test_skip("not here");
}

TEST(names_errors) {
  CHECK_ERROR(TLSTREAM_ERR_WRONG_STATE, 0);
  CHECK_ERROR(-ECONNRESET, TLSTREAM_ERR_CLOSED);
}

TEST(shows_both_sides) {
  CHECK_GT(1, 2);
  CHECK_NE(3, 3);
  CHECK_GE(-5, 0);
}

TEST(names_rows) {
  static const struct {
    const char *name;
    int value;
  } rows[] = {{"first", 1}, {"second", 2}};
  static const char *const words[] = {"left", "right"};
  EACH_ROW_NAMED(i, rows, name)
    CHECK_INT(rows[i].value, 1);
  EACH_TEXT(i, words) {
    IN_CASE("seed %d", 7);
    EACH_ROW(k, rows) {
      if (k == 1) break;
      CHECK_INT(rows[k].value, 5);
    }
  }
  CHECK(prepared == 0);
}
