/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_LIFECYCLE_H
#define TESTS_SUPPORT_LIFECYCLE_H

/* The whole life of two pairs, while memory may run out: a scenario for
 * torture_each(). */
#include <stdbool.h>

#include <tlstream/context.h>

typedef struct ordeal {
  tlstream_context *client;
  tlstream_context *server;
  bool strangers; /* neither side has a reason to trust the other */
  size_t whole;   /* how many runs came to a clean end */
  size_t told;    /* and in how many a side said that memory was out */
} ordeal;

/* `insecure`: strangers are let in, and must not be taken for friends. The
 * contexts are the ordeal's. */
ordeal ordeal_of_friends(tlstream_version version, bool mutual);
ordeal ordeal_of_strangers(tlstream_version version, bool insecure);

void ordeal_run(void *data);

void ordeal_clear(ordeal *self);

#endif
