/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_STREAM_KEYS_H
#define TLSTREAM_STREAM_KEYS_H

/* <tlstream/pair_keys.h> for a stream: each function asks the stream's own
 * pair, with the same contract. */
#include <tlstream/pair_keys.h>
#include <tlstream/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Make keys for another protocol; see tlstream_pair_export_keying_material().
 *
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_export_keying_material(const tlstream *stream, const char *label,
                                const tlstream_bytes *context, void *out,
                                size_t len);

/**
 * Write a name of the connection; see tlstream_pair_channel_binding().
 *
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED ptrdiff_t tlstream_channel_binding(
    const tlstream *stream, tlstream_binding kind, void *out, size_t cap);

/**
 * Write our Finished message; see tlstream_pair_own_finished().
 *
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED ptrdiff_t
tlstream_own_finished(const tlstream *stream, void *out, size_t cap);

/**
 * Write the peer's Finished message; see tlstream_pair_peer_finished().
 *
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED ptrdiff_t
tlstream_peer_finished(const tlstream *stream, void *out, size_t cap);

#ifdef __cplusplus
}
#endif

#endif
