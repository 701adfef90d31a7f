/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_PAIR_PSK_H
#define TLSTREAM_PAIR_PSK_H

/* Connections by a pre-shared key: what a server is asked, and which key it
 * was. */
#include <tlstream/pair.h>
#include <tlstream/psk.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Return the identity that TLSTREAM_EVENT_PSK asks for, and, once secure, the
 * one by whose key the connection was made; `len` receives its length. NULL,
 * and 0, where there is none. A client chose these bytes: escape them before
 * printing. They end in a NUL that `len` does not count, and have no other.
 * Borrowed.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_pair_psk_identity(const tlstream_pair *pair,
                                                    size_t *len);

/**
 * Return the identity hint of the server, a client's in TLS 1.2, or NULL. The
 * server is not yet known when it sends that: never trust it, escape it before
 * printing. Borrowed.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_pair_psk_hint(const tlstream_pair *pair);

/**
 * Answer TLSTREAM_EVENT_PSK: this is the key of the identity, 16 to 256 bytes
 * of which a copy is kept until the handshake is done. A client that has
 * another one is refused (PSK_MISMATCH).
 *
 * The answer may come at any time after the event; the handshake's deadline
 * goes on meanwhile. Returns 0 or an error; after INVALID_ARGUMENT the question
 * is still open.
 *
 * To hide which identities exist, answer for the others with random bytes: the
 * client learns no more than that its key is not right.
 *
 * Errors: WRONG_STATE (there is no question), INVALID_ARGUMENT, or the pair's
 * error.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_pair_psk_accept(tlstream_pair *pair, tlstream_bytes key,
                         tlstream_psk_hash hash);

/**
 * Answer TLSTREAM_EVENT_PSK: there is no such identity.
 *
 * In TLS 1.3 the client's next identity is asked for, if it has more, at most
 * four; after them a server with a certificate goes on with that. Without one,
 * and in TLS 1.2, the client gets the alert unknown_psk_identity, and the pair
 * fails with UNKNOWN_PSK. Returns 0 or an error.
 *
 * Errors: WRONG_STATE (there is no question), or the pair's error.
 * Since: 0.1
 */
TLSTREAM_API int tlstream_pair_psk_refuse(tlstream_pair *pair);

#ifdef __cplusplus
}
#endif

#endif
