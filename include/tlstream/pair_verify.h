/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_PAIR_VERIFY_H
#define TLSTREAM_PAIR_VERIFY_H

/* The application's own judgement of a peer's certificate, which a pair with
 * `ask_verify` awaits after its own. It can refuse a peer that would be
 * accepted, and never the other way round. */
#include <tlstream/pair.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Answer TLSTREAM_EVENT_VERIFY: go on with this peer. What has been found about
 * its certificate stays as it is: a peer that only
 * `insecure_allow_unauthorized` lets in is still not authorized.
 *
 * The answer may come at any time after the event; the handshake's deadline
 * goes on meanwhile. Until then tlstream_pair_peer_certificate() returns the
 * certificate and its chain, and tlstream_pair_authorization_errors() what is
 * wrong with them. Returns 0 or an error.
 *
 * Errors: WRONG_STATE (there is no question, or it has been answered), or the
 * pair's error.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_pair_verify_accept(tlstream_pair *pair);

/**
 * Why a peer's certificate is refused, and with which alert (RFC 8446,
 * section 6.2).
 */
typedef enum tlstream_verify_refusal {
  TLSTREAM_VERIFY_UNACCEPTABLE, /* for no reason of TLS: certificate_unknown */
  TLSTREAM_VERIFY_BAD,          /* it is not as it must be: bad_certificate */
  TLSTREAM_VERIFY_REVOKED,      /* it was withdrawn: certificate_revoked */
  TLSTREAM_VERIFY_DENIED        /* it is good, and its owner may not come in:
                                   access_denied; a client sends
                                   certificate_unknown, because OpenSSL has no
                                   call for the other */
} tlstream_verify_refusal;

/**
 * Answer TLSTREAM_EVENT_VERIFY: the peer is refused. It gets the alert that
 * belongs to `reason`, unless the connection resumed a session: then a client,
 * and a server in TLS 1.2, close it without one. The pair fails with
 * REFUSED_BY_VERIFY, which is also the first of its authorization errors; its
 * message has `text`, escaped, which may be NULL.
 *
 * Returns 0 or an error.
 *
 * Errors: WRONG_STATE (there is no question, or it has been answered),
 * INVALID_ARGUMENT (no such reason; the question is still open), or the pair's
 * error.
 * Since: 0.1
 */
TLSTREAM_API int tlstream_pair_verify_refuse(tlstream_pair *pair,
                                             tlstream_verify_refusal reason,
                                             const char *text);

#ifdef __cplusplus
}
#endif

#endif
