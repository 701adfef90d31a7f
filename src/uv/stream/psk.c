/* SPDX-License-Identifier: MIT */
/* A client offers a PSK: the answers that the user has for its identity. */
#include "uv/stream/answer.h"

#include <tlstream/stream_psk.h>

int tlstream_psk_accept(tlstream *stream, tlstream_bytes key,
                        tlstream_psk_hash hash) {
  int code = tlstream__answer_refuse(stream);
  if (code != 0) return code;
  return tlstream__answered(stream,
                            tlstream_pair_psk_accept(stream->pair, key, hash));
}

int tlstream_psk_refuse(tlstream *stream) {
  int code = tlstream__answer_refuse(stream);
  if (code != 0) return code;
  return tlstream__answered(stream, tlstream_pair_psk_refuse(stream->pair));
}

const char *tlstream_psk_identity(const tlstream *stream, size_t *len) {
  return tlstream_pair_psk_identity(stream->pair, len);
}

const char *tlstream_psk_hint(const tlstream *stream) {
  return tlstream_pair_psk_hint(stream->pair);
}
