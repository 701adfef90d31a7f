/* SPDX-License-Identifier: MIT */
/* The user's answers to the question whether a peer's certificate is accepted.
 */
#include "uv/stream/answer.h"

#include <tlstream/stream_verify.h>

int tlstream_verify_accept(tlstream *stream) {
  int code = tlstream__answer_refuse(stream);
  if (code != 0) return code;
  return tlstream__answered(stream, tlstream_pair_verify_accept(stream->pair));
}

int tlstream_verify_refuse(tlstream *stream, tlstream_verify_refusal reason,
                           const char *text) {
  int code = tlstream__answer_refuse(stream);
  if (code != 0) return code;
  return tlstream__answered(
      stream, tlstream_pair_verify_refuse(stream->pair, reason, text));
}
