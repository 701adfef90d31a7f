/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_BASE_FILE_H
#define TLSTREAM_BASE_FILE_H

/* The one place that reads a file that an option names. */
#include <stddef.h>

#include <tlstream/error.h>

/*
 * Read all of `path`. On success `*data` is the caller's, to be wiped if it is
 * a secret, and released with tlstream__free(); it ends in a NUL that `*len`
 * does not count. Returns 0 or a code; `what` names the option in the message.
 */
int tlstream__file_read(const char *path, const char *what, char **data,
                        size_t *len, tlstream_error *error);

#endif
