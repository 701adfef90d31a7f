/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* strerrorname_np */
#include "support/test.h"

#include <stdarg.h>

#include <tlstream/error.h>

enum {
  SHOWN_MAX = 20,
  CASES_MAX = 8 /* loops within each other */
};

unsigned test_failures;

/* What the running loops are at, outermost first. */
static char cases[CASES_MAX][120];
static size_t depth;

static const char *shown(const char *text) {
  return text != NULL ? text : "(null)";
}

/* A line of TAP; one with a line break in it would be two. */
static void print_line(const char *text) {
  printf("# ");
  for (; *text != '\0'; text++)
    putchar((unsigned char)*text < ' ' ? ' ' : *text);
  putchar('\n');
}

static void add(char *line, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void add(char *line, size_t size, const char *format, ...) {
  size_t used = strlen(line);
  va_list args;
  va_start(args, format);
  vsnprintf(line + used, size - used, format, args);
  va_end(args);
}

static void add_cases(char *line, size_t size) {
  const char *before = " [";
  bool any = false;
  for (size_t i = 0; i < depth && i < CASES_MAX; i++) {
    if (cases[i][0] == '\0') continue;
    add(line, size, "%s%s", before, cases[i]);
    before = ", ";
    any = true;
  }
  if (any) add(line, size, "]");
}

void test_fail(const char *file, int line, const char *format, ...) {
  char text[1400];
  char what[900];
  va_list args;
  /* A check in a long loop prints the same failure thousands of times. */
  if (++test_failures > SHOWN_MAX) return;
  va_start(args, format);
  vsnprintf(what, sizeof(what), format, args);
  va_end(args);
  snprintf(text, sizeof(text), "%s:%d:", file, line);
  add_cases(text, sizeof(text));
  add(text, sizeof(text), " %s", what);
  print_line(text);
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

static const char *system_name(int code) {
#ifdef __GLIBC__
  return strerrorname_np(-code);
#else
  (void)code;
  return NULL;
#endif
}

static const char *describe(int code, char *text, size_t size) {
  const char *name = tlstream_error_name(code);
  const char *system = system_name(code);
  if (code == 0) return "0 (no error)";
  /* What the library does not know has the name of SYSTEM. */
  if (code != TLSTREAM_ERR_SYSTEM &&
      strcmp(name, tlstream_error_name(TLSTREAM_ERR_SYSTEM)) == 0) {
    name = system != NULL ? system : "an error";
  }
  snprintf(text, size, "%s (%d)", name, code);
  return text;
}

bool test_check_error(int got, int want, const char *text, const char *file,
                      int line) {
  char one[80];
  char other[80];
  if (got == want) return true;
  test_fail(file, line, "%s is %s, not %s", text,
            describe(got, one, sizeof(one)),
            describe(want, other, sizeof(other)));
  return false;
}

static bool is_ordered(long long got, const char *order, long long other) {
  if (got == other) return order[1] == '=' && order[0] != '!';
  return order[0] == '!' || (got < other) == (order[0] == '<');
}

bool test_check_order(long long got, const char *order, long long other,
                      const char *text, const char *file, int line) {
  if (is_ordered(got, order, other)) return true;
  test_fail(file, line, "%s is %lld, not %s %lld", text, got, order, other);
  return false;
}

static char *enter(void) {
  static char one_too_many[sizeof(cases[0])];
  char *text = depth < CASES_MAX ? cases[depth] : one_too_many;
  text[0] = '\0';
  depth++;
  return text;
}

size_t test_enter_rows(void) {
  enter();
  return 0;
}

bool test_row(const char *table, size_t i, const char *text) {
  if (depth == 0 || depth > CASES_MAX) return true;
  char *row = cases[depth - 1];
  snprintf(row, sizeof(cases[0]), "%s[%zu]", table, i);
  if (text != NULL) add(row, sizeof(cases[0]), " \"%s\"", text);
  return true;
}

void test_leave_rows(const size_t *i) {
  (void)i;
  depth--;
}

int test_enter_case(const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(enter(), sizeof(cases[0]), format, args);
  va_end(args);
  return 0;
}

void test_leave_case(const int *unused) {
  (void)unused;
  depth--;
}
