/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_MESSAGE_H
#define TLSTREAM_TOOL_MESSAGE_H

#include <stdarg.h>

#include <tlstream/tlstream.h>

/* Print one line for people on stderr. Bytes that are not ours go in through
 * escaped() or tlstream_escape(). */
void print_message(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
void print_message_list(const char *format, va_list args)
    __attribute__((format(printf, 1, 0)));

/* Return `text` fit for a terminal. Valid until the fourth call after. */
const char *escaped(const char *text);

/* Print `error` as "NAME: message" and return the exit status that goes with
 * it: whose fault was it? */
int print_error(const tlstream_error *error);

/* "127.0.0.1:443", "[::1]:443", "/run/socket", or "a client". Valid until
 * the fourth call after. */
const char *address_text(const tlstream_address *address);

#endif
