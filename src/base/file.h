/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_BASE_FILE_H
#define TLSTREAM_BASE_FILE_H

/* The one place that reads a file that an option names, or looks at one. */
#include <stdbool.h>
#include <stddef.h>

#include <tlstream/error.h>

/*
 * Read all of `path`. On success `*data` is the caller's, to be wiped if it is
 * a secret, and released with tlstream__free(); it ends in a NUL that `*len`
 * does not count. Returns 0 or a code; `what` names the option in the message.
 */
int tlstream__file_read(const char *path, const char *what, char **data,
                        size_t *len, tlstream_error *error);

/* What changes when a file or a folder does, as a text: "" where there is none.
 * Folders change with the list of what is in them. */
void tlstream__file_stamp(const char *path, char *out, size_t cap);

/* Is there a name in the folder that `fits`? */
bool tlstream__file_any(const char *folder, bool (*fits)(const char *name));

#endif
