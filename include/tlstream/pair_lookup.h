/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_PAIR_LOOKUP_H
#define TLSTREAM_PAIR_LOOKUP_H

#include <tlstream/bytes.h>
#include <tlstream/pair.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Sessions of TLS 1.2 that are kept outside of the process, by the id that the
 * server gave them, for clients that take no tickets: see the option
 * `external_sessions`. Clients with tickets, and those of TLS 1.3, need none of
 * it: share ticket keys instead (<tlstream/ticket_keys.h>).
 */

/**
 * Return the id of a session: what the client gave, at
 * TLSTREAM_EVENT_SESSION_LOOKUP, and what it was given, at
 * TLSTREAM_EVENT_SESSION_MADE. At most 32 bytes; NULL, and 0 for `len`, without
 * either. A client can give any bytes. Borrowed.
 *
 * Since: 0.1
 */
TLSTREAM_API const void *tlstream_pair_session_id(const tlstream_pair *pair,
                                                  size_t *len);

/**
 * Answer TLSTREAM_EVENT_SESSION_LOOKUP with the bytes that were stored under
 * that id, or with none.
 *
 * The answer may come at any time after the event; the handshake's deadline
 * goes on meanwhile. Bytes that are no session, one of another id, of other
 * trust, credentials or policy, or one that is over lead to a full handshake,
 * as none do. The store is trusted: who can write to it can take any client's
 * place. Returns 0 or an error. `session` is copied.
 *
 * Errors: WRONG_STATE (there is no question, or it has been answered), or the
 * pair's error.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_pair_lookup_answer(tlstream_pair *pair, tlstream_bytes session);

/**
 * Return the session to be stored under tlstream_pair_session_id(), at
 * TLSTREAM_EVENT_SESSION_MADE, for `ticket_lifetime_s` of the context; NULL,
 * and 0 for `len`, without that event. As secret as a key. Borrowed: wiped when
 * the next event is asked for.
 *
 * Since: 0.1
 */
TLSTREAM_API const void *tlstream_pair_made_session(const tlstream_pair *pair,
                                                    size_t *len);

#ifdef __cplusplus
}
#endif

#endif
