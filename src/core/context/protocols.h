/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_PROTOCOLS_H
#define TLSTREAM_CORE_CONTEXT_PROTOCOLS_H

/*
 * A list of application protocols in the form TLS carries it (RFC 7301, section
 * 3.1): each name preceded by one byte that holds its length. ALPN and NPN
 * share it. Beside it the same names, each followed by a NUL, for people:
 *
 *     wire   2 h 2 8 h t t p / 1 . 1
 *     text   h 2 0 h t t p / 1 . 1 0
 *
 * A zeroed struct is an empty list that owns nothing.
 */
#include <stdbool.h>
#include <stddef.h>

#include <tlstream/context.h>

typedef struct tlstream__protocols {
  unsigned char *wire; /* owned; NULL when empty */
  char *text;          /* behind it, in the same memory */
  size_t len;          /* of each */
} tlstream__protocols;

/* Fill an empty list from an option; `what` is the option's name. Returns 0 or
 * a code, and then the list is still empty. */
int tlstream__protocols_pack(tlstream__protocols *list,
                             const tlstream_protocols *from, const char *what,
                             tlstream_error *error);

void tlstream__protocols_clear(tlstream__protocols *list);

/* The name in the list that is equal to these bytes, or NULL. */
const char *tlstream__protocols_find(const tlstream__protocols *list,
                                     const void *name, size_t len);

/* The first name of `first` that is also in `second`, both in wire form: points
 * at its length byte in `first`. NULL when there is none. One of them may be a
 * peer's and damaged: it counts as far as it can be read. */
const unsigned char *
tlstream__protocols_first_common(const unsigned char *first, size_t first_len,
                                 const unsigned char *second,
                                 size_t second_len);

#endif
