/* SPDX-License-Identifier: MIT */
#include <tlstream/stream_write.h>

#include <stdio.h>

#include "base/alloc.h"

enum { SHORT = 512 }; /* most lines of a protocol */

static int write_long(tlstream *stream, size_t len, const char *format,
                      va_list args) {
  char *text = tlstream__malloc(len + 1);
  if (text == NULL) return TLSTREAM_ERR_NO_MEMORY;
  int made = vsnprintf(text, len + 1, format, args);
  int code = made >= 0 && (size_t)made == len
                 ? tlstream_write(stream, text, len)
                 : TLSTREAM_ERR_INVALID_ARGUMENT;
  tlstream__free(text);
  return code;
}

int tlstream_vprintf(tlstream *stream, const char *format, va_list args) {
  char text[SHORT];
  va_list again;
  va_copy(again, args);
  int len = vsnprintf(text, sizeof(text), format, args);
  int code = len < 0 || len > TLSTREAM_PRINTF_MAX
                 ? TLSTREAM_ERR_INVALID_ARGUMENT
             : (size_t)len < sizeof(text)
                 ? tlstream_write(stream, text, (size_t)len)
                 : write_long(stream, (size_t)len, format, again);
  va_end(again);
  return code;
}

int tlstream_printf(tlstream *stream, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int code = tlstream_vprintf(stream, format, args);
  va_end(args);
  return code;
}
