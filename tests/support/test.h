/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_TEST_H
#define TESTS_SUPPORT_TEST_H

/*
 * A test program is a file of tests:
 *
 *     TEST(an_empty_list_is_refused) {
 *       CHECK_ERROR(parse(""), TLSTREAM_ERR_BAD_PROTOCOLS);
 *     }
 *
 * main() is in the support library. It runs the tests in the order of the file
 * and prints TAP; with arguments, only the tests of these names. A failed CHECK
 * fails its test, which goes on.
 *
 * Each test runs in a child process with a time limit, and must leave no file
 * descriptor open that it found closed. A test that crashes, exits or takes too
 * long has failed, and the next one runs. In the environment,
 * TEST_NO_FORK=1 runs the tests in the program itself, for a debugger, and
 * TEST_TIME_FACTOR=4 makes the time limit four times as long (0.1: a tenth),
 * and TEST_STRIDE=3 has tests of very many rows (each allocation fails, each
 * seed) run a third of them: see test_stride().
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define TEST(function) TEST_FUNCTION(function, TEST_CASE)

/* Functions that run once in the program, in the process from which the tests
 * are forked: to make what several tests use, and to release it. */
#define BEFORE_TESTS(function) TEST_FUNCTION(function, TEST_BEFORE)
#define AFTER_TESTS(function)  TEST_FUNCTION(function, TEST_AFTER)

/* How far it is from one row of very many to the next: 1, or TEST_STRIDE. */
size_t test_stride(void);

/* Of the running test. */
extern unsigned test_failures;

void test_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fail the running test and end it here: it cannot go on. */
#define TEST_STOP(...) test_stop(__FILE__, __LINE__, __VA_ARGS__)

/* Report to TAP that the running test cannot be run here, and why. */
void test_skip(const char *reason);

/* Each is true when the check held. */
#define CHECK(held) test_check((held), #held, __FILE__, __LINE__)
#define CHECK_INT(got, want) \
  test_check_int((long long)(got), (long long)(want), #got, __FILE__, __LINE__)
#define CHECK_STR(got, want) \
  test_check_str((got), (want), #got, __FILE__, __LINE__)
/* `part` is somewhere in `text`. */
#define CHECK_HAS(text, part) test_check_has((text), (part), __FILE__, __LINE__)
/* An error code of the library or of libuv, or 0: prints its name. */
#define CHECK_ERROR(got, want) \
  test_check_error((int)(got), (int)(want), #got, __FILE__, __LINE__)
/* Integers that are in this order; prints both. */
#define CHECK_GT(got, other) TEST_CHECK_ORDER(got, ">", other)
#define CHECK_GE(got, other) TEST_CHECK_ORDER(got, ">=", other)
#define CHECK_LT(got, other) TEST_CHECK_ORDER(got, "<", other)
#define CHECK_LE(got, other) TEST_CHECK_ORDER(got, "<=", other)
#define CHECK_NE(got, other) TEST_CHECK_ORDER(got, "!=", other)

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Loops over a table. What fails in a row is printed with the row's number, and
 * with its text: a member of the row, or the row itself. */
#define EACH_ROW(i, table)               TEST_ROWS(i, table, NULL)
#define EACH_ROW_NAMED(i, table, member) TEST_ROWS(i, table, (table)[i].member)
#define EACH_TEXT(i, table)              TEST_ROWS(i, table, (table)[i])

/* The same where the table is a parameter. */
#define EACH_ROW_OF(i, rows, count, member) \
  TEST_ROWS_OF(i, rows, count, (rows)[i].member)

/* Until the end of the block, what fails is printed with this text (as of
 * printf). For loops over what is no table: seeds, versions, bytes. */
#define IN_CASE(...)                                      \
  int TEST_JOIN(in_case_, __LINE__)                       \
      __attribute__((cleanup(test_leave_case), unused)) = \
          test_enter_case(__VA_ARGS__)

/* What the macros use. */
typedef enum test_kind { TEST_BEFORE, TEST_CASE, TEST_AFTER } test_kind;

typedef struct test_function {
  const char *name;
  void (*run)(void);
  int line;
  struct test_function *next;
} test_function;

int test_main(int argc, char **argv);
void test_register(test_kind kind, test_function *function);
_Noreturn void test_stop(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool test_check(bool held, const char *text, const char *file, int line);
bool test_check_int(long long got, long long want, const char *text,
                    const char *file, int line);
bool test_check_str(const char *got, const char *want, const char *text,
                    const char *file, int line);
bool test_check_has(const char *text, const char *part, const char *file,
                    int line);
bool test_check_error(int got, int want, const char *text, const char *file,
                      int line);
bool test_check_order(long long got, const char *order, long long other,
                      const char *text, const char *file, int line);
size_t test_enter_rows(void);
bool test_row(const char *table, size_t i, const char *text);
void test_leave_rows(const size_t *i);
int test_enter_case(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
void test_leave_case(const int *unused);

#define TEST_FUNCTION(function, kind)                                  \
  static void function(void);                                          \
  __attribute__((constructor)) static void register_##function(void) { \
    static test_function self = {#function, function, __LINE__, NULL}; \
    test_register(kind, &self);                                        \
  }                                                                    \
  static void function(void)
#define TEST_CHECK_ORDER(got, order, other)                           \
  test_check_order((long long)(got), order, (long long)(other), #got, \
                   __FILE__, __LINE__)
#define TEST_ROWS(i, table, text) TEST_ROWS_OF(i, table, COUNT(table), text)
#define TEST_ROWS_OF(i, table, count, text)                                    \
  for (size_t i __attribute__((cleanup(test_leave_rows))) = test_enter_rows(); \
       (i) < (count) && test_row(#table, i, text); (i)++)
#define TEST_JOIN(a, b)       TEST_JOIN_AGAIN(a, b)
#define TEST_JOIN_AGAIN(a, b) a##b

#endif
