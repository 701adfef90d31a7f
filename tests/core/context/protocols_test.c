/* SPDX-License-Identifier: MIT */
/* Lists of application protocols: what is taken, what is refused, and what a
 * damaged list of a peer's leads to. C2. */
#include "core/context/protocols.h"

#include <stdint.h>
#include <stdlib.h>

#include "support/test.h"
#include "support/torture.h"

enum { WIRE_MAX = 65535, NAME_MAX_LEN = 255 };

/* Of exactly this size, so that AddressSanitizer sees one byte too many. */
static unsigned char *exactly(const void *bytes, size_t len) {
  unsigned char *copy = malloc(len != 0 ? len : 1);
  if (copy == NULL) abort();
  if (len > 0) memcpy(copy, bytes, len);
  return copy;
}

static int pack(tlstream__protocols *list, const tlstream_protocols *from,
                tlstream_error *error) {
  return tlstream__protocols_pack(list, from, "alpn", error);
}

static void check_wire(const tlstream_protocols *from, const char *wire,
                       size_t len) {
  tlstream__protocols list = {0};
  tlstream_error error = {0};
  if (CHECK_INT(pack(&list, from, &error), 0) && CHECK_INT(list.len, len)) {
    CHECK(len == 0 || memcmp(list.wire, wire, len) == 0);
  }
  tlstream__protocols_clear(&list);
  CHECK(list.wire == NULL && list.text == NULL && list.len == 0);
}

TEST(names_become_the_wire_form) {
  tlstream_protocols one = TLSTREAM_PROTOCOLS("h2");
  tlstream_protocols two = TLSTREAM_PROTOCOLS("h2", "http/1.1");
  tlstream_protocols odd = TLSTREAM_PROTOCOLS("\xC3\xA4", " ", "\x7F\x01");
  tlstream_protocols twice = TLSTREAM_PROTOCOLS("a", "a");
  tlstream_protocols none = {0};
  tlstream_protocols zero_of_them = {.names = one.names, .count = 0};
  check_wire(&one, "\x02h2", 3);
  check_wire(&two,
             "\x02h2"
             "\x08http/1.1",
             12);
  check_wire(&odd, "\x02\xC3\xA4\x01 \x02\x7F\x01", 8);
  check_wire(&twice,
             "\x01"
             "a\x01"
             "a",
             4);
  check_wire(&none, "", 0);
  check_wire(&zero_of_them, "", 0);
}

TEST(the_wire_form_is_taken_as_it_is) {
  static const char wire[] = "\x02h2\x03x\0y\x01\xFF";
  size_t len = sizeof(wire) - 1;
  unsigned char *bytes = exactly(wire, len);
  tlstream_protocols from = {.wire = {bytes, len}};
  check_wire(&from, wire, len);
  free(bytes);
}

/* C3 */
TEST(the_list_is_a_copy) {
  tlstream__protocols list = {0};
  char *name = (char *)exactly("h2", 3);
  const char **names = malloc(sizeof(*names));
  names[0] = name;
  tlstream_protocols from = {.names = names, .count = 1};
  CHECK_INT(pack(&list, &from, NULL), 0);
  memset(name, 'x', 2);
  free(name);
  free(names);
  CHECK_STR(tlstream__protocols_find(&list, "h2", 2), "h2");
  tlstream__protocols_clear(&list);
}

static const char *const long_name =
    "0123456789012345678901234567890123456789012345678901234567890123456789"
    "0123456789012345678901234567890123456789012345678901234567890123456789"
    "0123456789012345678901234567890123456789012345678901234567890123456789"
    "0123456789012345678901234567890123456789012345";

#define NAMES(...)                                                       \
  {                                                                      \
    .names = (const char *const[]){__VA_ARGS__},                         \
    .count = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *) \
  }
#define WIRE(text)                     \
  {                                    \
    .wire = { text, sizeof(text) - 1 } \
  }

static void check_refused(const tlstream_protocols *from, const char *why) {
  tlstream__protocols list = {0};
  tlstream_error error = {0};
  CHECK_ERROR(pack(&list, from, &error), TLSTREAM_ERR_BAD_PROTOCOLS);
  CHECK_ERROR(error.code, TLSTREAM_ERR_BAD_PROTOCOLS);
  CHECK_HAS(error.message, "alpn: ");
  CHECK_HAS(error.message, why);
  CHECK(list.wire == NULL && list.text == NULL && list.len == 0);
  CHECK_ERROR(pack(&list, from, NULL), TLSTREAM_ERR_BAD_PROTOCOLS);
}

