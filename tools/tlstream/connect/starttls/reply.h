/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CONNECT_STARTTLS_REPLY_H
#define TLSTREAM_TOOL_CONNECT_STARTTLS_REPLY_H

/*
 * The dialogue in plain text as data: a protocol is a list of steps, each a
 * request and the parser of its reply. Nothing in a reply is authenticated:
 * it decides whether TLS begins, and is shown when it does not.
 */
#include <stdbool.h>
#include <stddef.h>

typedef enum reply_result {
  REPLY_PARTIAL, /* incomplete */
  REPLY_OK,
  REPLY_REFUSED, /* TLS will not begin; `why` and `quote` say more */
  REPLY_INVALID, /* not a reply in this protocol */
  REPLY_TOO_LONG
} reply_result;

typedef enum request_name {
  NAME_NONE,
  NAME_OF_CLIENT, /* as in EHLO */
  NAME_OF_SERVER  /* the domain that is asked for */
} request_name;

struct reply;

typedef struct starttls_step {
  const char *request; /* NULL: the server begins */
  size_t request_len;
  request_name name;       /* follows the request */
  const char *request_end; /* follows the name */

  /* Parse the start of `reply->bytes` and set `*used` to the length of that
   * part. REPLY_PARTIAL with `*used` above 0: there is more after this part.
   * NULL: TLS begins after the request, without a reply. */
  reply_result (*parse)(struct reply *reply, size_t *used);

  /* For replies in lines (starttls/lines.c). */
  const char *good;      /* words, one of which begins a positive reply */
  const char *continues; /* prefix of a line that is not the last, or NULL */
  const char *bad;     /* prefix of a line that refuses although it continues */
  const char *offers;  /* a word that one of the lines must contain, or NULL */
  const char *refusal; /* what it means if it is not positive, or NULL */
} starttls_step;

enum { STARTTLS_STEPS_MAX = 3, REPLY_QUOTE_MAX = 200, REPLY_WHY_MAX = 160 };

typedef struct starttls_protocol {
  const char *name;
  starttls_step steps[STARTTLS_STEPS_MAX];
  size_t count;
} starttls_protocol;

/* A reply that is being received. */
typedef struct reply {
  const starttls_step *step;
  const char *bytes; /* what is not parsed yet */
  size_t len;
  bool is_ended; /* the server closed after these bytes */

  /* What a parser keeps from one part to the next. */
  bool offered;        /* the word of the step was found */
  bool continues;      /* the last line was not the end */
  size_t literal;      /* bytes of a literal that are to be skipped */
  size_t depth;        /* of open elements */
  reply_result judged; /* what the line means that a literal interrupts */

  /* Of a refusal. */
  char why[REPLY_WHY_MAX];
  char quote[REPLY_QUOTE_MAX]; /* in the server's words, not escaped */
  size_t quote_len;
} reply;

/* Refuse in this sentence, in which no text of the server may be. */
reply_result reply_refuse(reply *self, const char *why, ...)
    __attribute__((format(printf, 2, 3)));

/* Keep the start of a text of the server, which is shown after the sentence. */
void reply_quote(reply *self, const void *text, size_t len);

/* Parsers. */
reply_result parse_line(reply *self, size_t *used);
reply_result parse_sieve(reply *self, size_t *used);
reply_result parse_irc(reply *self, size_t *used);
reply_result parse_ldap(reply *self, size_t *used);
reply_result parse_postgres(reply *self, size_t *used);
reply_result parse_mysql(reply *self, size_t *used);
reply_result parse_xmpp_features(reply *self, size_t *used);
reply_result parse_xmpp_proceed(reply *self, size_t *used);

#endif
