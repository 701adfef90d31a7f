/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_BASE_TEXT_H
#define TLSTREAM_BASE_TEXT_H

/*
 * Texts that grow, and JSON in them. A failed allocation is remembered, so
 * that a long run of calls needs one check at its end.
 */
#include <stdbool.h>
#include <stddef.h>

#include <tlstream/text.h>

#include "base/buf.h"

typedef struct tlstream__text {
  tlstream__buf buf;
  bool failed;
} tlstream__text;

void tlstream__text_add(tlstream__text *text, const char *string);

void tlstream__text_format(tlstream__text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A JSON string, quotes included, ASCII only: everything else is \u-escaped,
 * and bytes that are not UTF-8 become U+FFFD. */
void tlstream__text_json(tlstream__text *text, const void *bytes, size_t len);

/* The value of a label in Prometheus' format, without its quotes: `\`, `"` and
 * newlines are escaped, and bytes that are not UTF-8 become U+FFFD. */
void tlstream__text_label(tlstream__text *text, const char *value);

/* Hand the text over, ending in a NUL, to be released with tlstream__free();
 * NULL if anything failed. The struct is empty afterwards. */
char *tlstream__text_take(tlstream__text *text);

#endif
