/* SPDX-License-Identifier: MIT */
#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "wording.h"

enum { BUFFERS = 4, BUFFER_SIZE = 640 };

static void (*redirected)(const char *text, size_t len);
/* Between message_begin() and message_end(); owned. */
static char *begun;
static size_t begun_len;

void message_redirect(void (*put)(const char *bytes, size_t len)) {
  redirected = put;
}

FILE *message_begin(void) {
  FILE *out = redirected != NULL ? open_memstream(&begun, &begun_len) : NULL;
  return out != NULL ? out : stderr;
}

void message_end(FILE *out) {
  if (out == stderr) return;
  if (fclose(out) == 0) redirected(begun, begun_len);
  free(begun);
  begun = NULL;
}

void print_message(const char *format, ...) {
  FILE *out = message_begin();
  va_list args;
  va_start(args, format);
  vfprintf(out, format, args);
  va_end(args);
  fputc('\n', out);
  message_end(out);
}

/* One call of print_message() may use several results, so rotate buffers. */
static char *next_buffer(void) {
  static char buffers[BUFFERS][BUFFER_SIZE];
  static size_t next;
  return buffers[next++ % BUFFERS];
}

const char *escaped(const char *text) {
  return tlstream_escape(next_buffer(), BUFFER_SIZE, text, strlen(text));
}

const char *error_text(const tlstream_error *error) {
  char *out = next_buffer();
  wording_of_command(error->message, out, BUFFER_SIZE);
  return out;
}

const char *address_text(const tlstream_address *address) {
  char *out = next_buffer();
  if (address->host[0] == '\0') return "a client";
  if (address->port == 0) return escaped(address->host);
  bool is_ipv6 = strchr(address->host, ':') != NULL;
  snprintf(out, BUFFER_SIZE, is_ipv6 ? "[%s]:%d" : "%s:%d", address->host,
           address->port);
  return out;
}

/* Among system errors, those of the network count as the peer's; those of
 * files, ports and memory are local. */
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
  print_message("%s: %s", error->name, error_text(error));
  return is_local(error) ? EXIT_LOCAL : EXIT_PEER;
}
