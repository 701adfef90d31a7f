/* SPDX-License-Identifier: MIT */
/* Which context serves a name: precedence, hostile names and patterns. B5, B6.
 */
#include "core/context/hosts.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/context/context.h"
#include "support/numbered.h"
#include "support/test.h"
#include "support/torture.h"

/* A table in which the context of each pattern is the one of its place. */
static tlstream_hosts table_of(const char *const *patterns) {
  tlstream_hosts table = {0};
  tlstream_error error = {0};
  for (size_t i = 0; patterns[i] != NULL; i++) {
    if (tlstream__hosts_add(&table, patterns[i], numbered_context(i), &error) ==
        0)
      continue;
    test_fail(__FILE__, __LINE__, "%s", error.message);
  }
  return table;
}

/* Returns the pattern that was found, or "". */
static const char *look_up(const tlstream_hosts *table,
                           const char *const *patterns, const char *name) {
  tlstream_context *found = tlstream_hosts_find(table, name);
  for (size_t i = 0; found != NULL && patterns[i] != NULL; i++) {
    if (found == numbered_context(i)) return patterns[i];
  }
  return found == NULL ? "" : "?";
}

typedef struct question {
  const char *name;
  const char *found;
} question;

static void check_all(const char *const *patterns, const question *questions) {
  tlstream_hosts table = table_of(patterns);
  for (; questions->name != NULL; questions++) {
    IN_CASE("%.60s", questions->name);
    CHECK_STR(look_up(&table, patterns, questions->name), questions->found);
  }
  tlstream__hosts_clear(&table);
}

TEST(an_empty_table_finds_nothing) {
  tlstream_hosts table = {0};
  CHECK(tlstream_hosts_find(&table, "a.test") == NULL);
  CHECK(tlstream_hosts_find(&table, "") == NULL);
  tlstream__hosts_clear(&table);
}

TEST(names_are_found) {
  static const char *const patterns[] = {"a.test",    "B.Test",     "c.test.",
                                         "localhost", "x_y-z.test", NULL};
  static const question questions[] = {{"a.test", "a.test"},
                                       {"A.TEST", "a.test"},
                                       {"a.test.", "a.test"},
                                       {"A.tEsT.", "a.test"},
                                       {"b.test", "B.Test"},
                                       {"c.test", "c.test."},
                                       {"c.test.", "c.test."},
                                       {"localhost", "localhost"},
                                       {"LOCALHOST.", "localhost"},
                                       {"x_y-z.test", "x_y-z.test"},
                                       {"a.test..", ""},
                                       {".a.test", ""},
                                       {"x.a.test", ""},
                                       {"test", ""},
                                       {"a", ""},
                                       {"a.tes", ""},
                                       {"a.testx", ""},
                                       {"aa.test", ""},
                                       {"a_test", ""},
                                       {NULL, NULL}};
  check_all(patterns, questions);
}

TEST(a_wildcard_is_one_whole_label) {
  static const char *const patterns[] = {"*.a.test", "b.*.test", "*.*.c.test",
                                         "d.e.*", NULL};
  static const question questions[] = {{"x.a.test", "*.a.test"},
                                       {"xx-1.A.TEST.", "*.a.test"},
                                       {"xn--fsq.a.test", "*.a.test"},
                                       {"a.test", ""},
                                       {".a.test", ""},
                                       {"x.y.a.test", ""},
                                       {"xa.test", ""},
                                       {"b.x.test", "b.*.test"},
                                       {"b.test", ""},
                                       {"bb.x.test", ""},
                                       {"b..test", ""},
                                       {"x.y.c.test", "*.*.c.test"},
                                       {"x.c.test", ""},
                                       {"d.e.com", "d.e.*"},
                                       {"d.e", ""},
                                       {"d.e.f.com", ""},
                                       {NULL, NULL}};
  check_all(patterns, questions);
}

/* Regular expressions were Node's first way. */
TEST(all_other_bytes_are_literal) {
  static const char *const patterns[] = {"a-b.test", "a_b.*.test", NULL};
  static const question questions[] = {
      {"a-b.test", "a-b.test"},     {"axb.test", ""},   {"a-bxtest", ""},
      {"a_b.x.test", "a_b.*.test"}, {"axb.x.test", ""}, {NULL, NULL}};
  check_all(patterns, questions);
}

