/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_PIPE_HANDLE_H
#define TLSTREAM_PIPE_HANDLE_H

#include <tlstream/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Join a stream and a plain libuv handle: what comes out of the stream is
 * written to the handle, what is read from the handle is written to the stream.
 * A proxy that adds TLS, or takes it off. Whichever side is slow slows the
 * other one down. The stream need not be secure yet, nor connected.
 *
 * Each direction ends on its own, as with tlstream_pipe(). The stream's
 * close_notify becomes the handle's FIN, behind what is queued; the handle's
 * end becomes tlstream_end(). An end is passed on as an end, and a cut as a
 * cut: if the stream fails, is truncated or destroyed, the handle is reset
 * (where it can be) unless it has had its FIN; if the handle is reset or its
 * reading fails, the stream is destroyed. If writing to the handle fails, what
 * it still says is passed on for up to a second, and then the stream is closed
 * if the handle has ended, and destroyed otherwise. When the stream is over and
 * the handle does not take what is queued, it is reset after a minute.
 *
 * The stream calls `on_data` no more; its other callbacks still come, and
 * `on_close` when the handle has been closed too.
 *
 * Returns 0 or an error, after which both are as they were.
 *
 * Ownership: the handle is the library's on success, and its `data` until
 * `release`, which is called before `on_close`, when the handle's memory may be
 * freed; NULL: the memory lasts until `on_close`.
 * Callbacks: those of the stream, and `release`.
 * Errors: CLOSED (the stream is over), WRONG_STATE (it is in a pipe, carries
 * another one, or has to give a handle back; the handle is not connected both
 * ways, is closing, has writes that wait, or TLS is on it), INVALID_ARGUMENT
 * (neither TCP nor a pipe, another loop), NO_MEMORY.
 * Thread: the loop's.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_pipe_handle(tlstream *stream, uv_stream_t *handle,
                     tlstream_handle_release_cb release, tlstream_error *error);

#ifdef __cplusplus
}
#endif

#endif
