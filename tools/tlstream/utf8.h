/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_UTF8_H
#define TLSTREAM_TOOL_UTF8_H

#include <stdbool.h>
#include <stddef.h>

enum { UTF8_MAX = 4 };

/* Decode the first character of `len` bytes, at least one. Returns its length,
 * or 0 if there is none: the bytes are no UTF-8 (RFC 3629), or end too early.
 */
size_t utf8_decode(const char *bytes, size_t len, unsigned *code);

/* True if the bytes are the beginning of a character whose end is missing. */
bool utf8_is_partial(const char *bytes, size_t len);

/* True if a terminal shows the character and does nothing else: it is no
 * control character, and does not change the direction or the order of what
 * stands around it (Unicode TR 36, 2.5). */
bool utf8_is_harmless(unsigned code);

/* True if the locale of the environment says that terminals show UTF-8. */
bool utf8_is_shown(void);

#endif
