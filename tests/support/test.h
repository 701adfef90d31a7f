/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_TEST_H
#define TESTS_SUPPORT_TEST_H

/*
 * A test program is a list of functions: TESTS(TEST(one), TEST(other)). It
 * prints TAP. A failed CHECK fails its test and goes on. With arguments, only
 * the tests of these names run.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef struct test_case {
  const char *name;
  void (*run)(void);
} test_case;

extern unsigned test_failures;

void test_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Tell TAP that the running test cannot be run here, and why. */
void test_skip(const char *reason);

int test_main(const test_case *cases, size_t count, int argc, char **argv);

/* Each is true when the check held. */
bool test_check(bool held, const char *text, const char *file, int line);
bool test_check_int(long long got, long long want, const char *text,
                    const char *file, int line);
bool test_check_str(const char *got, const char *want, const char *text,
                    const char *file, int line);
bool test_check_has(const char *text, const char *part, const char *file,
                    int line);

#define CHECK(held) test_check((held), #held, __FILE__, __LINE__)
#define CHECK_INT(got, want) \
  test_check_int((long long)(got), (long long)(want), #got, __FILE__, __LINE__)
#define CHECK_STR(got, want) \
  test_check_str((got), (want), #got, __FILE__, __LINE__)
/* `part` is somewhere in `text`. */
#define CHECK_HAS(text, part) test_check_has((text), (part), __FILE__, __LINE__)

#define TEST(function) \
  { #function, function }
#define TESTS(...)                                                         \
  int main(int argc, char **argv) {                                        \
    static const test_case cases[] = {__VA_ARGS__};                        \
    return test_main(cases, sizeof(cases) / sizeof(cases[0]), argc, argv); \
  }

#endif
