/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_STREAM_SOCKET_H
#define TLSTREAM_STREAM_SOCKET_H

/* The socket beneath a stream. A stream inside another one has that one's; one
 * over a transport of the user's has what its method `descriptor` returns. */
#include <tlstream/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Return the descriptor of the socket that carries the stream, to look at it or
 * to set an option that has no call here. It is not to be read, written, shut
 * down or closed.
 *
 * Ownership: the stream's, which closes it: valid until `on_close`.
 * Errors: WRONG_STATE (not connected, over, or there is no socket).
 * Since: 0.1
 */
TLSTREAM_API int tlstream_descriptor(const tlstream *stream);

/**
 * Send small writes at once (TCP_NODELAY), or let the system collect them while
 * it waits for an acknowledgement. On from the start: records are made of all
 * that was written in a turn of the loop anyway.
 *
 * Returns 0 or an error.
 *
 * Errors: WRONG_STATE (as tlstream_descriptor()), or libuv's code of the
 * system's refusal, UV_ENOTSUP for a Unix socket.
 * Since: 0.1
 */
TLSTREAM_API int tlstream_set_nodelay(tlstream *stream, bool on);

/**
 * Have the system ask a peer that says nothing whether it is still there
 * (SO_KEEPALIVE), the first time after `idle_s` seconds of silence; 0: the
 * system's default, two hours as a rule. A peer that does not answer ends the
 * stream with ETIMEDOUT. Off from the start.
 *
 * Returns 0 or an error.
 *
 * Errors: as tlstream_set_nodelay().
 * Since: 0.1
 */
TLSTREAM_API int tlstream_set_keep_alive(tlstream *stream, bool on,
                                         unsigned idle_s);

/**
 * Set how long data of ours may stay unacknowledged before the system gives the
 * connection up, with ETIMEDOUT, in milliseconds (TCP_USER_TIMEOUT, RFC 5482);
 * 0: the system's default, a quarter of an hour as a rule.
 *
 * Returns 0 or an error.
 *
 * Errors: as tlstream_set_nodelay(); UNSUPPORTED where the system has no such
 * option.
 * Since: 0.1
 */
TLSTREAM_API int tlstream_set_user_timeout(tlstream *stream,
                                           unsigned timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
