/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_SIGNER_H
#define TESTS_SUPPORT_SIGNER_H

/*
 * A signer that has the key of a made certificate, and does what a test wants
 * instead of signing properly. What it is asked is checked against the
 * request's own words.
 */
#include <stdatomic.h>

#include <tlstream/signer.h>

#include "support/make_cert.h"

typedef enum signer_fault {
  SIGNS,
  SIGNS_WRONG,   /* one bit of the signature is another */
  SIGNS_CUT,     /* the last byte is missing */
  SIGNS_NOTHING, /* its length is 0 */
  SIGNS_TOO_MUCH,
  REFUSES /* -5 */
} signer_fault;

typedef struct test_signer {
  tlstream_signer as; /* for an identity */
  const made_cert *own;
  signer_fault fault;
  /* Called before it signs, on the thread that it runs on. */
  void (*before)(struct test_signer *self);
  void *data;

  /* The last that was asked for; several threads may ask. */
  atomic_uint scheme;
  _Atomic(const char *) scheme_name;
  atomic_uint timeout_ms;
  atomic_uint asked;
  atomic_uint odd; /* requests that contradict themselves */
  atomic_uint released;
} test_signer;

void test_signer_init(test_signer *self, const made_cert *own);

#endif
