/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_SUGGEST_H
#define TLSTREAM_TOOL_SUGGEST_H

#include <stddef.h>

/* More changes than this and a word is not a slip of another. */
enum { SUGGEST_LIMIT = 4 };

/* If fewer than `*distance` single-letter changes lead from `typed` to
 * `known`, make `known` the `*suggestion`. */
void suggest_consider(const char *typed, const char *known,
                      const char **suggestion, size_t *distance);

#endif
