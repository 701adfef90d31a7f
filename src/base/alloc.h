/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_BASE_ALLOC_H
#define TLSTREAM_BASE_ALLOC_H

/*
 * The one place that the library's own memory comes from, so that a user can
 * replace it and a test can fail the n-th allocation.
 */
#include <stddef.h>

#include <tlstream/memory.h>

void *tlstream__malloc(size_t size);

/* Zeroed. */
void *tlstream__calloc(size_t size);

void *tlstream__realloc(void *memory, size_t size);

void tlstream__free(void *memory);

/* A copy of `len` bytes and a NUL behind them. */
char *tlstream__memdup(const void *bytes, size_t len);

/* A copy of a text. NULL gives NULL: the caller tests for it beforehand. */
char *tlstream__strdup(const char *text);

#endif
