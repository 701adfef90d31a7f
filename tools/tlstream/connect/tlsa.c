/* SPDX-License-Identifier: MIT */
#include "connect/tlsa.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "message.h"

/* All records together. */
static unsigned char bytes[64 * 1024];
static size_t used;

static const char *skip_spaces(const char *at) {
  while (*at == ' ' || *at == '\t')
    at++;
  return at;
}

/* 0 to 255, and a space behind it. */
static bool take_number(const char **at, unsigned char *out) {
  unsigned number = 0;
  const char *digit = skip_spaces(*at);
  const char *start = digit;
  while (isdigit((unsigned char)*digit) && number <= UCHAR_MAX)
    number = number * 10 + (unsigned)(*digit++ - '0');
  *at = digit;
  *out = (unsigned char)number;
  return digit > start && number <= UCHAR_MAX && skip_spaces(digit) > digit;
}

static int digit_value(char digit) {
  static const char digits[] = "0123456789abcdef";
  const char *found = strchr(digits, tolower((unsigned char)digit));
  return digit != '\0' && found != NULL ? (int)(found - digits) : -1;
}

/* Long data is printed in several parts. */
static bool take_data(const char *at, tlstream_bytes *out) {
  size_t start = used;
  for (at = skip_spaces(at); *at != '\0'; at = skip_spaces(at + 2)) {
    int high = digit_value(at[0]);
    int low = high >= 0 ? digit_value(at[1]) : -1;
    if (low < 0 || used == sizeof(bytes)) return false;
    bytes[used++] = (unsigned char)(high * 16 + low);
  }
  *out = (tlstream_bytes){bytes + start, used - start};
  return used > start;
}

static bool parse(const char *text, tlstream_tlsa *out) {
  return take_number(&text, &out->usage) &&
         take_number(&text, &out->selector) &&
         take_number(&text, &out->matching_type) && take_data(text, &out->data);
}

bool tlsa_parse(const command *self, const texts *given, tlsa_records *out) {
  for (size_t i = 0; i < given->count; i++) {
    if (!parse(given->items[i], &out->items[i])) {
      return command_error(self,
                           "--tlsa '%s' is not \"USAGE SELECTOR TYPE HEX\", as "
                           "in \"3 1 1 2ab3...\"",
                           escaped(given->items[i]));
    }
  }
  out->count = given->count;
  return true;
}
