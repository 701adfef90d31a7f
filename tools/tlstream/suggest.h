/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_SUGGEST_H
#define TLSTREAM_TOOL_SUGGEST_H

#include <stddef.h>

/* The distance from which on a word is not a misspelling of another. */
enum { SUGGEST_LIMIT = 4 };

/* Make `known` the `*suggestion` if its distance from `typed` is less than
 * `*distance`, and lower `*distance` to it. */
void suggest_consider(const char *typed, const char *known,
                      const char **suggestion, size_t *distance);

#endif
