/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_PAIR_INFO_H
#define TLSTREAM_PAIR_INFO_H

/* A pair's connection: the identity of the peer and what was agreed on. */
#include <tlstream/ocsp.h>
#include <tlstream/pair.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Return whether the handshake is done and the peer verified.
 *
 * Since: 0.1
 */
TLSTREAM_API bool tlstream_pair_is_secure(const tlstream_pair *pair);

/**
 * Return whether the peer is authorized: it sent a certificate, the chain leads
 * to a trusted root, and, for a server's, it is for the name asked for, unless
 * the context has `insecure_skip_name`; or both sides have the same PSK. Always
 * false before
 * TLSTREAM_EVENT_SECURE.
 *
 * Since: 0.1
 */
TLSTREAM_API bool tlstream_pair_authorized(const tlstream_pair *pair);

/**
 * Return why the peer is not authorized, or NULL when it is or when nothing
 * has been checked yet. Borrowed.
 *
 * Since: 0.1
 */
TLSTREAM_API const tlstream_error *
tlstream_pair_authorization_error(const tlstream_pair *pair);

/**
 * Return all that is wrong with the peer's certificates and name, the cause of
 * the rest first, each with the depth of its certificate in the chain; `count`
 * receives how many. NULL when there is nothing. Borrowed.
 *
 * Once nothing vouches for a chain of several certificates, a peer that is
 * refused for it is not looked at further; with `insecure_allow_unauthorized`
 * it is, unless CHAIN_TOO_COSTLY is among the errors.
 *
 * Since: 0.1
 */
TLSTREAM_API const tlstream_error *
tlstream_pair_authorization_errors(const tlstream_pair *pair, size_t *count);

/**
 * Where the answer of tlstream_pair_authorized(), yes or no, comes from.
 */
typedef enum tlstream_authorization_source {
  TLSTREAM_SOURCE_NONE,    /* it was asked for nothing, or showed nothing */
  TLSTREAM_SOURCE_CHAIN,   /* its certificates, verified in this handshake */
  TLSTREAM_SOURCE_DANE,    /* the same, by TLSA records */
  TLSTREAM_SOURCE_SESSION, /* those of an earlier connection, which this one
                              resumed; the name was checked again */
  TLSTREAM_SOURCE_PSK      /* a pre-shared key, which both sides have */
} tlstream_authorization_source;

/**
 * Return what the peer was judged by.
 *
 * Since: 0.1
 */
TLSTREAM_API tlstream_authorization_source
tlstream_pair_authorization_from(const tlstream_pair *pair);

/**
 * Return whether the handshake resumed a session of an earlier connection.
 * Always false before TLSTREAM_EVENT_SECURE.
 *
 * Since: 0.1
 */
TLSTREAM_API bool tlstream_pair_resumed(const tlstream_pair *pair);

/**
 * Return the protocol version, or TLSTREAM_VERSION_DEFAULT before it is known.
 *
 * Since: 0.1
 */
TLSTREAM_API tlstream_version
tlstream_pair_tls_version(const tlstream_pair *pair);

/**
 * Return the cipher suite's name as the options `ciphers` and `ciphersuites`
 * have it: "ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_AES_128_GCM_SHA256"; or NULL
 * before it is known.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_pair_cipher(const tlstream_pair *pair);

/**
 * Return the cipher suite's name in the standard, such as
 * "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", or NULL before it is known.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *
tlstream_pair_cipher_standard_name(const tlstream_pair *pair);

/**
 * Return the version that first had the cipher suite, "TLSv1.2" or "TLSv1.3",
 * or NULL before it is known.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *
tlstream_pair_cipher_version(const tlstream_pair *pair);

/**
 * Return the group of the key exchange as the option `groups` has it, "X25519"
 * or "P-256", or NULL before it is known or where there is none. In a
 * connection of TLS 1.2 that resumed a session it is that session's.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_pair_group(const tlstream_pair *pair);

/**
 * Return the size of the peer's ephemeral key in bits, 253 for X25519 and 256
 * for P-256, or 0 where it is not known: before the handshake is done, and to a
 * server in TLS 1.2. With tlstream_pair_group() it is Node's
 * getEphemeralKeyInfo(), whose type is "DH" for the groups named "ffdhe...".
 *
 * Since: 0.1
 */
