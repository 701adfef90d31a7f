/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_NUMBERED_H
#define TESTS_SUPPORT_NUMBERED_H

/* A few contexts for tests that only compare them. */
#include <stdlib.h>

#include <tlstream/context.h>

enum { CONTEXTS = 16 };

/* Always the same one for a number; they repeat after CONTEXTS. */
static inline tlstream_context *numbered_context(size_t number) {
  static tlstream_context *made[CONTEXTS];
  tlstream_context **slot = &made[number % CONTEXTS];
  if (*slot == NULL) *slot = tlstream_context_new(NULL, NULL);
  if (*slot == NULL) abort();
  return *slot;
}

#endif
