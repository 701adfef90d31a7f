/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_JSON_CHECK_H
#define TESTS_SUPPORT_JSON_CHECK_H

/* Is a text one JSON value in printable ASCII (RFC 8259)? Written apart from
 * the writer, to disagree with it. */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static inline bool json_string(const char **at) {
  const char *p = *at + 1;
  for (; *p != '"'; p++) {
    if (*p < 0x20 || *p == 0x7f) return false;
    if (*p != '\\') continue;
    p++;
    if (*p == 'u') {
      if (strspn(p + 1, "0123456789abcdefABCDEF") < 4) return false;
      p += 4;
    } else if (*p == '\0' || strchr("\"\\/bfnrt", *p) == NULL) {
      return false;
    }
  }
  *at = p + 1;
  return true;
}

static inline bool json_word(const char **at) {
  size_t digits = strspn(*at, "-0123456789");
  if (digits > 0) return *at += digits, true;
  if (strncmp(*at, "true", 4) == 0) return *at += 4, true;
  if (strncmp(*at, "false", 5) == 0) return *at += 5, true;
  return false;
}

static inline bool json_value(const char **at);

static inline bool json_members(const char **at, char last) {
  ++*at;
  if (**at == last) return ++*at, true;
  for (;;) {
    if (last == '}') {
      if (**at != '"' || !json_string(at) || **at != ':') return false;
      ++*at;
    }
    if (!json_value(at)) return false;
    if (**at == last) return ++*at, true;
    if (**at != ',') return false;
    ++*at;
  }
}

static inline bool json_value(const char **at) {
  if (**at == '{') return json_members(at, '}');
  if (**at == '[') return json_members(at, ']');
  if (**at == '"') return json_string(at);
  return json_word(at);
}

static inline bool is_json(const char *text) {
  return text != NULL && json_value(&text) && *text == '\0';
}

#endif
