/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_HOSTS_H
#define TLSTREAM_CORE_CONTEXT_HOSTS_H

/*
 * Host patterns and the context that serves each: one server, many names. A
 * pattern is a host name in which `*` may stand for any one whole label. Found
 * by hash: the name itself first, then, for each shape of pattern that there is
 * (how many labels, which of them are wildcards), the name in that shape.
 *
 *     shop.example.com   ->  shop.example.com
 *     3 labels, first *  ->  *.example.com
 *
 * A zeroed struct is an empty table that owns nothing.
 */
#include <stddef.h>
#include <stdint.h>

#include <tlstream/context.h>

typedef struct tlstream__sni_entry tlstream__sni_entry;

typedef struct tlstream__sni_shape {
  unsigned labels;
  uint32_t wild; /* bit 0: the left-most label is a wildcard */
} tlstream__sni_shape;

typedef struct tlstream__sni {
  tlstream__sni_entry **buckets;
  size_t bucket_count; /* a power of two, or 0 */
  size_t count;
  tlstream__sni_shape *shapes;
  size_t shape_count;
} tlstream__sni;

/* Serve `pattern` with `context`, which the table takes a reference to; an
 * equal pattern is replaced. Returns 0 or a code. */
int tlstream__sni_add(tlstream__sni *table, const char *pattern,
                      tlstream_context *context, tlstream_error *error);

/* The context for a name that a client asked for, any bytes up to a NUL, or
 * NULL: the exact pattern, else the longest that matches, and of two as long
 * the one that spells out the first label in which they differ. Case and a dot
 * at the end do not count. Borrowed. */
tlstream_context *tlstream__sni_find(const tlstream__sni *table,
                                     const char *name);

void tlstream__sni_clear(tlstream__sni *table);

#endif
