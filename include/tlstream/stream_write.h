/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_STREAM_WRITE_H
#define TLSTREAM_STREAM_WRITE_H

/* Other ways of writing to a stream than tlstream_write(). */
#include <stdarg.h>

#include <tlstream/bytes.h>
#include <tlstream/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The most that tlstream_printf() writes, in bytes. */
#define TLSTREAM_PRINTF_MAX 65536

/**
 * Write several pieces, one behind the other, as tlstream_write() of all of
 * them together: a head and a body, for example. All are taken, or none.
 *
 * Returns 0, 1 or an error, as tlstream_write().
 *
 * Errors: WRITE_AFTER_END, CLOSED, NO_MEMORY, INVALID_ARGUMENT (more bytes than
 * memory can have).
 * Since: 0.1
 */
TLSTREAM_API int tlstream_writev(tlstream *stream, const tlstream_bytes *pieces,
                                 size_t count);

/**
 * Write text as printf() makes it, without the NUL at its end: at most
 * TLSTREAM_PRINTF_MAX bytes. A longer text is refused, and none of it written.
 *
 * Returns 0, 1 or an error, as tlstream_write().
 *
 * Errors: WRITE_AFTER_END, CLOSED, NO_MEMORY, INVALID_ARGUMENT (too long, or
 * the C library refuses the format).
 * Since: 0.1
 */
TLSTREAM_API int tlstream_printf(tlstream *stream, const char *format, ...)
    TLSTREAM_FORMAT(2, 3);

/**
 * As tlstream_printf(), with the arguments in a va_list.
 *
 * Errors: as tlstream_printf().
 * Since: 0.1
 */
TLSTREAM_API int tlstream_vprintf(tlstream *stream, const char *format,
                                  va_list args) TLSTREAM_FORMAT(2, 0);

#ifdef __cplusplus
}
#endif

#endif
