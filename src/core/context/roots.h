/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_ROOTS_H
#define TLSTREAM_CORE_CONTEXT_ROOTS_H

/*
 * The system's roots: read once for all contexts, when the first peer is to be
 * verified with them, and anew for contexts that are made after they have
 * changed on disk. What is in folders is looked up one by one, by the hash of
 * its name, when it is needed.
 */
#include <stdbool.h>

struct x509_store_st;

/* The roots as they are at a time; shared and counted. */
typedef struct tlstream__roots tlstream__roots;

/* Where to look: a file, and folders with a colon between them. */
typedef struct tlstream__places {
  const char *file;
  const char *folders;
} tlstream__places;

/* Those of `named` (the environment's; each may be NULL), else `built_in`, the
 * OpenSSL's that is used. If that is a place where nothing is, the first of
 * `folders` or else of `files` that is there; both lists end in NULL. */
tlstream__places tlstream__roots_choose(tlstream__places named,
                                        tlstream__places built_in,
                                        const char *const *folders,
                                        const char *const *files);

/* Today's. NULL when memory is out. */
tlstream__roots *tlstream__roots_now(void);
tlstream__roots *tlstream__roots_ref(tlstream__roots *roots);
void tlstream__roots_unref(tlstream__roots *roots);

/* What is where, and since when: equal for equal roots, in other processes of
 * this machine too. NULL for none. Borrowed. */
const char *tlstream__roots_key(const tlstream__roots *roots);

/* All of them to verify with; NULL when memory is out. Borrowed. */
struct x509_store_st *tlstream__roots_store(tlstream__roots *roots);

/* Add them to a store that has others. False when memory is out. */
bool tlstream__roots_add(tlstream__roots *roots, struct x509_store_st *into);

/* And all that is found in folders. False when memory is out. */
bool tlstream__roots_gather(tlstream__roots *roots, struct x509_store_st *into);

#endif