TEST(the_pattern_that_says_most_wins) {
  static const char *const patterns[] = {
      "*",        "*.test",    "*.*.test", "*.b.test", "*.bbbb.test",
      "a.*.test", "a.b.*",     "a.b.test", "aaaa.*.*", "*.bbbb.*",
      "*.*.tttt", "xx.*.tttt", NULL};
  static const question questions[] = {
      {"localhost", "*"},
      {"x.test", "*.test"},
      {"x.y.test", "*.*.test"},
      {"x.b.test", "*.b.test"},
      {"a.y.test", "a.*.test"},
      {"a.b.test", "a.b.test"},
      /* As long as the other: the label on the left decides. */
      {"aaaa.bbbb.xx", "aaaa.*.*"},
      {"aaaa.x.tttt", "aaaa.*.*"},
      {"x.bbbb.tttt", "*.bbbb.*"},
      {"a.bbbb.test", "*.bbbb.test"},
      {"a.b.xx", "a.b.*"},
      {"xx.bbbb.tttt", "xx.*.tttt"},
      {NULL, NULL}};
  check_all(patterns, questions);
}

/* Whatever the order in which they came. */
TEST(the_order_does_not_matter) {
  static const char *const patterns[][3] = {{"*.bb.*", "*.*.cc", NULL},
                                            {"*.*.cc", "*.bb.*", NULL}};
  static const question questions[] = {{"a.bb.cc", "*.bb.*"}, {NULL, NULL}};
  check_all(patterns[0], questions);
  check_all(patterns[1], questions);
}

static const char *const hostile_names[] = {
    "",
    ".",
    "..",
    "*",
    "*.a.test",
    "*.*",
    "b.*",
    "b.test\n",
    "b.test ",
    " b.test",
    "b.test\t",
    "\033[31mb.test",
    "\033]0;b\007.test",
    "\x07.test",
    "\x7F.test",
    "b.test\r\nX-Header: 1",
    "\xC3\xA4.test",
    "\xFF\xFE.test",
    "\xEF\xBC\x8A.test", /* a wide asterisk */
    "b\xE3\x80\x82test", /* an ideographic full stop */
    "1.2.3.4",
    "127.1",
    "0x7f.1",
    "1.2.3.04",
    "::1",
    "[::1]",
    "b.test:443",
    "https://b.test",
    "b.test/",
    "b.test/../a",
    "b%2etest",
    "b.test\\",
    "(b|c).test",
    "^b.test$",
    "'b.test'",
    "\"b.test\"",
    "<b>.test",
    "$(b).test",
    "${b}.test",
    "b.test;",
    "b,test",
};

TEST(hostile_names_find_nothing) {
  static const char *const patterns[] = {"*.a.test", "*",      "*.*", "*.*.*",
                                         "*.*.*.*",  "b.test", NULL};
  tlstream_hosts table = table_of(patterns);
  EACH_TEXT(i, hostile_names) {
    CHECK(tlstream_hosts_find(&table, hostile_names[i]) == NULL);
  }
  tlstream__hosts_clear(&table);
}

/* `len` bytes in labels of 63. */
static char *long_name(size_t len) {
  char *name = malloc(len + 1);
  if (name == NULL) abort();
  memset(name, 'a', len);
  for (size_t i = 63; i < len; i += 64)
    name[i] = '.';
  name[len] = '\0';
  return name;
}

static void check_length(const tlstream_hosts *table, size_t len, bool found) {
  char *name = long_name(len);
  CHECK_INT(tlstream_hosts_find(table, name) != NULL, found);
  free(name);
}

TEST(names_have_253_bytes_at_most) {
  static const char *const patterns[] = {"*.*.*.*", "*.*.*.*.*", NULL};
  tlstream_hosts table = table_of(patterns);
  check_length(&table, 253, true);
  check_length(&table, 254, false);
  check_length(&table, 255, false);
  check_length(&table, 256, false);
  check_length(&table, 65535, false);
  tlstream__hosts_clear(&table);
}

