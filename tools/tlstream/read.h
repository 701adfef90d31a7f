/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_READ_H
#define TLSTREAM_TOOL_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Overwrite a secret so that it does not stay in memory. */
void wipe(void *bytes, size_t len);

/* Open a file for reading; "-" is standard input. A descriptor, or -1 with
 * errno. */
int file_open(const char *path);

/* read(), until there is something or the end. */
ssize_t file_read_some(int fd, void *bytes, size_t cap);

/* True if both are names of the same pipe, or of anything else that can be read
 * only once. */
bool file_is_same_pipe(const char *path, const char *other);

/* False, after printing why, for what is no regular file: standard input has
 * been read to its end, or would be waited for. True for NULL. */
bool file_can_be_read_again(const char *path);

/* Read all of a file; "-" is standard input. */
bool file_read(const char *path, char **bytes, size_t *len);

/* Wipe and free what file_read() returned; NULL is a no-op. */
void file_release(char *bytes, size_t len);

#endif
