/* SPDX-License-Identifier: MIT */
#include "core/pair/authorization.h"

#include <string.h>

#include "base/alloc.h"

enum { WHY_MAX = 16 };

void tlstream__authorization_clear(tlstream__authorization *authorization) {
  tlstream__free(authorization->why);
  *authorization = (tlstream__authorization){0};
}

tlstream_error *
tlstream__authorization_deny(tlstream__authorization *authorization) {
  authorization->authorized = false;
  if (authorization->count == WHY_MAX) return NULL;
  tlstream_error *grown =
      tlstream__realloc(authorization->why, (authorization->count + 1) *
                                                sizeof(*authorization->why));
  if (grown == NULL) return NULL;
  authorization->why = grown;
  return &authorization->why[authorization->count++];
}

void tlstream__authorization_deny_first(tlstream__authorization *authorization,
                                        const tlstream_error *why) {
  if (authorization->count == WHY_MAX) authorization->count--;
  if (tlstream__authorization_deny(authorization) == NULL) return;
  memmove(authorization->why + 1, authorization->why,
          (authorization->count - 1) * sizeof(*why));
  authorization->why[0] = *why;
}
