/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_BYTES_H
#define TLSTREAM_BYTES_H

#include <stddef.h>

/**
 * Bytes and how many of them; they need not end in a NUL. Borrowed, unless the
 * contract of the call that takes them is different.
 */
typedef struct tlstream_bytes {
  const void *data;
  size_t len;
} tlstream_bytes;

#endif
