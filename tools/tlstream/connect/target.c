/* SPDX-License-Identifier: MIT */
#include "connect/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

enum { PORT_MAX = 65535, PORT_DIGITS = 5 };

static bool refuse(const command *self, const char *word, const char *why) {
  return command_error(self, "'%s' is not HOST:PORT: %s", escaped(word), why);
}

static bool parse_port(const char *text, int *port) {
  size_t digits = strspn(text, "0123456789");
  if (digits == 0 || digits > PORT_DIGITS || text[digits] != '\0') return false;
  *port = (int)strtol(text, NULL, 10);
  return *port >= 1 && *port <= PORT_MAX;
}

bool target_parse(const command *self, const char *word, endpoint *target) {
  const char *colon = strrchr(word, ':');
  const char *host = word;
  size_t len = colon != NULL ? (size_t)(colon - word) : 0;
  bool is_bracketed = word[0] == '[';
  if (colon == NULL || (is_bracketed && len > 0 && word[len - 1] != ']')) {
    return refuse(self, word, "the port is missing, as in example.com:443");
  }
  if (is_bracketed) {
    host++;
    len -= 2;
  } else if (memchr(word, ':', len) != NULL) {
    return refuse(self, word,
                  "an IPv6 address needs brackets, as in [::1]:443");
  }
  if (len == 0 || len >= sizeof(target->host)) {
    return refuse(self, word, "the length of a host is 1 to 255");
  }
  if (!parse_port(colon + 1, &target->port)) {
    return refuse(self, word, "a port is a number from 1 to 65535");
  }
  snprintf(target->host, sizeof(target->host), "%.*s", (int)len, host);
  return true;
}
