/* SPDX-License-Identifier: MIT */
#include "support/test.h"

#include <stdarg.h>
#include <stdlib.h>

enum { SHOWN_MAX = 20 };

unsigned test_failures;
static const char *skipped;

/* A line of TAP; one with a line break in it would be two. */
static void print_line(const char *text) {
  printf("# ");
  for (; *text != '\0'; text++)
    putchar(*text == '\n' ? ' ' : *text);
  putchar('\n');
}

void test_fail(const char *file, int line, const char *format, ...) {
  char text[1024];
  va_list args;
  /* A check in a loop of thousands says the same thing thousands of times. */
  if (++test_failures > SHOWN_MAX) return;
  int used = snprintf(text, sizeof(text), "%s:%d: ", file, line);
  va_start(args, format);
  vsnprintf(text + used, sizeof(text) - (size_t)used, format, args);
  va_end(args);
  print_line(text);
}

void test_skip(const char *reason) {
  skipped = reason;
}

bool test_check(bool held, const char *text, const char *file, int line) {
  if (!held) test_fail(file, line, "not so: %s", text);
  return held;
}

bool test_check_int(long long got, long long want, const char *text,
                    const char *file, int line) {
  if (got == want) return true;
  test_fail(file, line, "%s is %lld, not %lld", text, got, want);
  return false;
}

static const char *shown(const char *text) {
  return text != NULL ? text : "(null)";
}

bool test_check_str(const char *got, const char *want, const char *text,
                    const char *file, int line) {
  bool same =
      got == want || (got != NULL && want != NULL && strcmp(got, want) == 0);
  if (!same) {
    test_fail(file, line, "%s is \"%s\", not \"%s\"", text, shown(got),
              shown(want));
  }
  return same;
}

bool test_check_has(const char *text, const char *part, const char *file,
                    int line) {
  bool has = text != NULL && strstr(text, part) != NULL;
  if (!has) test_fail(file, line, "\"%s\" is not in \"%s\"", part, shown(text));
  return has;
}

static bool is_wanted(const char *name, int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], name) == 0) return true;
  }
  return argc < 2;
}

/* In CI everything is there, so nothing may be left out. */
static bool skip_is_fault(void) {
  const char *ci = getenv("CI");
  return ci != NULL && strcmp(ci, "true") == 0;
}

static bool run_one(const test_case *test, size_t number) {
  test_failures = 0;
  skipped = NULL;
  test->run();
  if (skipped != NULL && skip_is_fault()) {
    test_fail(__FILE__, __LINE__, "left out: %s", skipped);
  }
  printf("%sok %zu - %s", test_failures > 0 ? "not " : "", number, test->name);
  if (skipped != NULL) printf(" # SKIP %s", skipped);
  putchar('\n');
  fflush(stdout);
  return test_failures == 0;
}

int test_main(const test_case *cases, size_t count, int argc, char **argv) {
  size_t ran = 0;
  bool fine = true;
  for (size_t i = 0; i < count; i++) {
    if (is_wanted(cases[i].name, argc, argv)) fine &= run_one(&cases[i], ++ran);
  }
  printf("1..%zu\n", ran);
  return fine && ran > 0 ? 0 : 1;
}
