/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_LIFECYCLE_H
#define TESTS_SUPPORT_LIFECYCLE_H

/* The whole life of two pairs, while memory may run out: a scenario for
 * torture_each(). */
#include <stdbool.h>

#include <tlstream/context.h>

typedef struct lifecycle {
  tlstream_context *client;
  tlstream_context *server;
  bool untrusted;  /* neither side has a reason to trust the other */
  size_t whole;    /* how many runs came to a clean end */
  size_t reported; /* and in how many a side reported that memory was out */
} lifecycle;

/* `insecure`: an untrusted peer is accepted, and must not count as authorized.
 * The contexts are the lifecycle's. */
lifecycle lifecycle_of_trusted(tlstream_version version, bool mutual);
lifecycle lifecycle_of_untrusted(tlstream_version version, bool insecure);

void lifecycle_run(void *data);

void lifecycle_clear(lifecycle *self);

#endif
