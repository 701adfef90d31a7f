/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_STREAM_VERIFY_H
#define TLSTREAM_STREAM_VERIFY_H

/* The application's own judgement of a peer's certificate: for a server's
 * `on_verify` and for a stream's `on_verify` alike. */
#include <tlstream/pair_verify.h>
#include <tlstream/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Answer `on_verify`: go on with this peer. What has been found about its
 * certificate stays as it is: a peer that only `insecure_allow_unauthorized`
 * lets in is still not authorized.
 *
 * Returns 0 or an error.
 *
 * Callbacks: `on_secure` or the server's `on_connection`, from the loop.
 * Errors: WRONG_STATE (there is no question, or it has been answered), CLOSED.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int tlstream_verify_accept(tlstream *stream);

/**
 * Answer `on_verify`: the peer is refused, and gets the alert that belongs to
 * `reason`; see tlstream_pair_verify_refuse(). `text`, which may be NULL, is
 * for the message of the error.
 *
 * Returns 0 or an error.
 *
 * Callbacks: the server's `on_client_error` or the stream's `on_error`, from
 * the loop: REFUSED_BY_VERIFY.
 * Errors: WRONG_STATE (there is no question, or it has been answered),
 * INVALID_ARGUMENT (no such reason; the question is still open), CLOSED.
 * Since: 0.1
 */
TLSTREAM_API int tlstream_verify_refuse(tlstream *stream,
                                        tlstream_verify_refusal reason,
                                        const char *text);

#ifdef __cplusplus
}
#endif

#endif
