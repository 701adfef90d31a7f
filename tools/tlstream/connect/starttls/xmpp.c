/* SPDX-License-Identifier: MIT */
/*
 * XMPP (RFC 6120, 5.4): the server's stream begins with its features, one of
 * which is starttls, and later it answers proceed or failure. One tag is read
 * at a time; comments and document types are not allowed in XMPP (11.1).
 */
#include <string.h>

#include "connect/starttls/reply.h"

typedef enum tag_kind { TEXT, DECLARATION, OPEN, CLOSE, EMPTY } tag_kind;

typedef struct tag {
  tag_kind kind;
  const char *name; /* without a prefix */
  size_t name_len;
} tag;

/* The '>' that ends the tag, or NULL: in quotes it is part of a value. */
static const char *end_of_tag(const char *at, size_t len) {
  char quote = '\0';
  for (size_t i = 0; i < len; i++) {
    if (quote != '\0') {
      if (at[i] == quote) quote = '\0';
    } else if (at[i] == '"' || at[i] == '\'') {
      quote = at[i];
    } else if (at[i] == '>') {
      return at + i;
    }
  }
  return NULL;
}

static void read_name(tag *self, const char *at, const char *end) {
  self->name = at;
  while (at < end && memchr(" \t\r\n/>", *at, 6) == NULL) {
    if (*at++ == ':') self->name = at;
  }
  self->name_len = (size_t)(at - self->name);
}

static reply_result take_text(const reply *self, size_t *used) {
  const char *next = memchr(self->bytes, '<', self->len);
  *used = next != NULL ? (size_t)(next - self->bytes) : self->len;
  for (size_t i = 0; self->depth == 0 && i < *used; i++) {
    if (memchr(" \t\r\n", self->bytes[i], 4) == NULL) return REPLY_INVALID;
  }
  return REPLY_OK;
}

static reply_result take_tag(const reply *self, tag *out, size_t *used) {
  *used = 0;
  *out = (tag){.kind = TEXT};
  if (self->len == 0) return REPLY_PARTIAL;
  if (self->bytes[0] != '<') return take_text(self, used);
  if (self->len > 1 && self->bytes[1] == '!') return REPLY_INVALID;
  const char *end = end_of_tag(self->bytes, self->len);
  if (end == NULL) return REPLY_PARTIAL;
  *used = (size_t)(end - self->bytes) + 1;
  out->kind = self->bytes[1] == '?'   ? DECLARATION
              : self->bytes[1] == '/' ? CLOSE
              : end[-1] == '/'        ? EMPTY
                                      : OPEN;
  read_name(out, self->bytes + (out->kind == CLOSE ? 2 : 1), end);
  return REPLY_OK;
}

static bool is(const tag *self, const char *name) {
  return self->kind != TEXT && self->name_len == strlen(name) &&
         memcmp(self->name, name, self->name_len) == 0;
}

static reply_result refuse(reply *self, const tag *element, const char *why) {
  reply_quote(self, element->name, element->name_len);
  return reply_refuse(self, "%s", why);
}

static reply_result refuse_for_lack(reply *self) {
  return reply_refuse(self, "the server offers no TLS: `starttls` is not among "
                            "the features of its stream");
}

/* The reason is the first element inside of an error or a failure. */
static reply_result judge_reason(reply *self, const tag *element) {
  if (element->kind == TEXT || element->kind == DECLARATION) {
    return REPLY_PARTIAL;
  }
  return refuse(self, element,
                self->offered ? "the server offers no TLS"
                              : "the server ends the stream");
}

static void enter(reply *self, const tag *element) {
  if (element->kind == OPEN) self->depth++;
  if (element->kind == CLOSE && self->depth > 0) self->depth--;
}

/* True if the server's stream or its answer ends with this. */
static bool is_error(reply *self, const tag *element, const char *name) {
  if (!is(element, name)) return false;
  self->continues = element->kind == OPEN;
  return true;
}

static bool has_text(const char *bytes, size_t len, const char *text) {
  size_t n = strlen(text);
  for (size_t i = 0; i + n <= len; i++) {
    if (memcmp(bytes + i, text, n) == 0) return true;
  }
  return false;
}

/* Servers of before RFC 3920 have no version and send no features. */
static reply_result judge_stream(reply *self, const tag *element, size_t len) {
  if (element->kind == TEXT || element->kind == DECLARATION) {
    return REPLY_PARTIAL;
  }
  if (element->kind != OPEN || !is(element, "stream")) return REPLY_INVALID;
  self->depth = 1;
  return has_text(self->bytes, len, " version=") ? REPLY_PARTIAL
                                                 : refuse_for_lack(self);
}

static reply_result judge_feature(reply *self, const tag *element) {
  bool was_in_features = self->depth > 1;
  if (!was_in_features && is_error(self, element, "error")) {
    return self->continues
               ? REPLY_PARTIAL
               : refuse(self, element, "the server ends the stream");
  }
  if (self->depth == 2 && is(element, "starttls")) self->offered = true;
  enter(self, element);
  if (self->depth == 0) {
    return refuse(self, element, "the server ends the stream");
  }
  bool is_end = is(element, "features") && self->depth == 1;
  if (!is_end) return REPLY_PARTIAL;
  return self->offered ? REPLY_OK : refuse_for_lack(self);
}

reply_result parse_xmpp_features(reply *self, size_t *used) {
  tag element;
  reply_result result = take_tag(self, &element, used);
  if (result != REPLY_OK) return result;
  if (self->depth == 0) return judge_stream(self, &element, *used);
  return self->continues ? judge_reason(self, &element)
                         : judge_feature(self, &element);
}

/* The stream is open from here on, which is not counted in `depth`. */
static reply_result judge_answer(reply *self, const tag *element) {
  if (self->depth == 0) {
    bool is_failure = is(element, "failure");
    self->offered = is_failure || is(element, "proceed");
    if (element->kind == CLOSE) {
      return refuse(self, element, "the server ends the stream");
    }
    if (is_error(self, element, is_failure ? "failure" : "error")) {
      return self->continues
                 ? REPLY_PARTIAL
                 : refuse(self, element, "the server offers no TLS");
    }
  }
  enter(self, element);
  bool is_whole = element->kind == EMPTY || element->kind == CLOSE;
  return self->offered && is_whole && self->depth == 0 ? REPLY_OK
                                                       : REPLY_PARTIAL;
}

reply_result parse_xmpp_proceed(reply *self, size_t *used) {
  tag element;
  reply_result result = take_tag(self, &element, used);
  if (result != REPLY_OK) return result;
  return self->continues ? judge_reason(self, &element)
                         : judge_answer(self, &element);
}
