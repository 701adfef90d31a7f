/* SPDX-License-Identifier: MIT */
#include "uv/ocsp/http.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HTTP_PORT = 80, PORT_MAX = 65535, UNKNOWN = -1 };

static bool copy(char *out, size_t cap, const char *from, size_t len) {
  if (len >= cap) return false;
  memcpy(out, from, len);
  out[len] = '\0';
  return true;
}

/* What would break out of the request's lines. */
static bool is_plain(const char *text) {
  for (; *text != '\0'; text++) {
    if (*text <= ' ' || *text == 0x7f || *text == '#') return false;
  }
  return true;
}

static bool parse_port(tlstream__url *url, const char *text, size_t len) {
  long port = 0;
  for (size_t i = 0; i < len; i++) {
    if (!isdigit((unsigned char)text[i]) || port > PORT_MAX) return false;
    port = port * 10 + (text[i] - '0');
  }
  url->port = len == 0 ? HTTP_PORT : (int)port;
  return url->port > 0 && url->port <= PORT_MAX;
}

/* "host", "host:port", "[::1]:port". */
static bool parse_authority(tlstream__url *url) {
  const char *text = url->authority;
  bool in_brackets = text[0] == '[';
  const char *end = in_brackets ? strchr(text, ']') : strchr(text, ':');
  if (in_brackets && end == NULL) return false;
  if (end == NULL) end = text + strlen(text);
  const char *host = in_brackets ? text + 1 : text;
  const char *rest = in_brackets ? end + 1 : end;
  if (end == host ||
      !copy(url->host, sizeof(url->host), host, (size_t)(end - host))) {
    return false;
  }
  if (*rest == '\0') return parse_port(url, "", 0);
  return *rest == ':' && parse_port(url, rest + 1, strlen(rest + 1));
}

bool tlstream__url_parse(tlstream__url *url, const char *text) {
  static const char scheme[] = "http://";
  if (strncasecmp(text, scheme, strlen(scheme)) != 0 || !is_plain(text)) {
    return false;
  }
  const char *start = text + strlen(scheme);
  size_t len = strcspn(start, "/?");
  const char *path = start + len;
  if (memchr(start, '@', len) != NULL) return false;
  int written = snprintf(url->path, sizeof(url->path), "%s%s",
                         path[0] == '/' ? "" : "/", path);
  return written < (int)sizeof(url->path) &&
         copy(url->authority, sizeof(url->authority), start, len) &&
         parse_authority(url);
}

/* What the head of an answer says about its body. */
typedef struct head {
  int status;
  bool chunked;
  long long length; /* or UNKNOWN */
} head;

/* The number of its digits, or UNKNOWN: none, too large, something else. */
static long long number_in(const char *text, size_t len, int base) {
  char digits[16];
  char *end = NULL;
  while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
    len--;
  if (len == 0 || !copy(digits, sizeof(digits), text, len)) return UNKNOWN;
  if (!isxdigit((unsigned char)digits[0])) return UNKNOWN;
  long long number = strtoll(digits, &end, base);
  return *end == '\0' ? number : UNKNOWN;
}

static bool is_field(const char *line, size_t len, const char *name) {
  size_t n = strlen(name);
  return len > n && strncasecmp(line, name, n) == 0 && line[n] == ':';
}

/* False: it cannot be understood. Two lengths that differ are an attack. */
static bool read_field(head *of, const char *line, size_t len) {
  bool is_length = is_field(line, len, "content-length");
  bool is_coding = is_field(line, len, "transfer-encoding");
  if (!is_length && !is_coding) return true;
  const char *end = line + len;
  const char *value = memchr(line, ':', len);
  for (value++; value < end && (*value == ' ' || *value == '\t');)
    value++;
  len = (size_t)(end - value);
  if (is_coding) {
    of->chunked = len == 7 && strncasecmp(value, "chunked", len) == 0;
    return of->chunked;
  }
  long long length = number_in(value, len, 10);
  bool fine =
      length != UNKNOWN && (of->length == UNKNOWN || of->length == length);
  of->length = length;
  return fine;
}

/* "HTTP/1.1 200 OK" */
static bool read_status(head *of, const char *line, size_t len) {
  static const char version[] = "HTTP/1.";
  size_t n = strlen(version);
  if (len < n + 5 || memcmp(line, version, n) != 0 || line[n + 1] != ' ') {
    return false;
  }
  of->status = (int)number_in(line + n + 2, 3, 10);
  return of->status >= 100 && (len == n + 5 || line[n + 5] == ' ');
}

