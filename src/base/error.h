/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_BASE_ERROR_H
#define TLSTREAM_BASE_ERROR_H

/*
 * Filling in a tlstream_error. `error` may be NULL in all of these: the caller
 * was not asked for details.
 */
#include <tlstream/error.h>

/* Start afresh: no error. */
void tlstream__error_clear(tlstream_error *error);

/* Set code, name and a message of our own; returns `code`. */
int tlstream__error_set(tlstream_error *error, int code, const char *format,
                        ...) __attribute__((format(printf, 3, 4)));

/* The same with the text of the error table. */
int tlstream__error_plain(tlstream_error *error, int code);

/* An error of the operating system: `system` is a negative errno, `name` its
 * symbol ("ECONNRESET"), which becomes the error's name. */
int tlstream__error_system(tlstream_error *error, int code, int system,
                           const char *name, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* The symbol of an errno value ("ENOENT"). */
const char *tlstream__errno_name(int number);

#endif
