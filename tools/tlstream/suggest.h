/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_NEAREST_H
#define TLSTREAM_TOOL_NEAREST_H

#include <stddef.h>

/* More changes than this and a word is not a slip of another. */
enum { NEAREST_FAR = 4 };

/* If fewer than `*distance` single-letter changes lead from `typed` to
 * `known`, make `known` the `*nearest`. */
void nearest_consider(const char *typed, const char *known,
                      const char **nearest, size_t *distance);

#endif
