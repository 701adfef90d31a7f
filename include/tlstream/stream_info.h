/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_STREAM_INFO_H
#define TLSTREAM_STREAM_INFO_H

/* Questions to a stream: who the peer is, what was agreed on, how much has
 * moved. Comes with <tlstream/stream.h>. */
#include <tlstream/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Return the `data` that the callbacks get.
 *
 * Since: 0.1
 */
TLSTREAM_API void *tlstream_data(const tlstream *stream);

/**
 * Return the loop that the stream lives on.
 *
 * Since: 0.1
 */
TLSTREAM_API uv_loop_t *tlstream_loop(const tlstream *stream);

/**
 * Tell whether the handshake is done and the verdict given.
 *
 * Since: 0.1
 */
TLSTREAM_API bool tlstream_is_secure(const tlstream *stream);

/**
 * Tell whether the peer proved who it is; see tlstream_pair_authorized(). The
 * page's `authorized`.
 *
 * Since: 0.1
 */
TLSTREAM_API bool tlstream_authorized(const tlstream *stream);

/**
 * Return why the peer is not authorized, or NULL. Borrowed. The page's
 * `authorizationError`.
 *
 * Since: 0.1
 */
TLSTREAM_API const tlstream_error *
tlstream_authorization_error(const tlstream *stream);

/**
 * Return all that is wrong with the peer's certificates and name; see
 * tlstream_pair_authorization_errors(). Borrowed.
 *
 * Since: 0.1
 */
TLSTREAM_API const tlstream_error *
tlstream_authorization_errors(const tlstream *stream, size_t *count);

/**
 * Return the protocol version, or TLSTREAM_VERSION_DEFAULT before it is known.
 *
 * Since: 0.1
 */
TLSTREAM_API tlstream_version tlstream_tls_version(const tlstream *stream);

/**
 * Return the cipher suite's name as the options `ciphers` and `ciphersuites`
 * have it, or NULL before it is known; see tlstream_pair_cipher().
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_cipher(const tlstream *stream);

/**
 * Return the cipher suite's name in the standard, or NULL before it is known;
 * see tlstream_pair_cipher_standard_name().
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_cipher_standard_name(const tlstream *stream);

/**
 * Return the version that first had the cipher suite, or NULL before it is
 * known; see tlstream_pair_cipher_version().
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_cipher_version(const tlstream *stream);

/**
 * Return the server name that the client asked for, or NULL. On a server the
 * client chose these bytes: escape them before printing.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_servername(const tlstream *stream);

/**
 * Return the application protocol that both sides agreed on by ALPN, or NULL.
 * Borrowed.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_alpn_protocol(const tlstream *stream);

/**
 * Return the application protocol that the client picked by NPN, or NULL; see
 * tlstream_pair_npn_protocol(). Borrowed. The page's npnProtocol.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_npn_protocol(const tlstream *stream);

/**
 * Return the bytes that the client named by NPN, on any list or none; see
 * tlstream_pair_npn_picked(). Borrowed.
 *
 * Since: 0.1
 */
TLSTREAM_API const void *tlstream_npn_picked(const tlstream *stream,
                                             size_t *len);

/**
 * Return the peer's certificate, or NULL if it sent none. The page's
 * getPeerCertificate().
 *
 * Ownership: a reference of the caller's own; release it.
 * Since: 0.1
 */
TLSTREAM_API tlstream_certificate *
tlstream_peer_certificate(const tlstream *stream);

/**
 * Return the certificate that our side presents, or NULL.
 *
 * Ownership: a reference of the caller's own; release it.
 * Since: 0.1
 */
TLSTREAM_API tlstream_certificate *
tlstream_own_certificate(const tlstream *stream);

/**
 * Write where the peer is to `address`. Returns 0 or an error.
 *
 * Errors: WRONG_STATE (not connected).
 * Since: 0.1
 */
TLSTREAM_API int tlstream_remote_address(const tlstream *stream,
                                         tlstream_address *address);

/**
 * Write where our end is to `address`. Returns 0 or an error.
 *
 * Errors: WRONG_STATE (not connected).
 * Since: 0.1
 */
TLSTREAM_API int tlstream_local_address(const tlstream *stream,
                                        tlstream_address *address);

/**
 * Return the facts of the connection as one JSON object with Node's names:
 * authorized, authorizationError, protocol, cipher, servername, alpnProtocol,
 * npnProtocol, remoteAddress, remotePort, peerCertificate; and
 * authorizationErrors, all of them with depth and message. NULL when memory is
 * out.
 *
 * Ownership: the caller's; release with tlstream_free().
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED char *tlstream_json(const tlstream *stream);

/**
 * Return how many bytes of cleartext have been delivered.
 *
 * Since: 0.1
 */
TLSTREAM_API uint64_t tlstream_bytes_read(const tlstream *stream);

/**
 * Return how many bytes of cleartext have been taken for writing.
 *
 * Since: 0.1
 */
TLSTREAM_API uint64_t tlstream_bytes_written(const tlstream *stream);

/**
 * Return how many bytes of cleartext wait to be encrypted.
 *
 * Since: 0.1
 */
TLSTREAM_API size_t tlstream_write_queue_size(const tlstream *stream);

#ifdef __cplusplus
}
#endif

#endif
