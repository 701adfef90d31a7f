/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TEXT_H
#define TLSTREAM_TEXT_H

#include <stddef.h>

#include <tlstream/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Write `bytes` to `out` so that a terminal or a log can take them: printable
 * ASCII stays as it is, everything else becomes \n, \t, \xNN and the like.
 *
 * Writes at most `cap` bytes, the NUL at the end included, never half an
 * escape, and "..." at the end where it had to cut. Returns `out`.
 *
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API char *tlstream_escape(char *out, size_t cap, const void *bytes,
                                   size_t len);

#ifdef __cplusplus
}
#endif

#endif
