/* SPDX-License-Identifier: MIT */
#include "connect/target.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "message.h"

enum { PORT_MAX = 65535, PORT_DIGITS = 5, NAME_MAX_LEN = 32 };

/* Of TLS, and of the protocols that switch to it; the system's table of
 * services may be missing, or know them by other names. */
static const struct {
  const char *name;
  int port;
} services[] = {
    {"https", 443},        {"wss", 443},       {"smtps", 465},
    {"submissions", 465},  {"imaps", 993},     {"pop3s", 995},
    {"ldaps", 636},        {"ftps", 990},      {"nntps", 563},
    {"ircs", 6697},        {"domain-s", 853},  {"smtp", 25},
    {"submission", 587},   {"imap", 143},      {"pop3", 110},
    {"ldap", 389},         {"ftp", 21},        {"lmtp", 24},
    {"nntp", 119},         {"irc", 6667},      {"sieve", 4190},
    {"mysql", 3306},       {"postgres", 5432}, {"xmpp", 5222},
    {"xmpp-server", 5269},
};

/* A piece of the word. */
typedef struct piece {
  const char *text;
  size_t len;
} piece;

static bool refuse(const command *self, const char *word, const char *why) {
  return command_error(self, "'%s' is not HOST:PORT: %s", escaped(word), why);
}

static int port_of_service(piece name) {
  char service[NAME_MAX_LEN];
  if (name.len == 0 || name.len >= sizeof(service)) return 0;
  snprintf(service, sizeof(service), "%.*s", (int)name.len, name.text);
  for (size_t i = 0; i < COUNT_OF(services); i++) {
    if (strcasecmp(services[i].name, service) == 0) return services[i].port;
  }
  const struct servent *known = getservbyname(service, "tcp");
  return known != NULL ? ntohs((uint16_t)known->s_port) : 0;
}

/* 0 if it is none. */
static int parse_port(piece text) {
  size_t digits = strspn(text.text, "0123456789");
  if (digits < text.len) return port_of_service(text);
  if (digits == 0 || text.len > PORT_DIGITS) return 0;
  long port = strtol(text.text, NULL, 10);
  return port <= PORT_MAX ? (int)port : 0;
}

/* Of a URL, take the part between its scheme and its path. */
static bool take_url(const command *self, const char *word, piece *service,
                     piece *place) {
  const char *mark = strstr(word, "://");
  if (mark == NULL) return true;
  *service = (piece){word, (size_t)(mark - word)};
  place->text = mark + 3;
  place->len = strcspn(place->text, "/?#");
  if (service->len == 4 && strncasecmp(word, "http", 4) == 0) {
    return refuse(self, word, "http has no TLS; https has");
  }
  if (memchr(place->text, '@', place->len) != NULL) {
    return refuse(self, word, "a user's name in a URL is not used");
  }
  if (place->len > 0 && strlen(place->text) > place->len + 1) {
    print_message("of the URL, only the host and the port are used: what "
                  "is sent is standard input");
  }
  return true;
}

static bool take_brackets(piece *place, piece *host) {
  const char *stop = memchr(place->text, ']', place->len);
  if (stop == NULL) return false;
  *host = (piece){place->text + 1, (size_t)(stop - place->text) - 1};
  place->len -= host->len + 2;
  place->text = stop + 1;
  return place->len == 0 || place->text[0] == ':';
}

/* Take the host; what is left is empty, or the port after its colon. */
static const char *take_host(piece *place, piece *host) {
  if (place->len > 0 && place->text[0] == '[') {
    return take_brackets(place, host) ? NULL
                                      : "after [ and an IPv6 address, ] or "
                                        "]:PORT is missing";
  }
  const char *colon = memchr(place->text, ':', place->len);
  *host = (piece){place->text,
                  colon != NULL ? (size_t)(colon - place->text) : place->len};
  place->text += host->len;
  place->len -= host->len;
  return place->len > 1 && memchr(place->text + 1, ':', place->len - 1) != NULL
             ? "an IPv6 address needs brackets, as in [::1]:443"
             : NULL;
}

bool target_parse(const command *self, const char *word, const char *service,
                  endpoint *target) {
  piece scheme = {service, strlen(service)};
  piece place = {word, strlen(word)};
  piece host;
  if (!take_url(self, word, &scheme, &place)) return false;
  const char *why = take_host(&place, &host);
  if (why != NULL) return refuse(self, word, why);
  if (host.len == 0 || host.len >= sizeof(target->host)) {
    return refuse(self, word, "the length of a host is 1 to 255");
  }
  target->port = place.len == 0
                     ? port_of_service(scheme)
                     : parse_port((piece){place.text + 1, place.len - 1});
  if (target->port == 0) {
    return refuse(self, word,
                  "a port is a number from 1 to 65535, or the name of a "
                  "service");
  }
  snprintf(target->host, sizeof(target->host), "%.*s", (int)host.len,
           host.text);
  return true;
}
