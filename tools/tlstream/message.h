/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_MESSAGE_H
#define TLSTREAM_TOOL_MESSAGE_H

#include <stdio.h>

#include <tlstream/tlstream.h>

/* Print a line on stderr. Text from outside has to go through escaped() or
 * tlstream_escape() first. */
void print_message(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* The same in parts: print lines to the result, and end them. */
FILE *message_begin(void);
void message_end(FILE *out);

/* Give all messages to `put`, in whole lines, which must not wait; NULL: print
 * them on stderr again. */
void message_redirect(void (*put)(const char *text, size_t len));

/* Return `text` with all control characters escaped. The result is valid until
 * the fourth following call of this function or of address_text(). */
const char *escaped(const char *text);

/* What `error` says, with the names of the command's options. Valid as long as
 * the result of escaped(). */
const char *error_text(const tlstream_error *error);

/* Print `error` as "NAME: message" and return its exit status: EXIT_PEER or
 * EXIT_LOCAL. */
int print_error(const tlstream_error *error);

/* "127.0.0.1:443", "[::1]:443", "/run/socket", or "a client" if the address is
 * unknown. Valid as long as the result of escaped(). */
const char *address_text(const tlstream_address *address);

#endif
