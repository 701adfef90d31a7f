/* SPDX-License-Identifier: MIT */
/* What other protocols take from a stream's connection: its pair's to make. */
#include <tlstream/stream_keys.h>

#include "uv/stream/state.h"

int tlstream_export_keying_material(const tlstream *stream, const char *label,
                                    const tlstream_bytes *context, void *out,
                                    size_t len) {
  return tlstream_pair_export_keying_material(stream->pair, label, context, out,
                                              len);
}

ptrdiff_t tlstream_channel_binding(const tlstream *stream,
                                   tlstream_binding kind, void *out,
                                   size_t cap) {
  return tlstream_pair_channel_binding(stream->pair, kind, out, cap);
}

ptrdiff_t tlstream_own_finished(const tlstream *stream, void *out, size_t cap) {
  return tlstream_pair_own_finished(stream->pair, out, cap);
}

ptrdiff_t tlstream_peer_finished(const tlstream *stream, void *out,
                                 size_t cap) {
  return tlstream_pair_peer_finished(stream->pair, out, cap);
}
