/* SPDX-License-Identifier: MIT */
#include "message.h"

#include <stdio.h>
#include <string.h>

#include "command.h"

enum { PLACES = 4, ROOM = 640 };

void print_message_list(const char *format, va_list args) {
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
}

void print_message(const char *format, ...) {
  va_list args;
  va_start(args, format);
  print_message_list(format, args);
  va_end(args);
}

/* A few results may be alive in one call of print_message(). */
static char *next_place(void) {
  static char places[PLACES][ROOM];
  static size_t next;
  return places[next++ % PLACES];
}

const char *escaped(const char *text) {
  return tlstream_escape(next_place(), ROOM, text, strlen(text));
}

const char *address_text(const tlstream_address *address) {
  char *out = next_place();
  if (address->host[0] == '\0') return "a client";
  if (address->port == 0) return escaped(address->host);
  bool is_ipv6 = strchr(address->host, ':') != NULL;
  snprintf(out, ROOM, is_ipv6 ? "[%s]:%d" : "%s:%d", address->host,
           address->port);
  return out;
}

/* Of what the machine reports, the network is the other side's affair; files,
 * ports and memory are ours. */
static bool is_local(const tlstream_error *error) {
  switch (error->code) {
    case TLSTREAM_ERR_FILE:
    case TLSTREAM_ERR_LISTEN:
    case TLSTREAM_ERR_NO_MEMORY:
    case TLSTREAM_ERR_INTERNAL: return true;
    default: return tlstream_error_classify(error) == TLSTREAM_CLASS_USAGE;
  }
}

int print_error(const tlstream_error *error) {
  tlstream_error_print(error, stderr);
  return is_local(error) ? EXIT_LOCAL : EXIT_PEER;
}
