/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_STREAM_LOOKUP_H
#define TLSTREAM_STREAM_LOOKUP_H

#include <tlstream/bytes.h>
#include <tlstream/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Answer `on_session_lookup` with the bytes that were stored under that id, or
 * with none; see tlstream_pair_lookup_answer().
 *
 * Returns 0 or an error.
 *
 * Callbacks: those of the handshake that goes on, from the loop.
 * Errors: WRONG_STATE (there is no question, or it has been answered), CLOSED.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_lookup_answer(tlstream *stream, tlstream_bytes session);

#ifdef __cplusplus
}
#endif

#endif
