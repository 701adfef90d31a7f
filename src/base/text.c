/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

enum { REPLACEMENT = 0xFFFD, ESCAPE_MAX = 4, ELLIPSIS = 3 };

static size_t escape_byte(char out[ESCAPE_MAX + 1], unsigned char byte) {
  static const char digits[] = "0123456789abcdef";
  const char *short_form = byte == '\n'   ? "\\n"
                           : byte == '\r' ? "\\r"
                           : byte == '\t' ? "\\t"
                           : byte == '\\' ? "\\\\"
                                          : NULL;
  if (short_form != NULL) {
    memcpy(out, short_form, 3);
    return 2;
  }
  if (byte >= 0x20 && byte < 0x7f) {
    out[0] = (char)byte;
    return 1;
  }
  out[0] = '\\';
  out[1] = 'x';
  out[2] = digits[byte >> 4];
  out[3] = digits[byte & 15];
  return ESCAPE_MAX;
}

char *tlstream_escape(char *out, size_t cap, const void *bytes, size_t len) {
  const unsigned char *in = bytes;
  size_t used = 0;
  size_t cut = 0; /* where "..." would still fit */
  if (cap == 0) return out;
  for (size_t i = 0; i < len; i++) {
    char piece[ESCAPE_MAX + 1];
    size_t n = escape_byte(piece, in[i]);
    if (used + n + 1 > cap) {
      used = cut;
      n = cap - 1 - cut < ELLIPSIS ? cap - 1 - cut : ELLIPSIS;
      memcpy(out + used, "...", n);
      used += n;
      break;
    }
    memcpy(out + used, piece, n);
    used += n;
    if (used + ELLIPSIS + 1 <= cap) cut = used;
  }
  out[used] = '\0';
  return out;
}

static void add_bytes(tlstream__text *text, const void *bytes, size_t len) {
  if (!text->failed && !tlstream__buf_append(&text->buf, bytes, len)) {
    text->failed = true;
  }
}

void tlstream__text_add(tlstream__text *text, const char *string) {
  add_bytes(text, string, strlen(string));
}

static void format_long(tlstream__text *text, size_t len, const char *format,
                        va_list args) {
  char *line = tlstream__malloc(len + 1);
  if (line == NULL) {
    text->failed = true;
    return;
  }
  vsnprintf(line, len + 1, format, args);
  add_bytes(text, line, len);
  tlstream__free(line);
}

void tlstream__text_format(tlstream__text *text, const char *format, ...) {
  char line[128];
  va_list args;
  va_list again;
  va_start(args, format);
  va_copy(again, args);
  int len = vsnprintf(line, sizeof(line), format, args);
  if (len < 0) {
    text->failed = true;
  } else if ((size_t)len >= sizeof(line)) {
    format_long(text, (size_t)len, format, again);
  } else {
    add_bytes(text, line, (size_t)len);
  }
  va_end(again);
  va_end(args);
}

/* How many bytes a sequence that starts with `lead` has, and the bits of the
 * code point in its first byte; 0 for a byte that cannot start one. */
static size_t sequence_length(unsigned char lead, uint32_t *bits) {
  if (lead < 0x80) return *bits = lead, 1;
  if (lead >= 0xC2 && lead <= 0xDF) return *bits = lead & 0x1F, 2;
  if (lead >= 0xE0 && lead <= 0xEF) return *bits = lead & 0x0F, 3;
  if (lead >= 0xF0 && lead <= 0xF4) return *bits = lead & 0x07, 4;
  return 0;
}

static bool is_overlong_or_foreign(uint32_t point, size_t len) {
  static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  return point < smallest[len] || point > 0x10FFFF ||
         (point >= 0xD800 && point <= 0xDFFF);
}

/* Decode one code point; returns how many bytes it took. What is not UTF-8
 * gives the replacement character and takes one byte. */
static size_t decode(const unsigned char *in, size_t len, uint32_t *point) {
  uint32_t bits = 0;
  size_t need = sequence_length(in[0], &bits);
  if (need == 0 || need > len) return *point = REPLACEMENT, 1;
  for (size_t i = 1; i < need; i++) {
    if ((in[i] & 0xC0) != 0x80) return *point = REPLACEMENT, 1;
    bits = bits << 6 | (in[i] & 0x3F);
  }
  if (is_overlong_or_foreign(bits, need)) return *point = REPLACEMENT, 1;
  *point = bits;
  return need;
}

static void add_code_unit(tlstream__text *text, uint32_t unit) {
  tlstream__text_format(text, "\\u%04x", (unsigned)unit);
}

static void add_json_point(tlstream__text *text, uint32_t point) {
  if (point == '"' || point == '\\') {
    char escaped[] = {'\\', (char)point};
    add_bytes(text, escaped, sizeof(escaped));
  } else if (point >= 0x20 && point < 0x7f) {
    char plain = (char)point;
    add_bytes(text, &plain, 1);
  } else if (point < 0x10000) {
    add_code_unit(text, point);
  } else {
    add_code_unit(text, 0xD800 + ((point - 0x10000) >> 10));
    add_code_unit(text, 0xDC00 + ((point - 0x10000) & 0x3FF));
  }
}

void tlstream__text_json(tlstream__text *text, const void *bytes, size_t len) {
  const unsigned char *in = bytes;
  tlstream__text_add(text, "\"");
  for (size_t i = 0; i < len;) {
    uint32_t point = 0;
    i += decode(in + i, len - i, &point);
    add_json_point(text, point);
  }
  tlstream__text_add(text, "\"");
}

static void add_label_point(tlstream__text *text, const char *at, size_t len,
                            uint32_t point) {
  switch (point) {
    case '\n': tlstream__text_add(text, "\\n"); break;
    case '"': tlstream__text_add(text, "\\\""); break;
    case '\\': tlstream__text_add(text, "\\\\"); break;
    case REPLACEMENT: tlstream__text_add(text, "\xEF\xBF\xBD"); break;
    default: add_bytes(text, at, len); break;
  }
}

void tlstream__text_label(tlstream__text *text, const char *value) {
  size_t len = strlen(value);
  for (size_t i = 0; i < len;) {
    uint32_t point = 0;
    size_t taken = decode((const unsigned char *)value + i, len - i, &point);
    add_label_point(text, value + i, taken, point);
    i += taken;
  }
}

char *tlstream__text_take(tlstream__text *text) {
  add_bytes(text, "", 1);
  char *string = NULL;
  if (!text->failed) {
    string = tlstream__memdup(tlstream__buf_data(&text->buf),
                              tlstream__buf_len(&text->buf) - 1);
  }
  tlstream__buf_clear(&text->buf);
  text->failed = false;
  return string;
}
