/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_READ_H
#define TLSTREAM_TOOL_READ_H

#include <stdbool.h>
#include <stddef.h>

/* Overwrite a secret so that it does not stay in memory. */
void wipe(void *bytes, size_t len);

/* Read all of a file; "-" is standard input. */
bool file_read(const char *path, char **bytes, size_t *len);

/* Wipe and free what file_read() returned; NULL is a no-op. */
void file_release(char *bytes, size_t len);

#endif
