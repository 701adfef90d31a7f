/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_AUTHORIZATION_H
#define TLSTREAM_CORE_PAIR_AUTHORIZATION_H

/* Whether the peer is authorized, and all the reasons why not. */
#include <stdbool.h>
#include <stddef.h>

#include <tlstream/error.h>

typedef struct tlstream__authorization {
  bool authorized;
  /* Why not: all that is wrong, the cause of the rest first. Owned; NULL while
   * nothing has been checked, and when there was no memory for it. */
  tlstream_error *why;
  size_t count;
} tlstream__authorization;

void tlstream__authorization_clear(tlstream__authorization *authorization);

/* The peer is not authorized: room for one more reason. NULL when there are too
 * many or memory is out, and the peer is unauthorized all the same. */
tlstream_error *
tlstream__authorization_deny(tlstream__authorization *authorization);

/* The same, with the reason, which comes before all others. */
void tlstream__authorization_deny_first(tlstream__authorization *authorization,
                                        const tlstream_error *why);

#endif
