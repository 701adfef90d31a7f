/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_PAIR_HELLO_H
#define TLSTREAM_PAIR_HELLO_H

/* The first message of a client, which a server with `choose_context` is to
 * answer: what it asks for, with which context it is served, or why not. Comes
 * with <tlstream/pair.h>. */
#include <tlstream/pair.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Answer TLSTREAM_EVENT_HELLO: serve the client with `context`; NULL is the
 * one that the pair was made with. All of its policy holds: certificate,
 * trust, who is refused, versions, protocols, tickets.
 *
 * The answer may come at any time after the event; the handshake's deadline
 * goes on meanwhile. tlstream_pair_servername() is what the client asked for.
 * Returns 0 or an error; after NO_CERTIFICATE the question is still open.
 *
 * Ownership: takes a reference to the context.
 * Errors: WRONG_STATE (there is no question), NO_CERTIFICATE, NO_MEMORY, or the
 * pair's error.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_pair_answer_hello(tlstream_pair *pair, tlstream_context *context);

/**
 * Answer TLSTREAM_EVENT_HELLO: no host of that name is served. The client gets
 * the alert unrecognized_name, and the pair the error UNKNOWN_NAME.
 *
 * Returns 0 or an error.
 *
 * Errors: WRONG_STATE (there is no question), or the pair's error.
 * Since: 0.1
 */
TLSTREAM_API int tlstream_pair_refuse_hello(tlstream_pair *pair);

/**
 * Answer TLSTREAM_EVENT_HELLO: none of the protocols that the client offers is
 * spoken here. The client gets the alert no_application_protocol, and the pair
 * the error NO_SHARED_PROTOCOL.
 *
 * Returns 0 or an error.
 *
 * Errors: WRONG_STATE (there is no question), or the pair's error.
 * Since: 0.1
 */
TLSTREAM_API int tlstream_pair_refuse_protocols(tlstream_pair *pair);

/**
 * Return the application protocols that the client offers by ALPN, in its order
 * and in wire form: each name is preceded by a byte that holds its length, and
 * every length has been checked. NULL, and 0 for `len`, if it offers none, or
 * before TLSTREAM_EVENT_HELLO. The client chose these bytes: escape them before
 * printing. Borrowed.
 *
 * Since: 0.1
 */
TLSTREAM_API const void *
tlstream_pair_offered_protocols(const tlstream_pair *pair, size_t *len);

#ifdef __cplusplus
}
#endif

#endif
