/* SPDX-License-Identifier: MIT */
/* How the protocols ask for TLS. What a server says is only ever compared. */
#include <string.h>
#include <strings.h>

#include "connect/starttls.h"
#include "message.h"

static bool begins_with(const char *line, size_t len, const char *prefix) {
  size_t n = strlen(prefix);
  return len >= n && strncasecmp(line, prefix, n) == 0;
}

/* The prefix is a word of its own: "220" is not in "2200". */
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

/* RFC 959, section 4.2: behind "220-" any line may come until "220 " does. */
static starttls_answer judge_text(starttls *self, const char *line,
                                  size_t len) {
  const starttls_step *step = step_of(self);
  bool is_marked =
      step->goes_on != NULL && begins_with(line, len, step->goes_on);
  bool is_numbered = is_marked && strchr(step->goes_on, '-') != NULL;
  if (step->offers != NULL && has_word(line, len, step->offers)) {
    self->offered = true;
  }
  if (is_numbered) self->goes_on = true;
  if (is_word(line, len, step->good)) {
    return step->offers == NULL || self->offered ? ANSWER_GOOD : ANSWER_NO;
  }
  return is_marked || self->goes_on ? ANSWER_PART : ANSWER_NO;
}

static starttls_answer judge_line(starttls *self, size_t *used) {
  const char *stop = memchr(self->heard, '\n', self->len);
  *used = 0;
  if (stop == NULL) return ANSWER_PART;
  size_t len = (size_t)(stop - self->heard);
  *used = len + 1;
  if (len > 0 && self->heard[len - 1] == '\r') len--;
  return judge_text(self, self->heard, len);
}

/* One byte: S or N; E begins a message of servers that know neither. */
static starttls_answer judge_postgres(starttls *self, size_t *used) {
  *used = self->len > 0 ? 1 : 0;
  if (self->len == 0) return ANSWER_PART;
  switch (self->heard[0]) {
    case 'S': return ANSWER_GOOD;
    case 'N':
    case 'E': return ANSWER_NO;
    default: return ANSWER_ODD;
  }
}

/* An ExtendedResponse with the ID 1 (RFC 4511, 4.12), of which the result code
 * is all that matters. Its lengths fit in a byte: a longer answer than that is
 * no success. */
static starttls_answer judge_ldap(starttls *self, size_t *used) {
  enum { LENGTH = 0, RESULT = 9 };
  static const unsigned char header[RESULT] = {0x30, LENGTH, 0x02, 0x01, 0x01,
                                               0x78, LENGTH, 0x0a, 0x01};
  const unsigned char *bytes = (const unsigned char *)self->heard;
  *used = 0;
  for (size_t i = 0; i < self->len && i < RESULT; i++) {
    if (header[i] == LENGTH ? bytes[i] > 0x7f : bytes[i] != header[i]) {
      return ANSWER_ODD;
    }
  }
  if (self->len < 2 || self->len < 2u + bytes[1]) return ANSWER_PART;
  *used = 2u + bytes[1];
  if (*used <= RESULT) return ANSWER_ODD;
  return bytes[RESULT] == 0 ? ANSWER_GOOD : ANSWER_NO;
}

#define SAY(text) .say = (text), .say_len = sizeof(text) - 1

/* A host of ours need not have a name, and a client's is nobody's business. */
static const starttls_protocol protocols[] = {
    {"smtp", /* RFC 3207 */
     {{.judge = judge_line, .good = "220", .goes_on = "220-"},
      {SAY("EHLO localhost\r\n"), .judge = judge_line, .good = "250",
       .goes_on = "250-", .offers = "STARTTLS"},
      {SAY("STARTTLS\r\n"), .judge = judge_line, .good = "220",
       .goes_on = "220-"}},
     3},
    {"imap", /* RFC 3501, 6.2.1 */
     {{.judge = judge_line, .good = "* OK"},
      {SAY("a CAPABILITY\r\n"), .judge = judge_line, .good = "a OK",
       .goes_on = "* ", .offers = "STARTTLS"},
      {SAY("b STARTTLS\r\n"), .judge = judge_line, .good = "b OK",
       .goes_on = "* "}},
     3},
    {"pop3", /* RFC 2595 */
     {{.judge = judge_line, .good = "+OK"},
      {SAY("STLS\r\n"), .judge = judge_line, .good = "+OK"}},
     2},
    {"postgres", /* SSLRequest */
     {{SAY("\x00\x00\x00\x08\x04\xd2\x16\x2f"), .judge = judge_postgres}},
     1},
    {"ldap", /* RFC 4511, 4.14: an extended request of this name */
     {{SAY("\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
           "1.3.6.1.4.1.1466.20037"),
       .judge = judge_ldap}},
     1},
    {"ftp", /* RFC 4217 */
     {{.judge = judge_line, .good = "220", .goes_on = "220-"},
      {SAY("AUTH TLS\r\n"), .judge = judge_line, .good = "234",
       .goes_on = "234-"}},
     2},
};

const starttls_protocol *starttls_find(const char *command, const char *name) {
  enum { COUNT = sizeof(protocols) / sizeof(protocols[0]) };
  for (size_t i = 0; i < COUNT; i++) {
    if (strcmp(protocols[i].name, name) == 0) return &protocols[i];
  }
  say("%s: --starttls knows smtp, imap, pop3, postgres, ldap and ftp, not '%s'",
      command, quoted(name));
  return NULL;
}