static const char *find(const char *at, const char *end, const char *what) {
  size_t len = strlen(what);
  for (; (size_t)(end - at) >= len; at++) {
    if (memcmp(at, what, len) == 0) return at;
  }
  return NULL;
}

/* From `at` to the empty line at `end`. */
static bool read_head(head *of, const char *at, const char *end) {
  bool first = true;
  *of = (head){.length = UNKNOWN};
  while (at < end) {
    const char *eol = find(at, end, "\r\n");
    if (eol == NULL) eol = end;
    size_t len = (size_t)(eol - at);
    if (first ? !read_status(of, at, len) : !read_field(of, at, len)) {
      return false;
    }
    first = false;
    at = eol + 2;
  }
  return !first && !(of->chunked && of->length != UNKNOWN);
}

/* One chunk: its length stands in front of it. MORE: it is not all there; DONE:
 * it was the last. */
static tlstream__http_progress next_chunk(const char **at, const char *end,
                                          const char **data, size_t *len) {
  const char *eol = find(*at, end, "\r\n");
  if (eol == NULL) return TLSTREAM__HTTP_MORE;
  const char *extension = memchr(*at, ';', (size_t)(eol - *at));
  const char *stop = extension != NULL ? extension : eol;
  long long size = number_in(*at, (size_t)(stop - *at), 16);
  if (size < 0) return TLSTREAM__HTTP_BAD; /* UNKNOWN */
  if (size > end - (eol + 2) - 2) return TLSTREAM__HTTP_MORE;
  *data = eol + 2;
  *len = (size_t)size;
  *at = *data + size + 2;
  if (size == 0) return TLSTREAM__HTTP_DONE; /* trailers are not of interest */
  return memcmp(*data + size, "\r\n", 2) == 0 ? TLSTREAM__HTTP_MORE
                                              : TLSTREAM__HTTP_BAD;
}

/* Through all chunks; if they are all there, they are moved together. */
static tlstream__http_progress read_chunks(tlstream__http_answer *answer,
                                           char *at, const char *end,
                                           bool move) {
  const char *next = at;
  const char *data = NULL;
  size_t len = 0;
  answer->body = (unsigned char *)at;
  answer->len = 0;
  for (;;) {
    const char *before = next;
    tlstream__http_progress progress = next_chunk(&next, end, &data, &len);
    if (progress != TLSTREAM__HTTP_MORE || next == before) return progress;
    if (move) memmove(answer->body + answer->len, data, len);
    answer->len += len;
  }
}

static tlstream__http_progress read_body(tlstream__http_answer *answer,
                                         const head *of, char *at,
                                         const char *end, bool at_end) {
  long long present = end - at;
  answer->status = of->status;
  answer->body = (unsigned char *)at;
  if (of->chunked) {
    tlstream__http_progress progress = read_chunks(answer, at, end, false);
    return progress == TLSTREAM__HTTP_DONE ? read_chunks(answer, at, end, true)
                                           : progress;
  }
  answer->len = (size_t)(of->length == UNKNOWN ? present : of->length);
  bool complete = of->length == UNKNOWN ? at_end : present >= of->length;
  return complete ? TLSTREAM__HTTP_DONE : TLSTREAM__HTTP_MORE;
}

/* Answers before the last, "100 Continue", have no body. */
static tlstream__http_progress read_answer(tlstream__http_answer *answer,
                                           char *at, const char *end,
                                           bool at_end) {
  head of;
  for (;;) {
    const char *empty = find(at, end, "\r\n\r\n");
    if (empty == NULL) return TLSTREAM__HTTP_MORE;
    if (!read_head(&of, at, empty)) return TLSTREAM__HTTP_BAD;
    at = (char *)empty + 4;
    if (of.status >= 200) return read_body(answer, &of, at, end, at_end);
  }
}

tlstream__http_progress tlstream__http_parse(tlstream__http_answer *answer,
                                             unsigned char *bytes, size_t len,
                                             bool at_end) {
  char *at = (char *)bytes;
  *answer = (tlstream__http_answer){0};
  tlstream__http_progress progress = read_answer(answer, at, at + len, at_end);
  return progress == TLSTREAM__HTTP_MORE && at_end ? TLSTREAM__HTTP_BAD
                                                   : progress;
}
