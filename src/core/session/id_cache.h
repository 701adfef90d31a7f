/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_SESSION_ID_CACHE_H
#define TLSTREAM_CORE_SESSION_ID_CACHE_H

/*
 * A server's sessions of TLS 1.2, by the id that it gave them, for clients that
 * take no tickets: so many, and the oldest makes room. They are kept as bytes,
 * which are much smaller than OpenSSL's objects, and wiped. Any thread may use
 * it.
 */
#include <stddef.h>

enum {
  TLSTREAM__ID_LEN_MAX = 32,
  TLSTREAM__ID_SESSION_MAX = 8 * 1024 /* a longer one is not kept */
};

typedef struct tlstream__id_cache tlstream__id_cache;

/* For at most `capacity` sessions, which is not 0. NULL when memory is out. */
tlstream__id_cache *tlstream__id_cache_new(size_t capacity);

/* NULL is a no-op. */
void tlstream__id_cache_free(tlstream__id_cache *cache);

/* Keep a copy until `ends`, in seconds since 1970. Without memory for it
 * nothing is kept. */
void tlstream__id_cache_put(tlstream__id_cache *cache, const void *id,
                            size_t id_len, const void *bytes, size_t len,
                            long long ends);

/* Copy what is kept under an id to `out`, which has room for
 * TLSTREAM__ID_SESSION_MAX. Returns how much; 0 if there is nothing at `now`.
 */
size_t tlstream__id_cache_get(tlstream__id_cache *cache, const void *id,
                              size_t id_len, long long now, void *out);

void tlstream__id_cache_drop(tlstream__id_cache *cache, const void *id,
                             size_t id_len);

#endif
