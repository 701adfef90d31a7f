/* SPDX-License-Identifier: MIT */
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

static const tlstream_allocator from_libc = {malloc, realloc, free};
static tlstream_allocator current = {malloc, realloc, free};

void tlstream_set_allocator(const tlstream_allocator *allocator) {
  current = allocator != NULL ? *allocator : from_libc;
}

void tlstream_free(void *memory) {
  tlstream__free(memory);
}

void tlstream_free_secret(void *memory, size_t len) {
  if (memory != NULL) explicit_bzero(memory, len);
  tlstream__free(memory);
}

void *tlstream__malloc(size_t size) {
  return current.allocate(size);
}

void *tlstream__calloc(size_t size) {
  void *memory = current.allocate(size);
  if (memory != NULL) memset(memory, 0, size);
  return memory;
}

void *tlstream__realloc(void *memory, size_t size) {
  return current.reallocate(memory, size);
}

void tlstream__free(void *memory) {
  if (memory != NULL) current.release(memory);
}

char *tlstream__memdup(const void *bytes, size_t len) {
  char *copy = tlstream__malloc(len + 1);
  if (copy == NULL) return NULL;
  if (len > 0) memcpy(copy, bytes, len);
  copy[len] = '\0';
  return copy;
}

char *tlstream__strdup(const char *text) {
  return text != NULL ? tlstream__memdup(text, strlen(text)) : NULL;
}
