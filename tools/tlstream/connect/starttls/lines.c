/* SPDX-License-Identifier: MIT */
/* Replies that are lines of text: SMTP, LMTP, IMAP, POP3, FTP, NNTP, and with
 * rules of their own ManageSieve and IRC. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connect/starttls/reply.h"

enum { CODE = 4, LITERAL_DIGITS = 5 };

typedef struct line {
  const char *text;
  size_t len; /* without the line's end */
} line;

/* `*used` is 0 while there is no whole line. */
static line take_line(const reply *self, size_t *used) {
  const char *stop = memchr(self->bytes, '\n', self->len);
  line taken = {self->bytes, 0};
  *used = 0;
  if (stop == NULL) return taken;
  taken.len = (size_t)(stop - self->bytes);
  *used = taken.len + 1;
  if (taken.len > 0 && taken.text[taken.len - 1] == '\r') taken.len--;
  return taken;
}

static bool begins_with(line of, const char *prefix, size_t len) {
  return of.len >= len && strncasecmp(of.text, prefix, len) == 0;
}

/* The first of the alternatives, "220-|120", that the line begins with, or
 * NULL. A whole word: "220" does not match "2200". */
static const char *match(line of, const char *alternatives, bool is_word) {
  const char *at = alternatives;
  while (at != NULL) {
    size_t len = strcspn(at, "|");
    if (begins_with(of, at, len) &&
        (!is_word || of.len == len || of.text[len] == ' ')) {
      return at;
    }
    at = at[len] == '|' ? at + len + 1 : NULL;
  }
  return NULL;
}

static bool has_word(line of, const char *word) {
  size_t n = strlen(word);
  size_t at = 0;
  while (at < of.len) {
    size_t end = at;
    while (end < of.len && of.text[end] != ' ')
      end++;
    if (end - at == n && strncasecmp(of.text + at, word, n) == 0) return true;
    at = end + 1;
  }
  return false;
}

/* "250-STARTTLS": the keyword follows the code (RFC 5321, 4.1.1.1).
 * "* CAPABILITY IMAP4rev1 STARTTLS": it is any of the words. */
static bool has_offer(line of, const char *word) {
  size_t n = strlen(word);
  if (of.len < CODE || !isdigit((unsigned char)of.text[0])) {
    return has_word(of, word);
  }
  line rest = {of.text + CODE, of.len - CODE};
  return begins_with(rest, word, n) && (rest.len == n || rest.text[n] == ' ');
}

static reply_result refuse(reply *self, line of, const char *why) {
  reply_quote(self, of.text, of.len);
  return reply_refuse(self, "%s",
                      why != NULL ? why : "the server offers no TLS");
}

/* RFC 959, section 4.2: after "220-" any line may follow until "220 ". */
static reply_result judge(reply *self, line of) {
  const starttls_step *step = self->step;
  const char *mark = match(of, step->continues, /* is_word = */ false);
  if (step->offers != NULL && has_offer(of, step->offers)) self->offered = true;
  if (match(of, step->bad, /* is_word = */ true) != NULL) {
    return refuse(self, of, step->refusal);
  }
  if (mark != NULL && mark[strcspn(mark, "-|")] == '-') self->continues = true;
  if (match(of, step->good, /* is_word = */ true) != NULL) {
    if (step->offers == NULL || self->offered) return REPLY_OK;
    return refuse(self, of, NULL);
  }
  return mark != NULL || self->continues ? REPLY_PARTIAL
                                         : refuse(self, of, step->refusal);
}

reply_result parse_line(reply *self, size_t *used) {
  line of = take_line(self, used);
  return *used == 0 ? REPLY_PARTIAL : judge(self, of);
}

/* A line that ends in {n} or {n+} is continued after n bytes (RFC 5804, 4). */
static bool has_literal(line of, size_t *literal) {
  size_t len = of.len;
  if (len == 0 || of.text[--len] != '}') return false;
  if (len > 0 && of.text[len - 1] == '+') len--;
  size_t start = len;
  while (start > 0 && isdigit((unsigned char)of.text[start - 1]))
    start--;
  size_t digits = len - start;
  if (digits == 0 || digits > LITERAL_DIGITS) return false;
  if (start == 0 || of.text[start - 1] != '{') return false;
  *literal = strtoul(of.text + start, NULL, 10);
  return true;
}

static reply_result judge_sieve(reply *self, line of) {
  static const char offer[] = "\"STARTTLS\"";
  if (match(of, "OK", /* is_word = */ true) != NULL) {
    return self->step->offers == NULL || self->offered ? REPLY_OK
                                                       : refuse(self, of, NULL);
  }
  if (of.len == 0 || (of.text[0] != '"' && of.text[0] != '{')) {
    return refuse(self, of, NULL);
  }
  if (begins_with(of, offer, sizeof(offer) - 1)) self->offered = true;
  return REPLY_PARTIAL;
}

/* Capabilities, each a line that begins with a string, then OK, NO or BYE. */
reply_result parse_sieve(reply *self, size_t *used) {
  if (self->literal > 0) {
    *used = self->len < self->literal ? self->len : self->literal;
    self->literal -= *used;
    return REPLY_PARTIAL;
  }
  line of = take_line(self, used);
  if (*used == 0) return REPLY_PARTIAL;
  if (!self->continues) self->judged = judge_sieve(self, of);
  self->continues = has_literal(of, &self->literal);
  return self->continues ? REPLY_PARTIAL : self->judged;
}

/* Go past the word that begins with `mark`, if there is one. */
static line skip_word(line of, char mark) {
  if (of.len == 0 || of.text[0] != mark) return of;
  const char *space = memchr(of.text, ' ', of.len);
  size_t len = space != NULL ? (size_t)(space - of.text) : of.len;
  while (len < of.len && of.text[len] == ' ')
    len++;
  return (line){of.text + len, of.len - len};
}

/* "@tags :server 670 * :text". Servers begin with notices about their look-ups.
 */
reply_result parse_irc(reply *self, size_t *used) {
  line whole = take_line(self, used);
  line of = skip_word(skip_word(whole, '@'), ':');
  size_t letters = 0;
  if (*used == 0) return REPLY_PARTIAL;
  while (letters < of.len && isalnum((unsigned char)of.text[letters]))
    letters++;
  if (letters == 0 || (letters < of.len && of.text[letters] != ' ')) {
    return REPLY_INVALID;
  }
  if (match(of, "670", /* is_word = */ true) != NULL) return REPLY_OK;
  if (match(of, "ERROR|691", /* is_word = */ true) != NULL ||
      of.text[0] == '4' || of.text[0] == '5') {
    return refuse(self, whole, NULL);
  }
  return REPLY_PARTIAL;
}
