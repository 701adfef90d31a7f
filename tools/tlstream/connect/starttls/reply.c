/* SPDX-License-Identifier: MIT */
#include "connect/starttls/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

reply_result reply_refuse(reply *self, const char *why, ...) {
  va_list args;
  va_start(args, why);
  vsnprintf(self->why, sizeof(self->why), why, args);
  va_end(args);
  return REPLY_REFUSED;
}

void reply_quote(reply *self, const void *text, size_t len) {
  if (len > sizeof(self->quote)) len = sizeof(self->quote);
  memcpy(self->quote, text, len);
  self->quote_len = len;
}
