/* SPDX-License-Identifier: MIT */
/* How each protocol asks for TLS. */
#include "connect/starttls/protocols.h"

#include <stdio.h>
#include <string.h>

#include "connect/starttls/reply.h"
#include "message.h"

enum { NAMES_MAX = 200 };

#define SEND(text)               .request = (text), .request_len = sizeof(text) - 1
#define SEND_NAME(text, of, end) SEND(text), .name = (of), .request_end = (end)

#define EHLO(verb)                                                            \
  {                                                                           \
    SEND_NAME(verb " ", NAME_OF_CLIENT, "\r\n"),                              \
        .parse = parse_line, .good = "250", .continues = "250-",              \
        .offers = "STARTTLS",                                                 \
        .refusal = "the server refuses " verb " (--name sets the name in it)" \
  }
#define MAIL(verb)                                                           \
  {                                                                          \
    {.parse = parse_line, .good = "220", .continues = "220-"}, EHLO(verb), { \
      SEND("STARTTLS\r\n"), .parse = parse_line, .good = "220",              \
                            .continues = "220-"                              \
    }                                                                        \
  }
#define XMPP(namespace)                                            \
  {                                                                \
    {SEND_NAME("<?xml version='1.0'?><stream:stream "              \
               "xmlns:stream='http://etherx.jabber.org/streams' "  \
               "xmlns='" namespace "' version='1.0' to='",         \
               NAME_OF_SERVER, "'>"),                              \
     .parse = parse_xmpp_features},                                \
    {                                                              \
      SEND("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"), \
          .parse = parse_xmpp_proceed                              \
    }                                                              \
  }

static const starttls_protocol protocols[] = {
    {"smtp", MAIL("EHLO"), 3}, /* RFC 3207 */
    {"lmtp", MAIL("LHLO"), 3}, /* RFC 2033 */
    {"imap",                   /* RFC 3501, 6.2.1 */
     {{.parse = parse_line, .good = "* OK"},
      {SEND("a CAPABILITY\r\n"), .parse = parse_line, .good = "a OK",
       .continues = "* ", .bad = "* BYE", .offers = "STARTTLS"},
      {SEND("b STARTTLS\r\n"), .parse = parse_line, .good = "b OK",
       .continues = "* ", .bad = "* BYE"}},
     3},
    {"pop3", /* RFC 2595 */
     {{.parse = parse_line, .good = "+OK"},
      {SEND("STLS\r\n"), .parse = parse_line, .good = "+OK"}},
     2},
    {"sieve", /* RFC 5804 */
     {{.parse = parse_sieve, .offers = "STARTTLS"},
      {SEND("STARTTLS\r\n"), .parse = parse_sieve}},
     2},
    {"nntp", /* RFC 4642 */
     {{.parse = parse_line, .good = "200|201"},
      {SEND("STARTTLS\r\n"), .parse = parse_line, .good = "382"}},
     2},
    {"ftp", /* RFC 4217; 120: not yet */
     {{.parse = parse_line, .good = "220", .continues = "220-|120"},
      {SEND("AUTH TLS\r\n"), .parse = parse_line, .good = "234",
       .continues = "234-"}},
     2},
    {"ldap", /* RFC 4511, 4.14: an extended request of this name */
     {{SEND("\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
            "1.3.6.1.4.1.1466.20037"),
       .parse = parse_ldap}},
     1},
    {"postgres", /* SSLRequest */
     {{SEND("\x00\x00\x00\x08\x04\xd2\x16\x2f"), .parse = parse_postgres}},
     1},
    {"mysql", /* SSLRequest: capabilities, packet size, utf8mb4, zeros */
     {{.parse = parse_mysql},
      {SEND("\x20\x00\x00\x01"
            "\x05\x8a\x08\x00"
            "\x00\x00\x00\x01"
            "\x2d"
            "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")}},
     2},
    {"xmpp", XMPP("jabber:client"), 2}, /* RFC 6120, 5.4 */
    {"xmpp-server", XMPP("jabber:server"), 2},
    {"irc", /* IRCv3 tls */
     {{SEND("STARTTLS\r\n"), .parse = parse_irc}},
     1},
};

/* "a, b or c" */
static const char *all_names(void) {
  static char names[NAMES_MAX];
  size_t len = 0;
  for (size_t i = 0; i < COUNT_OF(protocols) && len < sizeof(names); i++) {
    const char *glue = i == 0                         ? ""
                       : i + 1 == COUNT_OF(protocols) ? " or "
                                                      : ", ";
    len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s", glue,
                            protocols[i].name);
  }
  return names;
}

const starttls_protocol *starttls_find(const command *self, const char *name) {
  for (size_t i = 0; i < COUNT_OF(protocols); i++) {
    if (strcmp(protocols[i].name, name) == 0) return &protocols[i];
  }
  command_error(self, "--starttls is %s, not '%s'", all_names(), escaped(name));
  return NULL;
}
