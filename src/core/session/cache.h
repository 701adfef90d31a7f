/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_SESSION_CACHE_H
#define TLSTREAM_CORE_SESSION_CACHE_H

/*
 * A client's sessions, by server: so many in all, and few of each server. What
 * was used longest ago makes room. Any thread may use it.
 */
#include "core/session/session.h"

typedef struct tlstream__session_cache tlstream__session_cache;

/* For at most `capacity` sessions, which is not 0. NULL when memory is out. */
tlstream__session_cache *tlstream__session_cache_new(size_t capacity);

/* NULL is a no-op. */
void tlstream__session_cache_free(tlstream__session_cache *cache);

/* Keep a session of the server `key`; takes a reference. Without memory for it
 * nothing is kept. */
void tlstream__session_cache_put(tlstream__session_cache *cache,
                                 const tlstream__fingerprint *key,
                                 tlstream_session *session);

/* The latest of the server `key` that fits (as of tlstream__session_fits()),
 * or NULL; a reference for the caller. One that is for a single use leaves the
 * cache, and so does what does not fit any more. */
tlstream_session *tlstream__session_cache_take(
    tlstream__session_cache *cache, const tlstream__fingerprint *key,
    const tlstream__fingerprint *binding, long long now, long long judged);

/* It did no good: forget it. */
void tlstream__session_cache_drop(tlstream__session_cache *cache,
                                  const tlstream__fingerprint *key,
                                  const tlstream_session *session);

#endif
