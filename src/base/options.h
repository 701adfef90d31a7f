/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_BASE_OPTIONS_H
#define TLSTREAM_BASE_OPTIONS_H

/*
 * Option structs begin with their size, so that a program built against an
 * older or a newer header works, or gets an error that explains why it cannot.
 */
#include <stddef.h>

#include <tlstream/error.h>

/*
 * Copy the caller's options into `known`, a zeroed struct of `known_size`.
 * NULL or a size of 0 is all defaults or this version's size. What a newer
 * caller set beyond our struct is an error, because it cannot be honoured.
 */
int tlstream__options_copy(void *known, size_t known_size, const void *given,
                           const char *what, tlstream_error *error);

#endif
