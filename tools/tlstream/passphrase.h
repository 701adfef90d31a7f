/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_PASSPHRASE_H
#define TLSTREAM_TOOL_PASSPHRASE_H

#include <stdbool.h>
#include <stddef.h>

enum { PASSPHRASE_MAX = 4096 };

/* Read the first line of `path`, or make `line` empty if `path` is NULL. False
 * on failure, after printing the reason. */
bool passphrase_read(const char *path, char line[PASSPHRASE_MAX]);

/* Print a warning if every user of this machine can read the key file. */
void warn_if_readable_by_all(const char *key);

#endif