TEST(malformed_lists_are_refused) {
  CHECK_INT(strlen(long_name), NAME_MAX_LEN + 1);
  const struct {
    tlstream_protocols from;
    const char *why;
  } table[] = {
      {NAMES(""), "name is empty"},
      {NAMES("h2", ""), "name is empty"},
      {NAMES("", "h2"), "name is empty"},
      {NAMES(NULL), "name is empty"},
      {NAMES("h2", NULL), "name is empty"},
      {NAMES(long_name), "longer than 255"},
      {NAMES("h2", long_name, "h2"), "longer than 255"},
      {WIRE(""), "list is empty"},
      {WIRE("\0"), "name is empty"},
      {WIRE("\x02h2\0"), "name is empty"},
      {WIRE("\0\x02h2"), "name is empty"},
      {WIRE("\x02h2\0\x01x"), "name is empty"},
      {WIRE("\x01"), "cut off"},
      {WIRE("\x02h"), "cut off"},
      {WIRE("\x03h2"), "cut off"},
      {WIRE("\xFFh2"), "cut off"},
      {WIRE("\x02h2\x01"), "cut off"},
      {WIRE("\x02h2\x09http/1.1"), "cut off"},
      {WIRE("h2"), "cut off"},
      {{.names = (const char *const[]){"h2"},
        .count = 1,
        .wire = {"\x02h2", 3}},
       "names or the wire form"},
  };
  EACH_ROW(i, table) {
    tlstream_protocols from = table[i].from;
    unsigned char *wire = NULL;
    if (from.wire.data != NULL) {
      wire = exactly(from.wire.data, from.wire.len);
      from.wire.data = wire;
    }
    check_refused(&from, table[i].why);
    free(wire);
  }
}

/* 255 names of 255 bytes and one of `last`. */
static size_t fill_wire(unsigned char *wire, size_t last) {
  size_t len = 0;
  for (int i = 0; i < 256; i++) {
    size_t n = i < 255 ? NAME_MAX_LEN : last;
    wire[len] = (unsigned char)n;
    memset(wire + len + 1, 'a', n);
    len += 1 + n;
  }
  return len;
}

TEST(a_name_of_255_bytes_is_one) {
  tlstream__protocols list = {0};
  tlstream_protocols from = {.names = (const char *const[]){long_name + 1},
                             .count = 1};
  CHECK_INT(pack(&list, &from, NULL), 0);
  CHECK_INT(list.len, 256);
  CHECK_INT(list.wire[0], 255);
  CHECK_STR(tlstream__protocols_find(&list, long_name + 1, 255), long_name + 1);
  tlstream__protocols_clear(&list);
}

TEST(the_wire_form_may_have_65535_bytes) {
  unsigned char *wire = malloc(WIRE_MAX + 1);
  tlstream__protocols list = {0};
  tlstream_error error;
  tlstream_protocols from = {.wire = {wire, fill_wire(wire, 254)}};
  CHECK_INT(from.wire.len, WIRE_MAX);
  CHECK_INT(pack(&list, &from, &error), 0);
  CHECK_INT(list.len, WIRE_MAX);
  tlstream__protocols_clear(&list);
  from.wire.len = fill_wire(wire, 255);
  CHECK_INT(from.wire.len, WIRE_MAX + 1);
  check_refused(&from, "over 65,535 bytes");
  free(wire);
}

TEST(names_may_come_to_65535_bytes) {
  const char *names[257];
  tlstream__protocols list = {0};
  tlstream_error error;
  tlstream_protocols from = {.names = names, .count = 256};
  for (int i = 0; i < 255; i++)
    names[i] = long_name + 1;
  names[255] = long_name + 2;
  CHECK_INT(pack(&list, &from, &error), 0);
  CHECK_INT(list.len, WIRE_MAX);
  tlstream__protocols_clear(&list);
  names[255] = long_name + 1;
  check_refused(&from, "over 65,535 bytes");
  names[255] = long_name + 2;
  names[256] = "a";
  from.count = 257;
  check_refused(&from, "over 65,535 bytes");
}