TLSTREAM_API int tlstream_pair_ephemeral_key_bits(const tlstream_pair *pair);

/**
 * Return the scheme of our own signature in the handshake by its name in RFC
 * 8446, "ecdsa_secp256r1_sha256" or "rsa_pss_rsae_sha256", or NULL where we
 * signed nothing: without a certificate, and in a resumed connection.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *
tlstream_pair_own_signature_scheme(const tlstream_pair *pair);

/**
 * The same for the peer's signature.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *
tlstream_pair_peer_signature_scheme(const tlstream_pair *pair);

/**
 * Return the signature schemes that both sides allow, "a:b:c" in our order of
 * preference; "" where the peer named none, as servers do that request no
 * certificate. NULL when memory is out. Node's getSharedSigalgs().
 *
 * Ownership: the caller's; release with tlstream_free().
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED char *
tlstream_pair_shared_signature_schemes(const tlstream_pair *pair);

/**
 * Return the server name that the client asked for (SNI), or NULL. A client
 * chose these bytes: escape them before printing.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_pair_servername(const tlstream_pair *pair);

/**
 * Return the application protocol that both sides agreed on by ALPN, or NULL.
 * Borrowed.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_pair_alpn_protocol(const tlstream_pair *pair);

/**
 * Return the application protocol that the client picked by NPN, or NULL if
 * there was none, or none that is on both lists. Borrowed. In Node of 2011,
 * npnProtocol.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_pair_npn_protocol(const tlstream_pair *pair);

/**
 * Return the bytes that the client named by NPN, which need be on no list of a
 * server's and are not ended by a NUL; NULL if it named nothing. Without a
 * protocol in common a client names its own first one. Borrowed; never trust
 * them, escape them before printing.
 *
 * Since: 0.1
 */
TLSTREAM_API const void *tlstream_pair_npn_picked(const tlstream_pair *pair,
                                                  size_t *len);

/**
 * Return what a client found of the server's staple (OCSP). A resumed
 * connection has none: what the first one found is part of the session. Nor is
 * one looked at where the peer is not authorized anyway.
 *
 * Since: 0.1
 */
TLSTREAM_API tlstream_ocsp tlstream_pair_ocsp_status(const tlstream_pair *pair);

/**
 * Return the server's staple as it came, `len` bytes, or NULL. The server chose
 * these bytes: without TLSTREAM_OCSP_GOOD they prove nothing. Borrowed.
 *
 * Since: 0.1
 */
TLSTREAM_API const void *tlstream_pair_ocsp_response(const tlstream_pair *pair,
                                                     size_t *len);

/**
 * Return the peer's certificate, also one that was refused, or NULL if it sent
 * none.
 *
 * Ownership: a reference of the caller's own; release it.
 * Since: 0.1
 */
TLSTREAM_API tlstream_certificate *
tlstream_pair_peer_certificate(const tlstream_pair *pair);

/**
 * Return the certificate that our side presents, or NULL.
 *
 * Ownership: a reference of the caller's own; release it.
 * Since: 0.1
 */
TLSTREAM_API tlstream_certificate *
tlstream_pair_own_certificate(const tlstream_pair *pair);

/**
 * Return whether the transport has ended without the peer's close_notify: the
 * peer's data may be incomplete. With `insecure_allow_truncation`, this
 * distinguishes the two kinds of TLSTREAM_EVENT_END.
 *
 * Since: 0.1
 */
TLSTREAM_API bool tlstream_pair_truncated(const tlstream_pair *pair);

/**
 * Return whether the transport ended in the middle of a record: then something
 * that the peer sent is lost for certain. If a connection is truncated between
 * two records, all that arrived is whole, and only the peer's protocol says
 * whether more was to come.
 *
 * Since: 0.1
 */
TLSTREAM_API bool tlstream_pair_truncated_in_record(const tlstream_pair *pair);

/**
 * Return whether the last data went from the peer to us: some was read since
 * the last of ours left. If such a connection is truncated, an answer was under
 * way and may be incomplete.
 *
 * Since: 0.1
 */
TLSTREAM_API bool tlstream_pair_received_last(const tlstream_pair *pair);

#ifdef __cplusplus
}
#endif

#endif
