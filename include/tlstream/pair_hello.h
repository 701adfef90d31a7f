/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_PAIR_HELLO_H
#define TLSTREAM_PAIR_HELLO_H

/* The first message of a client, which a server with `choose_context` is to
 * answer: what it asks for, with which context it is served, or why not. */
#include <tlstream/pair.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Answer TLSTREAM_EVENT_HELLO: serve the client with `context`; NULL is the one
 * that the pair was made with. All of its policy holds: certificate, trust,
 * which clients are refused, versions, protocols, tickets.
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
tlstream_pair_hello_accept(tlstream_pair *pair, tlstream_context *context);

/**
 * Why a client is refused by its first message, and with which alert
 * (RFC 8446, section 6.2).
 */
typedef enum tlstream_hello_refusal {
  TLSTREAM_HELLO_UNKNOWN_NAME, /* no host of that name: unrecognized_name */
  TLSTREAM_HELLO_NO_PROTOCOL   /* no protocol in common:
                                  no_application_protocol */
} tlstream_hello_refusal;

/**
 * Answer TLSTREAM_EVENT_HELLO: the client is not served. It gets the alert
 * that belongs to `reason`, and the pair fails with UNKNOWN_NAME or
 * NO_SHARED_PROTOCOL.
 *
 * Returns 0 or an error.
 *
 * Errors: WRONG_STATE (no answer is awaited), or the pair's error.
 * Since: 0.1
 */
TLSTREAM_API int tlstream_pair_hello_refuse(tlstream_pair *pair,
                                            tlstream_hello_refusal reason);

/**
 * Return the application protocols that the client offers by ALPN, in its order
 * and in wire form: each name is preceded by a byte that holds its length, and
 * every length has been checked. NULL, and 0 for `len`, if it offers none,
 * before TLSTREAM_EVENT_HELLO, and again when the connection is secure. The
 * client chose these bytes: escape them before printing. Borrowed.
 *
 * Since: 0.1
 */
TLSTREAM_API const void *
tlstream_pair_offered_protocols(const tlstream_pair *pair, size_t *len);

#ifdef __cplusplus
}
#endif

#endif