static void check_pattern_length(size_t len, bool dot, int want) {
  tlstream_hosts table = {0};
  tlstream_error error = {0};
  char *name = long_name(len + dot);
  if (dot) name[len] = '.';
  CHECK_ERROR(tlstream__hosts_add(&table, name, numbered_context(0), &error),
              want);
  CHECK_INT(tlstream_hosts_find(&table, name) != NULL, want == 0);
  if (want != 0) CHECK_HAS(error.message, "longer than 253 bytes");
  tlstream__hosts_clear(&table);
  free(name);
}

TEST(patterns_have_253_bytes_at_most) {
  check_pattern_length(253, false, 0);
  check_pattern_length(253, true, 0);
  check_pattern_length(254, false, TLSTREAM_ERR_INVALID_ARGUMENT);
  check_pattern_length(254, true, TLSTREAM_ERR_INVALID_ARGUMENT);
  check_pattern_length(300, false, TLSTREAM_ERR_INVALID_ARGUMENT);
  check_pattern_length(100000, false, TLSTREAM_ERR_INVALID_ARGUMENT);
}

TEST(what_is_no_pattern_is_refused) {
  static const struct {
    const char *pattern;
    const char *why;
  } table[] = {
      {"", "it is empty"},
      {".", "only a dot"},
      {".a.test", "begins with a dot"},
      {"a..test", "empty part"},
      {"*..test", "empty part"},
      {".*.test", "begins with a dot"},
      {"a.test..", "empty part"},
      {"**.a.test", "whole label"},
      {"*a.test", "whole label"},
      {"a*.test", "whole label"},
      {"a*b.test", "whole label"},
      {"f*", "whole label"},
      {"xn--*.test", "whole label"},
      {"a.*b", "whole label"},
      {"1.2.3.4", "address"},
      {"*.2.3.4", "IPv4"},
      {"::1", "address"},
      {"[::1]", "brackets"},
      {"a.test:443", ""},
      {"https://a.test", ""},
      {"a.test/", "letters"},
      {"(a|b).test", "letters"},
      {"a b.test", "letters"},
      {"a.test\n", "letters"},
      {"\033[31ma.test", "\\x1b[31ma.test"},
      {"\xE4.test", "xn--"},
  };
  EACH_ROW_NAMED(i, table, pattern) {
    tlstream_hosts names = {0};
    tlstream_error error = {0};
    CHECK_ERROR(tlstream__hosts_add(&names, table[i].pattern,
                                    numbered_context(0), &error),
                TLSTREAM_ERR_INVALID_ARGUMENT);
    CHECK_ERROR(error.code, TLSTREAM_ERR_INVALID_ARGUMENT);
    CHECK_HAS(error.message, table[i].why);
    CHECK(strpbrk(error.message, "\033\n") == NULL);
    CHECK_INT(names.count, 0);
    CHECK_ERROR(tlstream__hosts_add(&names, table[i].pattern,
                                    numbered_context(0), NULL),
                TLSTREAM_ERR_INVALID_ARGUMENT);
    tlstream__hosts_clear(&names);
  }
}

