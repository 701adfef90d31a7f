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

/* The name that an option of curl, openssl or gnutls-cli has here, from number
 * `*next` of the table on, which moves behind it; NULL if there is no more. */
const char *suggest_other_name(const char *typed, size_t *next);

#endif
