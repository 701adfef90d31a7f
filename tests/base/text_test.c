/* SPDX-License-Identifier: MIT */
/* Texts that grow, JSON in them, and bytes made fit for a terminal. */
#include "base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <wchar.h>

#include <tlstream/memory.h>

#include "support/test.h"
#include "support/torture.h"

/* Another way to compute the escape of one byte. */
static const char *escape_of(unsigned char byte) {
  static char piece[8];
  snprintf(piece, sizeof(piece), byte >= ' ' && byte <= '~' ? "%c" : "\\x%02x",
           byte);
  if (byte == '\n') return "\\n";
  if (byte == '\r') return "\\r";
  if (byte == '\t') return "\\t";
  return byte == '\\' ? "\\\\" : piece;
}

/* J1: one event is one line, and no byte of it drives a terminal. */
TEST(escapes_every_byte) {
  char out[16];
  for (int byte = 0; byte < 256; byte++) {
    unsigned char in = (unsigned char)byte;
    CHECK(tlstream_escape(out, sizeof(out), &in, 1) == out);
    CHECK_STR(out, escape_of(in));
  }
  CHECK_STR(tlstream_escape(out, sizeof(out), "a\0b", 3), "a\\x00b");
  CHECK_STR(tlstream_escape(out, sizeof(out), NULL, 0), "");
}

TEST(cuts_between_escapes) {
  static const struct {
    const char *in;
    size_t cap;
    const char *out;
  } rows[] = {
      {"abcdef", 7, "abcdef"},
      {"abcdef", 6, "ab..."},
      {"abcdef", 5, "a..."},
      {"abcdef", 4, "..."},
      {"abcdef", 3, ".."},
      {"abcdef", 2, "."},
      {"abcdef", 1, ""},
      {"abc", 4, "abc"},
      {"\x1b\x1b", 9, "\\x1b\\x1b"},
      {"\x1b\x1b", 8, "\\x1b..."},
      {"\x1b\x1b", 7, "..."},
      {"\x1b", 5, "\\x1b"},
      {"\x1b", 4, "..."},
      {"a\n\n\n", 8, "a\\n\\n\\n"},
      {"a\n\n\n", 7, "a\\n..."},
      {"a\n\n\n", 6, "a..."},
  };
  EACH_ROW(i, rows) {
    char *out = malloc(rows[i].cap); /* so that ASan sees its end */
    tlstream_escape(out, rows[i].cap, rows[i].in, strlen(rows[i].in));
    CHECK_STR(out, rows[i].out);
    free(out);
  }
  char untouched = 'x';
  CHECK(tlstream_escape(&untouched, 0, "abc", 3) == &untouched);
  CHECK_INT(untouched, 'x');
}

/* What comes out is all of it, or pieces of it and then dots, as long as can
 * be: one more piece would not have fitted. */
static void check_cut(const unsigned char *in, size_t len, size_t cap) {
  char whole[400] = "";
  char *out = malloc(cap);
  size_t longest = 0;
  for (size_t i = 0; i < len; i++) {
    strcat(whole, escape_of(in[i]));
    if (strlen(whole) + 4 <= cap) longest = strlen(whole);
  }
  tlstream_escape(out, cap, in, len);
  if (strlen(whole) < cap) {
    CHECK_STR(out, whole);
  } else {
    CHECK(strncmp(out, whole, longest) == 0);
    CHECK(strncmp(out + longest, "...", cap - longest - 1) == 0);
    CHECK_INT(strlen(out), cap < 4 ? cap - 1 : longest + 3);
  }
  free(out);
}

TEST(cuts_as_late_as_can_be) {
  unsigned seed = 7;
  for (int round = 0; round < 500; round++) {
    unsigned char in[64];
    for (size_t i = 0; i < sizeof(in); i++)
      in[i] = (unsigned char)((seed = seed * 1103515245 + 12345) >> 20);
    for (size_t cap = 1; cap < 90; cap++)
      check_cut(in, seed % sizeof(in), cap);
  }
}

static void check_taken(tlstream__text *text, const char *want) {
  char *string = tlstream__text_take(text);
  CHECK_STR(string, want);
  tlstream_free(string);
  CHECK(!text->failed && tlstream__buf_len(&text->buf) == 0);
}

TEST(texts_grow) {
  tlstream__text text = {0};
  torture_install();
  check_taken(&text, "");
  tlstream__text_add(&text, "a");
  tlstream__text_add(&text, "");
  tlstream__text_format(&text, "%d-%s", 7, "b");
  check_taken(&text, "a7-b");
  tlstream__text_add(&text, "again");
  check_taken(&text, "again");
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}

/* What a path, a peer or a user has in it may be of any length. */
TEST(texts_are_formatted_at_any_length) {
  static const size_t lengths[] = {126, 127, 128, 129, 480, 511, 512, 70000};
  torture_install();
  EACH_ROW(i, lengths) {
    tlstream__text text = {0};
    char *line = calloc(1, lengths[i] + 1);
    memset(line, 'x', lengths[i]);
    tlstream__text_add(&text, line);
    check_taken(&text, line);
    tlstream__text_format(&text, "%s", line);
    check_taken(&text, line);
    free(line);
  }
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}

static void format_a_long_one(void *line) {
  tlstream__text text = {0};
  tlstream__text_format(&text, "%s", (const char *)line);
  tlstream__text_add(&text, "more");
  char *made = tlstream__text_take(&text);
  CHECK((made == NULL) == torture_struck());
  tlstream_free(made);
}

