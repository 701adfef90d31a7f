/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_PAIR_KEYS_H
#define TLSTREAM_PAIR_KEYS_H

/* What other protocols take from a connection: keys that only its two ends
 * can make, and names of the connection that bind an authentication to it. */
#include <tlstream/bytes.h>
#include <tlstream/pair.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Make `len` bytes that both ends of the connection, and nobody else, can make
 * from the same `label` and `context` (RFC 5705; RFC 8446, section 7.5). Node's
 * exportKeyingMaterial().
 *
 * `label` is registered with IANA or begins with "EXPERIMENTAL"; at most 249
 * bytes. `context`, at most 512 bytes, may be NULL, which in TLS 1.2 gives
 * other bytes than an empty one. `len` is at most 8,160. Returns 0 or an error;
 * on an error `out` is as it was.
 *
 * Errors: WRONG_STATE (not secure yet), INVALID_ARGUMENT (a label, a context or
 * a length that is not valid), UNSUPPORTED (TLS 1.2 with a peer that has no
 * extended master secret, RFC 7627: an attacker between two connections can
 * make both have the same keys), NO_MEMORY, or the pair's error.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int tlstream_pair_export_keying_material(
    const tlstream_pair *pair, const char *label, const tlstream_bytes *context,
    void *out, size_t len);

/**
 * Names of a connection or of its server, for the authentication of a protocol
 * above TLS (SCRAM-SHA-256-PLUS, GS2).
 */
typedef enum tlstream_binding {
  /* "tls-exporter" (RFC 9266): of the connection; the first choice. */
  TLSTREAM_BINDING_EXPORTER,
  /* "tls-server-end-point" (RFC 5929): of the server's certificate. */
  TLSTREAM_BINDING_SERVER_END_POINT,
  /* "tls-unique" (RFC 5929): of the connection, by its first Finished message.
   * In TLS 1.2 alone, and only with the extended master secret. */
  TLSTREAM_BINDING_UNIQUE
} tlstream_binding;

enum { TLSTREAM_BINDING_MAX_LEN = 64 }; /* the longest that there is */

/**
 * Write the name of `kind` to `out`, at most `cap` bytes. Both ends get the
 * same bytes, unless something between them ends TLS and begins it anew.
 *
 * Returns the length, or an error. UNSUPPORTED where the name would not be
 * sound: "tls-unique" in TLS 1.3; it and "tls-exporter" in TLS 1.2 without
 * the extended master secret; "tls-server-end-point" where there is no
 * certificate (a PSK), where its signature has no hash of its own (Ed25519),
 * and for a server in a resumed connection, whose certificate was another
 * one's.
 *
 * Errors: WRONG_STATE (not secure yet), UNSUPPORTED, INVALID_ARGUMENT (`cap` is
 * too small), NO_MEMORY, or the pair's error.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED ptrdiff_t tlstream_pair_channel_binding(
    const tlstream_pair *pair, tlstream_binding kind, void *out, size_t cap);

/**
 * Write the Finished message that our side sent to `out`, at most `cap` bytes:
 * 12 bytes in TLS 1.2, up to 64 in TLS 1.3. To bind an authentication to the
 * connection, tlstream_pair_channel_binding() checks more. Node's
 * getFinished().
 *
 * Returns the length, or an error.
 *
 * Errors: WRONG_STATE (not secure yet), INVALID_ARGUMENT (`cap` is too small),
 * or the pair's error.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED ptrdiff_t
tlstream_pair_own_finished(const tlstream_pair *pair, void *out, size_t cap);

/**
 * The same for the Finished message of the peer. Node's getPeerFinished().
 *
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED ptrdiff_t
tlstream_pair_peer_finished(const tlstream_pair *pair, void *out, size_t cap);

#ifdef __cplusplus
}
#endif

#endif
