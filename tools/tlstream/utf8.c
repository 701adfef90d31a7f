/* SPDX-License-Identifier: MIT */
#include "utf8.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>

/* By the first byte: 0 for one that begins no character. */
static size_t length_of(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0; /* a following byte, or overlong */
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  return first < 0xf5 ? 4 : 0;
}

/* The second byte excludes overlong forms, surrogates, and what lies beyond
 * U+10FFFF. */
static bool may_follow(unsigned char first, unsigned char second) {
  switch (first) {
    case 0xe0: return second >= 0xa0 && second < 0xc0;
    case 0xed: return second >= 0x80 && second < 0xa0;
    case 0xf0: return second >= 0x90 && second < 0xc0;
    case 0xf4: return second >= 0x80 && second < 0x90;
    default: return second >= 0x80 && second < 0xc0;
  }
}

/* How many of the bytes can be the beginning of one character. */
static size_t valid_bytes(const unsigned char *bytes, size_t len) {
  size_t wanted = length_of(bytes[0]);
  size_t valid = wanted > 0 ? 1 : 0;
  while (valid > 0 && valid < wanted && valid < len) {
    unsigned char next = bytes[valid];
    if (valid == 1 ? !may_follow(bytes[0], next) : (next & 0xc0) != 0x80) break;
    valid++;
  }
  return valid;
}

size_t utf8_decode(const char *text, size_t len, unsigned *code) {
  static const unsigned char masks[UTF8_MAX + 1] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  const unsigned char *bytes = (const unsigned char *)text;
  size_t wanted = length_of(bytes[0]);
  if (wanted == 0 || valid_bytes(bytes, len) != wanted) return 0;
  *code = bytes[0] & masks[wanted];
  for (size_t i = 1; i < wanted; i++)
    *code = *code << 6 | (bytes[i] & 0x3f);
  return wanted;
}

bool utf8_is_partial(const char *text, size_t len) {
  const unsigned char *bytes = (const unsigned char *)text;
  return len < length_of(bytes[0]) && valid_bytes(bytes, len) == len;
}

bool utf8_is_harmless(unsigned code) {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return false;
  if (code == 0xad || code == 0x61c || code == 0xfeff) return false;
  if (code >= 0x200b && code <= 0x200f) return false; /* widthless, marks */
  if (code >= 0x2028 && code <= 0x202e) return false; /* ends of lines, bidi */
  if (code >= 0x2060 && code <= 0x206f) return false; /* invisible, bidi */
  if (code >= 0xfff9 && code <= 0xfffb) return false; /* annotations */
  return code < 0xe0000 || code > 0xe0fff;            /* tags */
}

bool utf8_is_shown(void) {
  return setlocale(LC_CTYPE, "") != NULL &&
         strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