TEST(a_long_text_without_memory_is_remembered) {
  char line[600];
  memset(line, 'x', sizeof(line) - 1);
  line[sizeof(line) - 1] = '\0';
  torture_install();
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, format_a_long_one, line),
           2);
}

/* In the C locale no other character has bytes. */
TEST(a_format_that_fails_is_remembered) {
  tlstream__text text = {0};
  tlstream__text_format(&text, "%ls", L"\x20AC");
  check_taken(&text, NULL);
}

static void check_json(const char *bytes, size_t len, const char *want) {
  tlstream__text text = {0};
  char *copy = calloc(1, len); /* so that ASan sees its end */
  if (len > 0) memcpy(copy, bytes, len);
  tlstream__text_json(&text, copy, len);
  check_taken(&text, want);
  free(copy);
}

#define BAD "\\ufffd"

TEST(json_escapes_what_it_has_to) {
  check_json("", 0, "\"\"");
  check_json("plain / text ~", 14, "\"plain / text ~\"");
  check_json("\"\\", 2, "\"\\\"\\\\\"");
  check_json("\0\n\x1f\x7f", 4, "\"\\u0000\\u000a\\u001f\\u007f\"");
  check_json("caf\xC3\xA9", 5, "\"caf\\u00e9\"");
  check_json("\xF0\x9F\x92\xA9", 4, "\"\\ud83d\\udca9\"");
}

/* Every byte that cannot be part of a character becomes one U+FFFD. */
TEST(json_replaces_what_is_not_utf8) {
  static const struct {
    const char *bytes;
    const char *want;
  } rows[] = {
      {"\x80", BAD},
      {"\xBF", BAD},
      {"\xC0\x80", BAD BAD},
      {"\xC1\xBF", BAD BAD},
      {"\xC2", BAD},
      {"\xC2\x41", BAD "A"},
      {"\xC2\xC2\x80", BAD "\\u0080"},
      {"\xE0\x80\x80", BAD BAD BAD},
      {"\xE0\x9F\xBF", BAD BAD BAD},
      {"\xE2\x82", BAD BAD},
      {"\xE2\x82\x41", BAD BAD "A"},
      {"\xED\xA0\x80", BAD BAD BAD},
      {"\xED\xBF\xBF", BAD BAD BAD},
      {"\xF0\x80\x80\x80", BAD BAD BAD BAD},
      {"\xF0\x8F\xBF\xBF", BAD BAD BAD BAD},
      {"\xF0\x9F\x92", BAD BAD BAD},
      {"\xF4\x90\x80\x80", BAD BAD BAD BAD},
      {"\xF5\x80\x80\x80", BAD BAD BAD BAD},
      {"\xFF\xFE", BAD BAD},
  };
  EACH_ROW(i, rows) {
    char want[64];
    snprintf(want, sizeof(want), "\"%s\"", rows[i].want);
    check_json(rows[i].bytes, strlen(rows[i].bytes), want);
  }
}

static size_t encode(unsigned char *out, uint32_t point) {
  if (point < 0x80) return out[0] = (unsigned char)point, 1;
  size_t more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  static const unsigned char leads[] = {0, 0xC0, 0xE0, 0xF0};
  out[0] = (unsigned char)(leads[more] | point >> 6 * more);
  for (size_t i = 1; i <= more; i++)
    out[i] = (unsigned char)(0x80 | (point >> 6 * (more - i) & 0x3F));
  return more + 1;
}

static void json_point(char *out, size_t cap, uint32_t point) {
  if (point == '"' || point == '\\') {
    snprintf(out, cap, "\"\\%c\"", (int)point);
  } else if (point >= 0x20 && point <= 0x7E) {
    snprintf(out, cap, "\"%c\"", (int)point);
  } else if (point >= 0xD800 && point <= 0xDFFF) {
    snprintf(out, cap, "\"" BAD BAD BAD "\"");
  } else if (point <= 0xFFFF) {
    snprintf(out, cap, "\"\\u%04x\"", point);
  } else {
    snprintf(out, cap, "\"\\u%04x\\u%04x\"", 0xD7C0 + (point >> 10),
             0xDC00 | (point & 0x3FF));
  }
}

TEST(json_has_every_character) {
  for (uint32_t point = 0; point <= 0x10FFFF; point++) {
    unsigned char bytes[4];
    char want[32];
    tlstream__text text = {0};
    tlstream__text_json(&text, bytes, encode(bytes, point));
    json_point(want, sizeof(want), point);
    check_taken(&text, want);
  }
}

static void build_a_text(void *data) {
  tlstream__text text = {0};
  char line[600];
  (void)data;
  memset(line, 'x', sizeof(line) - 1);
  line[sizeof(line) - 1] = '\0';
  tlstream__text_add(&text, "{");
  tlstream__text_json(&text, line, strlen(line));
  tlstream__text_format(&text, ": %d}", 1);
  char *string = tlstream__text_take(&text);
  CHECK((string == NULL) == torture_struck());
  if (string != NULL) CHECK_HAS(string, "x\": 1}");
  tlstream_free(string);
  CHECK(!text.failed && text.buf.mem == NULL);
}

TEST(remembers_that_memory_was_out) {
  torture_install();
  CHECK_GE(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, build_a_text, NULL), 4);
  CHECK_GE(torture_each(TORTURE_LIBRARY, TORTURE_FOREVER, build_a_text, NULL),
           4);
}
