/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_COSTLY_CHAIN_H
#define TESTS_SUPPORT_COSTLY_CHAIN_H

/*
 * Chains that cost more to check than to send: of many authorities, each with
 * names, limits on the names below it, and a key that is slow to use.
 */
#include <stdbool.h>
#include <stddef.h>

#include "support/make_cert.h"

struct stack_st_X509;

enum { COSTLY_LINKS_MAX = 100 };

/* Zero: an authority that signed itself, and a leaf of it. */
typedef struct costly_plan {
  int between; /* authorities between those two */
  int names;   /* more of them in each */
  int limits;  /* of each authority; none is hit */
  bool slow;   /* RSA of 3072 bits, with an exponent as long */
  /* The first is by an authority that calls itself this; it is not sent. */
  const char *impostor;
  const char *leaf_until; /* as of cert_plan; NULL: for long */
} costly_plan;

typedef struct costly_chain {
  made_cert leaf;
  struct stack_st_X509 *above; /* the next first */
  size_t size;                 /* of all, in DER */
  made_cert links[COSTLY_LINKS_MAX];
  int count;
} costly_chain;

/* Release with costly_chain_free(). */
costly_chain *costly_chain_new(const costly_plan *plan);
void costly_chain_free(costly_chain *made);

#endif
