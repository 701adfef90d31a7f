/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_PASSPHRASE_H
#define TLSTREAM_TOOL_PASSPHRASE_H

#include <stdbool.h>
#include <stddef.h>

enum { PASSPHRASE_MAX = 4096 };

/* Overwrite what nobody is to find in memory later. */
void wipe(void *bytes, size_t len);

/* Read the first line of `path`, or make `line` empty if `path` is NULL. False
 * when that failed, and then the reason has been said. */
bool passphrase_read(const char *path, char line[PASSPHRASE_MAX]);

/* Say so if everybody on this machine can read the key. */
void warn_if_readable_by_all(const char *key);

#endif