TEST(wildcards_are_in_the_first_32_labels) {
  char pattern[80] = "";
  tlstream_hosts table = {0};
  tlstream_error error;
  for (int i = 0; i < 31; i++)
    strcat(pattern, "a.");
  strcat(pattern, "*");
  CHECK_ERROR(tlstream__hosts_add(&table, pattern, numbered_context(0), &error),
              0);
  pattern[62] = 'b';
  CHECK(tlstream_hosts_find(&table, pattern) == numbered_context(0));
  strcpy(pattern + 62, "a.*");
  CHECK_ERROR(tlstream__hosts_add(&table, pattern, numbered_context(0), &error),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_HAS(error.message, "too far to the right");
  pattern[64] = 'b';
  CHECK(tlstream_hosts_find(&table, pattern) == NULL);
  CHECK_ERROR(tlstream__hosts_add(&table, pattern, numbered_context(1), &error),
              0);
  CHECK(tlstream_hosts_find(&table, pattern) == numbered_context(1));
  tlstream__hosts_clear(&table);
}

static size_t refs(size_t number) {
  return numbered_context(number)->refs;
}

TEST(an_equal_pattern_replaces) {
  static const char *const pairs[][2] = {{"a.test", "A.Test."},
                                         {"*.a.test", "*.A.TEST"},
                                         {"*", "*."},
                                         {"a.test", "a.test"}};
  EACH_ROW(i, pairs) {
    tlstream_hosts table = {0};
    size_t before[2] = {refs(0), refs(1)};
    const char *name = pairs[i][0][0] == '*' ? "x.a.test" : "a.test";
    if (strcmp(pairs[i][0], "*") == 0) name = "x";
    CHECK_ERROR(
        tlstream__hosts_add(&table, pairs[i][0], numbered_context(0), NULL), 0);
    CHECK(tlstream_hosts_find(&table, name) == numbered_context(0));
    CHECK_INT(refs(0), before[0] + 1);
    CHECK_ERROR(
        tlstream__hosts_add(&table, pairs[i][1], numbered_context(1), NULL), 0);
    CHECK(tlstream_hosts_find(&table, name) == numbered_context(1));
    CHECK_INT(refs(0), before[0]);
    CHECK_INT(refs(1), before[1] + 1);
    CHECK_INT(table.count, 1);
    tlstream__hosts_clear(&table);
    CHECK_INT(refs(1), before[1]);
  }
}

/* The table may be the last one to hold the context. */
TEST(a_context_may_replace_itself) {
  tlstream_hosts table = {0};
  tlstream_context *only = tlstream_context_new(NULL, NULL);
  CHECK_ERROR(tlstream__hosts_add(&table, "a.test", only, NULL), 0);
  tlstream_context_unref(only);
  CHECK_ERROR(tlstream__hosts_add(&table, "a.test", only, NULL), 0);
  CHECK(tlstream_hosts_find(&table, "a.test") == only);
  CHECK_INT(only->refs, 1);
  tlstream__hosts_clear(&table);
}

TEST(ten_thousand_names_are_all_found) {
  enum { MANY = 10000 };
  tlstream_hosts table = {0};
  char name[64];
  for (size_t i = 0; i < MANY; i++) {
    snprintf(name, sizeof(name), i % 2 == 0 ? "h%zu.test" : "*.h%zu.test", i);
    CHECK_ERROR(tlstream__hosts_add(&table, name, numbered_context(i), NULL),
                0);
  }
  CHECK_INT(table.count, MANY);
  CHECK_INT(table.shape_count, 1);
  for (size_t i = 0; i < MANY; i++) {
    snprintf(name, sizeof(name), i % 2 == 0 ? "h%zu.test" : "w.H%zu.test", i);
    CHECK(tlstream_hosts_find(&table, name) == numbered_context(i));
    snprintf(name, sizeof(name), i % 2 == 1 ? "h%zu.test" : "w.h%zu.test", i);
    CHECK(tlstream_hosts_find(&table, name) == NULL);
  }
  tlstream__hosts_clear(&table);
}

/* What was there stays, and what could not be added is not. */
static void add_many(void *unused) {
  (void)unused;
  tlstream_hosts table = {0};
  tlstream_error error;
  char name[32];
  size_t added = 0;
  for (size_t i = 0; i < 40; i++) {
    snprintf(name, sizeof(name), i % 8 == 7 ? "*.h%zu%.*s" : "h%zu.test", i,
             (int)(i / 8) * 2, ".a.a.a.a.a");
    int code = tlstream__hosts_add(&table, name, numbered_context(i), &error);
    CHECK(code == 0 || torture_struck());
    if (code != 0) CHECK_ERROR(code, TLSTREAM_ERR_NO_MEMORY);
    if (code != 0) CHECK_ERROR(error.code, TLSTREAM_ERR_NO_MEMORY);
    if (name[0] == '*') name[0] = 'w';
    CHECK(tlstream_hosts_find(&table, name) ==
          (code == 0 ? numbered_context(i) : NULL));
    added += code == 0;
    CHECK_INT(table.count, added);
  }
  CHECK(tlstream_hosts_find(&table, "h0.test") == numbered_context(0) ||
        torture_struck());
  tlstream__hosts_clear(&table);
}

/* Before anything is allocated that it would have to release. */
BEFORE_TESTS(take_memory) {
  torture_install();
}

TEST(without_memory_nothing_is_lost) {
  size_t before = 0;
  for (size_t i = 0; i < CONTEXTS; i++)
    before += refs(i);
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, add_many, NULL), 40);
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_FOREVER, add_many, NULL), 40);
  for (size_t i = 0; i < CONTEXTS; i++)
    before -= refs(i);
  CHECK_INT(before, 0);
}
