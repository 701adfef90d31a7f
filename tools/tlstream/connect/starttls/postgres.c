/* SPDX-License-Identifier: MIT */
/*
 * PostgreSQL's answer to SSLRequest: S or N, one byte, or an error before it
 * came to that: E, and either a message with a length or, from servers that
 * could not start a process for the connection, a text alone.
 */
#include <stdio.h>
#include <string.h>

#include "connect/starttls/reply.h"

enum { HEADER = 5, MESSAGE_MAX = 4000 };

/* What is known of the error, a text each. Not NUL-terminated. */
typedef struct error_fields {
  const char *text[3];
  size_t len[3];
} error_fields;

/* Severity, SQLSTATE, message: a letter, and a text that ends in a NUL. */
static error_fields read_fields(const char *at, const char *end) {
  static const char letters[] = "SCM";
  error_fields found = {{0}, {0}};
  while (at < end && *at != '\0') {
    const char *place = strchr(letters, *at);
    size_t len = strnlen(at + 1, (size_t)(end - at - 1));
    if (place != NULL) {
      found.text[place - letters] = at + 1;
      found.len[place - letters] = len;
    }
    at += len + 2;
  }
  return found;
}

static reply_result refuse(reply *self, const error_fields *found) {
  static const char *const before[] = {"", " ", ": "};
  char text[REPLY_QUOTE_MAX + 1] = "";
  size_t len = 0;
  for (size_t i = 0; i < 3 && len < sizeof(text); i++) {
    if (found->text[i] == NULL) continue;
    len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s",
                            len > 0 ? before[i] : "", (int)found->len[i],
                            found->text[i]);
  }
  reply_quote(self, text, strlen(text));
  return reply_refuse(self, "the server answers with an error");
}

static reply_result parse_text(reply *self, size_t *used) {
  const char *text = self->bytes + 1;
  size_t room = self->len - 1;
  size_t len = strnlen(text, room);
  if (len == room && !self->is_ended) return REPLY_PARTIAL;
  *used = self->len;
  while (len > 0 && memchr("\r\n", text[len - 1], 2) != NULL)
    len--;
  return refuse(self, &(error_fields){.text = {text}, .len = {len}});
}

static reply_result parse_message(reply *self, size_t *used) {
  const unsigned char *bytes = (const unsigned char *)self->bytes;
  size_t len = 0;
  if (self->len < HEADER && !self->is_ended) return REPLY_PARTIAL;
  for (size_t i = 1; i < HEADER && i < self->len; i++)
    len = len << 8 | bytes[i];
  if (len > MESSAGE_MAX) return REPLY_TOO_LONG;
  if (self->len <= len && !self->is_ended) return REPLY_PARTIAL;
  *used = self->len <= len ? self->len : len + 1;
  if (*used < HEADER)
    return reply_refuse(self, "the server answers with an error");
  error_fields found = read_fields(self->bytes + HEADER, self->bytes + *used);
  return refuse(self, &found);
}

/* The length of a message has a zero in front, a text has none. */
static reply_result parse_error(reply *self, size_t *used) {
  if (self->len == 1 && !self->is_ended) return REPLY_PARTIAL;
  return self->len == 1 || self->bytes[1] == '\0' ? parse_message(self, used)
                                                  : parse_text(self, used);
}

reply_result parse_postgres(reply *self, size_t *used) {
  *used = 0;
  if (self->len == 0) return REPLY_PARTIAL;
  switch (self->bytes[0]) {
    case 'S': *used = 1; return REPLY_OK;
    case 'N':
      *used = 1;
      return reply_refuse(self, "the server offers no TLS: it answers N, which "
                                "means that `ssl` is off there");
    case 'E': return parse_error(self, used);
    default: return REPLY_INVALID;
  }
}
