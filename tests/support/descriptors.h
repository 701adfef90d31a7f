/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_DESCRIPTORS_H
#define TESTS_SUPPORT_DESCRIPTORS_H

/* The file descriptors of this process that are open. Tests open few, and the
 * lowest are taken first, so only these are looked at. */
#include <stdbool.h>

enum { DESCRIPTORS_MAX = 1024 };

typedef struct descriptors {
  int count;
  bool is_open[DESCRIPTORS_MAX];
} descriptors;

descriptors descriptors_now(void);

/* Fail the running test for each that is open now and was not then. */
void descriptors_check(const descriptors *then);

#endif
