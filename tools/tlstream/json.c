/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <string.h>

#include "utf8.h"

/* U+FFFD, for what is no UTF-8. */
static const char replacement[] = "\\ufffd";

void json_string(FILE *out, const char *text) {
  if (text == NULL) {
    fputs("null", out);
    return;
  }
  size_t left = strlen(text);
  fputc('"', out);
  while (left > 0) {
    unsigned code = 0;
    size_t len = utf8_decode(text, left, &code);
    if (len == 0) {
      fputs(replacement, out);
      len = 1;
    } else if (code < ' ' || code == 0x7f) {
      fprintf(out, "\\u%04x", code);
    } else {
      if (code == '"' || code == '\\') fputc('\\', out);
      fwrite(text, 1, len, out);
    }
    text += len;
    left -= len;
  }
  fputc('"', out);
}
