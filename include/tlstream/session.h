/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_SESSION_H
#define TLSTREAM_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include <tlstream/error.h>
#include <tlstream/export.h>
#include <tlstream/policy.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What a client keeps of a connection to connect to the same server again with
 * a shorter handshake, without certificates: `on_session` and
 * tlstream_pair_take_session() have them, the option `session` uses them.
 *
 * A session belongs to what it was made with: the name that was verified, the
 * server name that was sent, and the context's credentials, trust, versions,
 * suites and verification. Where any of these differs, or when it, or a
 * certificate of the chain that was verified, has expired, it is not offered,
 * and the handshake is a full one. So a session that was made without
 * verification is of no use where peers are verified.
 *
 * A session is as secret as a key: whoever has it can take the server's place
 * in a connection that resumes it, and read connections of TLS 1.2 that did.
 *
 * Ownership: reference counted.
 * Thread: any.
 */
typedef struct tlstream_session tlstream_session;

/**
 * Take another reference, and return the session.
 *
 * Since: 0.1
 */
TLSTREAM_API tlstream_session *tlstream_session_ref(tlstream_session *session);

/**
 * Give a reference back; the last one wipes and frees the session. NULL is a
 * no-op.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_session_unref(tlstream_session *session);

/**
 * Return the name that the server's certificate was for, in lower case, or ""
 * if none was verified. Borrowed.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_session_name(const tlstream_session *session);

/**
 * Return the version of TLS that it is for: no other resumes it.
 *
 * Since: 0.1
 */
TLSTREAM_API tlstream_version
tlstream_session_tls_version(const tlstream_session *session);

/**
 * Return from when on it is not offered any more, in seconds since 1970: the
 * server's limit for it, seven days at most, two hours if a server of TLS 1.2
 * names none, or the end of the first certificate or list of revoked ones that
 * the server was verified with.
 *
 * Since: 0.1
 */
TLSTREAM_API long long
tlstream_session_expires(const tlstream_session *session);

/**
 * Return whether it is good for one connection only. Sessions of TLS 1.3 are:
 * used twice, they would show an observer that both connections are the same
 * client's (RFC 8446, appendix C.4). Servers send several, or a new one with
 * each connection.
 *
 * Since: 0.1
 */
TLSTREAM_API bool
tlstream_session_is_single_use(const tlstream_session *session);

/**
 * Return whether it is for one connection only and that has been: it is not
 * offered again.
 *
 * Since: 0.1
 */
TLSTREAM_API bool tlstream_session_is_used(const tlstream_session *session);

/**
 * Write the session to bytes that tlstream_session_parse() reads, in this
 * program or another; `len` receives how many. NULL when memory is out.
 *
 * The bytes are secret, and nothing in them is encrypted: give a file mode 0600
 * and a short life. Whether the session has been used is not part of them.
 *
 * Ownership: the caller's; release with tlstream_free_secret(), which wipes
 * them.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED void *
tlstream_session_serialize(const tlstream_session *session, size_t *len);

/**
 * Make a session of the bytes that tlstream_session_serialize() wrote. They
 * must be all there and as they were. Whether it fits is seen where it is used.
 *
 * On failure the result is NULL and `error`, which may be NULL, has the reason.
 *
 * Ownership: release with tlstream_session_unref(). `data` is borrowed.
 * Errors: BAD_SESSION, SESSION_FORMAT (another version of the library wrote
 * it), NO_MEMORY.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED tlstream_session *
tlstream_session_parse(const void *data, size_t len, tlstream_error *error);

#ifdef __cplusplus
}
#endif

#endif
