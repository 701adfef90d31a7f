/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_HOSTS_H
#define TLSTREAM_CORE_CONTEXT_HOSTS_H

/*
 * The inside of a table of host patterns, which a server has as a member. Found
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

#include <tlstream/hosts.h>

typedef struct tlstream__hosts_entry tlstream__hosts_entry;

typedef struct tlstream__hosts_shape {
  unsigned labels;
  uint32_t wild; /* bit 0: the left-most label is a wildcard */
} tlstream__hosts_shape;

struct tlstream_hosts {
  tlstream__hosts_entry **buckets;
  size_t bucket_count; /* a power of two, or 0 */
  size_t count;
  tlstream__hosts_shape *shapes;
  size_t shape_count;
};

/* As tlstream_hosts_add(), for a context that a server is known to be able to
 * use. */
int tlstream__hosts_add(tlstream_hosts *table, const char *pattern,
                        tlstream_context *context, tlstream_error *error);

/* Release what it owns; it is empty then. */
void tlstream__hosts_clear(tlstream_hosts *table);

#endif
