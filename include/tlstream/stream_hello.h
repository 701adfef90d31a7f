/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_STREAM_HELLO_H
#define TLSTREAM_STREAM_HELLO_H

/* The first message of a client, and the answer to it: for a server's
 * `on_hello` and for a stream's `on_hello` alike. */
#include <tlstream/pair_hello.h>
#include <tlstream/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Answer `on_hello`: serve the client with `context`. NULL leaves
 * it to the contexts that were added to the server by name, and after them, or
 * without a server, to the context that the stream was made with.
 *
 * Returns 0 or an error; after NO_CERTIFICATE the question is still open.
 *
 * Ownership: takes a reference to the context.
 * Callbacks: the server's `on_client_error` or the stream's `on_error`, from
 * the loop, where the client does not fit the context or memory is out.
 * Errors: WRONG_STATE (there is no question, or it has been answered), CLOSED,
 * NO_CERTIFICATE.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_hello_accept(tlstream *stream, tlstream_context *context);

/**
 * Answer `on_hello`: the client is not served, and gets the alert that belongs
 * to `reason`.
 *
 * Returns 0 or an error.
 *
 * Callbacks: the server's `on_client_error` or the stream's `on_error`, from
 * the loop: UNKNOWN_NAME or NO_SHARED_PROTOCOL.
 * Errors: WRONG_STATE (no answer is awaited), CLOSED.
 * Since: 0.1
 */
TLSTREAM_API int tlstream_hello_refuse(tlstream *stream,
                                       tlstream_hello_refusal reason);

/**
 * Return the application protocols that the client offers by ALPN; see
 * tlstream_pair_offered_protocols(). From `on_hello` to `on_secure`. Borrowed.
 *
 * Since: 0.1
 */
TLSTREAM_API const void *tlstream_offered_protocols(const tlstream *stream,
                                                    size_t *len);

#ifdef __cplusplus
}
#endif

#endif
