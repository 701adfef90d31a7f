/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_SAY_H
#define TLSTREAM_TOOL_SAY_H

#include <tlstream/tlstream.h>

/* Print one line for people on stderr. Bytes that are not ours go in through
 * quoted() or tlstream_escape(). */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Return `text` fit for a terminal. Valid until the fourth call after. */
const char *quoted(const char *text);

/* Print `error` as "NAME: message" and return the exit status that goes with
 * it: whose fault was it? */
int say_error(const tlstream_error *error);

/* "127.0.0.1:443", "[::1]:443", "/run/socket", or "a client". Valid until
 * the fourth call after. */
const char *address_text(const tlstream_address *address);

/* Print who the peer of a secure stream is and how we talk. */
void say_facts(const tlstream *stream);

/* Print the same as one line of JSON. */
void say_facts_json(const tlstream *stream);

#endif
