/* SPDX-License-Identifier: MIT */
/* How each protocol asks for TLS. Replies are only compared, never used. */
#include <string.h>
#include <strings.h>

#include "connect/starttls/starttls.h"
#include "message.h"

static bool begins_with(const char *line, size_t len, const char *prefix) {
  size_t n = strlen(prefix);
  return len >= n && strncasecmp(line, prefix, n) == 0;
}

/* The prefix must be a whole word: "220" does not match "2200". */
static bool is_word(const char *line, size_t len, const char *word) {
  size_t n = strlen(word);
  return begins_with(line, len, word) && (len == n || line[n] == ' ');
}

/* "250-STARTTLS", "* CAPABILITY IMAP4rev1 STARTTLS". */
static bool has_word(const char *line, size_t len, const char *word) {
  size_t n = strlen(word);
  size_t at = 0;
  while (at < len) {
    size_t end = at;
    while (end < len && line[end] != ' ' && line[end] != '-')
      end++;
    if (end - at == n && strncasecmp(line + at, word, n) == 0) return true;
    at = end + 1;
  }
  return false;
}

static const starttls_step *step_of(const starttls *self) {
  return &self->protocol->steps[self->step];
}

/* RFC 959, section 4.2: after "220-" any line may follow until "220 ". */
static starttls_reply parse_text(starttls *self, const char *line, size_t len) {
  const starttls_step *step = step_of(self);
  bool is_marked =
      step->continues != NULL && begins_with(line, len, step->continues);
  bool is_numbered = is_marked && strchr(step->continues, '-') != NULL;
  if (step->offers != NULL && has_word(line, len, step->offers)) {
    self->offered = true;
  }
  if (is_numbered) self->continues = true;
  if (is_word(line, len, step->good)) {
    return step->offers == NULL || self->offered ? REPLY_OK : REPLY_REFUSED;
  }
  return is_marked || self->continues ? REPLY_PARTIAL : REPLY_REFUSED;
}

static starttls_reply parse_line(starttls *self, size_t *used) {
  const char *stop = memchr(self->received, '\n', self->len);
  *used = 0;
  if (stop == NULL) return REPLY_PARTIAL;
  size_t len = (size_t)(stop - self->received);
  *used = len + 1;
  if (len > 0 && self->received[len - 1] == '\r') len--;
  return parse_text(self, self->received, len);
}

/* One byte, S or N; E begins an error message of a server without SSLRequest.
 */
static starttls_reply parse_postgres(starttls *self, size_t *used) {
  *used = self->len > 0 ? 1 : 0;
  if (self->len == 0) return REPLY_PARTIAL;
  switch (self->received[0]) {
    case 'S': return REPLY_OK;
    case 'N':
    case 'E': return REPLY_REFUSED;
    default: return REPLY_INVALID;
  }
}

/* An ExtendedResponse with message ID 1 (RFC 4511, 4.12); only its result code
 * matters. In a success, all lengths fit in one byte. */
static starttls_reply parse_ldap(starttls *self, size_t *used) {
  enum { LENGTH = 0, RESULT = 9 };
  static const unsigned char header[RESULT] = {0x30, LENGTH, 0x02, 0x01, 0x01,
                                               0x78, LENGTH, 0x0a, 0x01};
  const unsigned char *bytes = (const unsigned char *)self->received;
  *used = 0;
  for (size_t i = 0; i < self->len && i < RESULT; i++) {
    if (header[i] == LENGTH ? bytes[i] > 0x7f : bytes[i] != header[i]) {
      return REPLY_INVALID;
    }
  }
  if (self->len < 2 || self->len < 2u + bytes[1]) return REPLY_PARTIAL;
  *used = 2u + bytes[1];
  if (*used <= RESULT) return REPLY_INVALID;
  return bytes[RESULT] == 0 ? REPLY_OK : REPLY_REFUSED;
}

#define SEND(text) .request = (text), .request_len = sizeof(text) - 1

/* EHLO sends "localhost": the client may have no name, and need not reveal it.
 */
static const starttls_protocol protocols[] = {
    {"smtp", /* RFC 3207 */
     {{.parse = parse_line, .good = "220", .continues = "220-"},
      {SEND("EHLO localhost\r\n"), .parse = parse_line, .good = "250",
       .continues = "250-", .offers = "STARTTLS"},
      {SEND("STARTTLS\r\n"), .parse = parse_line, .good = "220",
       .continues = "220-"}},
     3},
    {"imap", /* RFC 3501, 6.2.1 */
     {{.parse = parse_line, .good = "* OK"},
      {SEND("a CAPABILITY\r\n"), .parse = parse_line, .good = "a OK",
       .continues = "* ", .offers = "STARTTLS"},
      {SEND("b STARTTLS\r\n"), .parse = parse_line, .good = "b OK",
       .continues = "* "}},
     3},
    {"pop3", /* RFC 2595 */
     {{.parse = parse_line, .good = "+OK"},
      {SEND("STLS\r\n"), .parse = parse_line, .good = "+OK"}},
     2},
    {"postgres", /* SSLRequest */
     {{SEND("\x00\x00\x00\x08\x04\xd2\x16\x2f"), .parse = parse_postgres}},
     1},
    {"ldap", /* RFC 4511, 4.14: an extended request of this name */
     {{SEND("\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
            "1.3.6.1.4.1.1466.20037"),
       .parse = parse_ldap}},
     1},
    {"ftp", /* RFC 4217 */
     {{.parse = parse_line, .good = "220", .continues = "220-"},
      {SEND("AUTH TLS\r\n"), .parse = parse_line, .good = "234",
       .continues = "234-"}},
     2},
};

const starttls_protocol *starttls_find(const command *self, const char *name) {
  for (size_t i = 0; i < COUNT_OF(protocols); i++) {
    if (strcmp(protocols[i].name, name) == 0) return &protocols[i];
  }
  command_error(
      self, "--starttls is smtp, imap, pop3, postgres, ldap or ftp, not '%s'",
      escaped(name));
  return NULL;
}