TEST(a_name_is_found_whole_or_not_at_all) {
  tlstream__protocols list = {0};
  tlstream__protocols none = {0};
  tlstream_protocols from = WIRE("\x02h2\x03x\0y\x08http/1.1\x01h");
  CHECK_INT(pack(&list, &from, NULL), 0);
  static const struct {
    const char *name;
    size_t len;
    bool found;
  } table[] = {
      {"h2", 2, true},          {"http/1.1", 8, true}, {"h", 1, true},
      {"x\0y", 3, true},        {"x", 1, false},       {"H2", 2, false},
      {"2", 1, false},          {"h2\0", 3, false},    {"http/1.", 7, false},
      {"http/1.11", 9, false},  {"\x02h2", 3, false},  {"", 0, false},
      {"h2\x03x\0y", 6, false},
  };
  EACH_ROW(i, table) {
    unsigned char *name = exactly(table[i].name, table[i].len);
    const char *found = tlstream__protocols_find(&list, name, table[i].len);
    CHECK_INT(found != NULL, table[i].found);
    if (found != NULL) CHECK_STR(found, table[i].name);
    CHECK(tlstream__protocols_find(&none, name, table[i].len) == NULL);
    free(name);
  }
  tlstream__protocols_clear(&list);
}

/* The reference: cut both lists into names, up to where they are damaged, and
 * compare every one with every other. */
typedef struct cut {
  const unsigned char *name[16];
  size_t count;
} cut;

static cut cut_up(const unsigned char *wire, size_t len) {
  cut names = {0};
  for (size_t at = 0; at < len && at + 1 + wire[at] <= len;
       at += 1 + (size_t)wire[at]) {
    if (wire[at] > 0) names.name[names.count++] = wire + at;
  }
  return names;
}

static const unsigned char *reference(const cut *first, const cut *second) {
  for (size_t i = 0; i < first->count; i++) {
    for (size_t j = 0; j < second->count; j++) {
      const unsigned char *a = first->name[i];
      const unsigned char *b = second->name[j];
      if (a[0] == b[0] && memcmp(a + 1, b + 1, a[0]) == 0) return a;
    }
  }
  return NULL;
}

/* Any bytes of a peer's, and lists of ours, which are never damaged. */
static void check_pair(const unsigned char *ours, size_t ours_len,
                       const unsigned char *theirs, size_t theirs_len) {
  cut a = cut_up(ours, ours_len);
  cut b = cut_up(theirs, theirs_len);
  CHECK(tlstream__protocols_first_common(ours, ours_len, theirs, theirs_len) ==
        reference(&a, &b));
  CHECK(tlstream__protocols_first_common(theirs, theirs_len, ours, ours_len) ==
        reference(&b, &a));
}

/* Every list of up to `digits` bytes of a small alphabet has a number. */
static size_t write_list(unsigned char *out, unsigned number) {
  static const unsigned char alphabet[] = {0, 1, 2, 'a', 'b', 255};
  size_t len = 0;
  for (; number > 0; number = (number - 1) / 6)
    out[len++] = alphabet[(number - 1) % 6];
  return len;
}

TEST(a_common_name_is_found_in_any_bytes) {
  static const char *const ours[] = {
      "",
      "\x01"
      "a",
      "\x02"
      "ab",
      "\x01"
      "a\x01"
      "b",
      "\x01"
      "b\x01"
      "a\x02"
      "aa",
      "\x01\x01\x01\x02",
      "\x02\x01"
      "a",
      "\x03"
      "aba\x01\xFF",
  };
  unsigned found = 0;
  EACH_TEXT(i, ours) {
    size_t len = strlen(ours[i]);
    unsigned char *mine = exactly(ours[i], len);
    for (unsigned number = 0; number < 9331; number++) { /* up to 5 bytes */
      unsigned char bytes[8];
      size_t n = write_list(bytes, number);
      unsigned char *theirs = exactly(bytes, n);
      check_pair(mine, len, theirs, n);
      found += tlstream__protocols_first_common(mine, len, theirs, n) != NULL;
      free(theirs);
    }
    free(mine);
  }
  CHECK_GT(found, 100);
}

TEST(the_first_list_decides) {
  static const unsigned char a[] = "\x01x\x02h2\x01y";
  static const unsigned char b[] = "\x01y\x01z\x02h2";
  CHECK(tlstream__protocols_first_common(a, 7, b, 7) == a + 2);
  CHECK(tlstream__protocols_first_common(b, 7, a, 7) == b);
}

static void pack_and_clear(void *unused) {
  (void)unused;
  tlstream__protocols list = {0};
  tlstream_error error = {0};
  tlstream_protocols from = TLSTREAM_PROTOCOLS("h2", "http/1.1");
  int code = pack(&list, &from, &error);
  CHECK_INT(code, torture_struck() ? TLSTREAM_ERR_NO_MEMORY : 0);
  CHECK_ERROR(error.code, code);
  CHECK_INT(list.len, code == 0 ? 12 : 0);
  tlstream__protocols_clear(&list);
}

TEST(without_memory_nothing_is_packed) {
  torture_install();
  CHECK_INT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, pack_and_clear, NULL),
            2);
}
