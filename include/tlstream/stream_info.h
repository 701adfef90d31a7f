/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_STREAM_INFO_H
#define TLSTREAM_STREAM_INFO_H

/* A stream's connection: the identity of the peer, what was agreed on, how much
 * has moved. */
#include <tlstream/pair_counts.h>
#include <tlstream/pair_info.h>
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
 * What <tlstream/pair_info.h> and <tlstream/pair_counts.h> answer of a pair,
 * asked of a stream: tlstream_authorized(stream) is tlstream_pair_authorized()
 * of the stream's own pair, with the same contract, and so on for each row.
 */
/* clang-format off */
#define TLSTREAM_INFO_MAP(X)                       \
  X(bool, is_secure)                               \
  X(bool, authorized)                              \
  X(bool, truncated)                               \
  X(bool, truncated_in_record)                     \
  X(bool, received_last)                           \
  X(const tlstream_error *, authorization_error)   \
  X(tlstream_authorization_source, authorization_from) \
  X(bool, resumed)                                 \
  X(tlstream_version, tls_version)                 \
  X(const char *, cipher)                          \
  X(const char *, cipher_standard_name)            \
  X(const char *, cipher_version)                  \
  X(const char *, group)                           \
  X(int, ephemeral_key_bits)                       \
  X(const char *, own_signature_scheme)            \
  X(const char *, peer_signature_scheme)           \
  X(char *, shared_signature_schemes)              \
  X(uint64_t, made_at)                             \
  X(uint64_t, handshake_began_at)                  \
  X(uint64_t, hello_at)                            \
  X(uint64_t, secure_at)                           \
  X(const char *, servername)                      \
  X(const char *, alpn_protocol)                   \
  X(const char *, npn_protocol)                    \
  X(tlstream_ocsp, ocsp_status)                    \
  X(tlstream_certificate *, peer_certificate)      \
  X(tlstream_certificate *, own_certificate)

/* The same for lists, whose length the last argument receives. */
#define TLSTREAM_INFO_LIST_MAP(X)                  \
  X(const tlstream_error *, authorization_errors)  \
  X(const void *, npn_picked)                      \
  X(const void *, ocsp_response)
/* clang-format on */

#define X(type, name) TLSTREAM_API type tlstream_##name(const tlstream *stream);
TLSTREAM_INFO_MAP(X)
#undef X
#define X(type, name) \
  TLSTREAM_API type tlstream_##name(const tlstream *stream, size_t *count);
TLSTREAM_INFO_LIST_MAP(X)
#undef X

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
 * authorized, authorizationError, protocol, cipher, sessionReused, servername,
 * alpnProtocol, npnProtocol, remoteAddress, remotePort, peerCertificate; and
 * those that Node has no names for: group, peerSignatureScheme, ocspStatus,
 * pskIdentity, and
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
 * Return how many bytes have come from the transport, TLS's own messages
 * included; not those of `head`.
 *
 * Since: 0.1
 */
TLSTREAM_API uint64_t tlstream_encrypted_bytes_read(const tlstream *stream);

/**
 * Return how many bytes the transport has taken, TLS's own messages included.
 *
 * Since: 0.1
 */
TLSTREAM_API uint64_t tlstream_encrypted_bytes_written(const tlstream *stream);

/**
 * Return how many bytes of cleartext wait to be encrypted.
 *
 * Since: 0.1
 */
TLSTREAM_API size_t tlstream_write_queue_size(const tlstream *stream);

/**
 * Return how many bytes of ours are still on their way: those that wait to be
 * encrypted, and those that the transport has not delivered, as far as it knows
 * (of TCP: what the peer's system has not acknowledged). As long as the number
 * falls, a peer that says nothing is reading. 0 once the stream is over.
 *
 * Since: 0.1
 */
TLSTREAM_API size_t tlstream_unsent(const tlstream *stream);

#ifdef __cplusplus
}
#endif

#endif
