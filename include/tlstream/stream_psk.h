/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_STREAM_PSK_H
#define TLSTREAM_STREAM_PSK_H

/* The answers to `on_psk`, a server's and a stream's alike, and which key it
 * was. */
#include <tlstream/pair_psk.h>
#include <tlstream/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Answer `on_psk`: this is the key of the identity; see
 * tlstream_pair_psk_accept().
 *
 * Callbacks: the server's `on_client_error` or the stream's `on_error`, from
 * the loop, where the client has another key.
 * Errors: WRONG_STATE (there is no question, or it has been answered), CLOSED,
 * INVALID_ARGUMENT (the question is still open).
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_psk_accept(tlstream *stream, tlstream_bytes key,
                    tlstream_psk_hash hash);

/**
 * Answer `on_psk`: there is no such identity; see tlstream_pair_psk_refuse().
 *
 * Callbacks: the server's `on_client_error` or the stream's `on_error`, from
 * the loop: UNKNOWN_PSK.
 * Errors: WRONG_STATE (there is no question, or it has been answered), CLOSED.
 * Since: 0.1
 */
TLSTREAM_API int tlstream_psk_refuse(tlstream *stream);

/**
 * Return the identity that is asked for or that was used; see
 * tlstream_pair_psk_identity().
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_psk_identity(const tlstream *stream,
                                               size_t *len);

/**
 * Return the server's identity hint; see tlstream_pair_psk_hint().
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_psk_hint(const tlstream *stream);

#ifdef __cplusplus
}
#endif

#endif
