/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_VECTOR_H
#define TLSTREAM_CORE_PAIR_VECTOR_H

/* The variable-length vectors of TLS messages (RFC 8446, section 3.4). */
#include <stddef.h>

/* A number of two bytes and as many bytes behind it: step over both and
 * return the bytes. NULL if they are not all there. */
static inline const unsigned char *
tlstream__take_vector(const unsigned char **at, const unsigned char *end,
                      size_t *len) {
  if (end - *at < 2) return NULL;
  const unsigned char *start = *at + 2;
  *len = (size_t)(*at)[0] << 8 | (*at)[1];
  if ((size_t)(end - start) < *len) return NULL;
  *at = start + *len;
  return start;
}

#endif
