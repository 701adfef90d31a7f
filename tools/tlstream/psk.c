/* SPDX-License-Identifier: MIT */
#include "psk.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "read.h"

static int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = (char)tolower((unsigned char)c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decode in place; the number of bytes, or -1. */
static long decode(char *hex, size_t len) {
  if (len % 2 != 0) return -1;
  for (size_t i = 0; i < len / 2; i++) {
    int high = digit(hex[2 * i]);
    int low = digit(hex[2 * i + 1]);
    if (high < 0 || low < 0) return -1;
    hex[i] = (char)(high << 4 | low);
  }
  return (long)(len / 2);
}

/* The last one: an identity may have some, and a key has none. */
static char *find_colon(char *line, size_t len) {
  while (len > 0 && line[len - 1] != ':')
    len--;
  return len > 0 ? line + len - 1 : NULL;
}

static bool parse(char *line, size_t len, tlstream_psk *out) {
  char *colon = find_colon(line, len);
  if (colon == NULL || memchr(line, '\0', len) != NULL) return false;
  char *key = colon + 1;
  long key_len = decode(key, len - (size_t)(key - line));
  if (key_len < 0) return false;
  *colon = '\0';
  *out = (tlstream_psk){.identity = line, .key = {key, (size_t)key_len}};
  return true;
}

static size_t count_lines(const psk_file *file) {
  size_t count = 1;
  for (size_t i = 0; i < file->len; i++)
    count += file->bytes[i] == '\n';
  return count;
}

/* Nothing of the line is shown: half of it is a secret. */
static bool parse_all(psk_file *file, const char *path) {
  char *end = file->bytes + file->len;
  unsigned number = 1;
  for (char *at = file->bytes; at < end; number++) {
    char *newline = memchr(at, '\n', (size_t)(end - at));
    char *stop = newline != NULL ? newline : end;
    size_t len = (size_t)(stop - at);
    if (len > 0 && at[len - 1] == '\r') len--;
    if (len > 0 && !parse(at, len, &file->list[file->count++])) {
      print_message("%s, line %u: not IDENTITY:KEY with the key in hexadecimal",
                    escaped(path), number);
      return false;
    }
    at = stop + 1;
  }
  if (file->count == 0) print_message("%s: no key in it", escaped(path));
  return file->count > 0;
}

bool psk_file_read(psk_file *file, const char *path) {
  if (!file_read(path, &file->bytes, &file->len)) return false;
  file->list = calloc(count_lines(file), sizeof(*file->list));
  if (file->list == NULL) {
    print_message("out of memory");
    return false;
  }
  return parse_all(file, path);
}

void psk_file_clear(psk_file *file) {
  file_release(file->bytes, file->len);
  free(file->list);
  *file = (psk_file){0};
}
