/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_HOSTS_H
#define TLSTREAM_HOSTS_H

#include <tlstream/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Host patterns and the context that serves each, for programs that choose
 * contexts by themselves: at TLSTREAM_EVENT_HELLO or in `on_hello`. A
 * tlstream_server has such a table inside of it, see
 * tlstream_server_add_context().
 *
 * Ownership: one owner, which releases it with tlstream_hosts_free().
 * Thread: one at a time; finding alone, on any number.
 */
typedef struct tlstream_hosts tlstream_hosts;

/**
 * Make an empty table. NULL when memory is out.
 *
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED tlstream_hosts *tlstream_hosts_new(void);

/**
 * Release the table and its references to contexts. NULL is a no-op.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_hosts_free(tlstream_hosts *hosts);

/**
 * Serve hosts by `pattern` with `context`: a host name in which `*` may stand
 * for any one whole label, "*.example.com". An equal pattern replaces the one
 * before.
 *
 * Returns 0 or an error, after which nothing has changed.
 *
 * Ownership: takes a reference to the context.
 * Errors: INVALID_ARGUMENT (the pattern), NO_CERTIFICATE (the context), which
 * no server could use, NO_MEMORY.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_hosts_add(tlstream_hosts *hosts, const char *pattern,
                   tlstream_context *context, tlstream_error *error);

/**
 * Return the context for a host, or NULL: the exact name comes first, then the
 * longest pattern; case does not count, nor a dot at the end. `name` is what
 * the client has asked for, whatever that is; NULL, if it named none, is found
 * by no pattern. Borrowed.
 *
 * Since: 0.1
 */
TLSTREAM_API tlstream_context *tlstream_hosts_find(const tlstream_hosts *hosts,
                                                   const char *name);

#ifdef __cplusplus
}
#endif

#endif
