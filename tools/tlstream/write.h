/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_WRITE_H
#define TLSTREAM_TOOL_WRITE_H

#include <stddef.h>

/* Write all bytes, and wait as long as that takes, also where another process
 * has made the descriptor non-blocking. Returns 0 or a libuv error. */
int write_fully(int fd, const char *bytes, size_t len);

#endif
