/* SPDX-License-Identifier: MIT */
/* A ClientHello has arrived: the answers that the user has for it. */
#include "uv/stream/answer.h"

#include <tlstream/pair_hello.h>
#include <tlstream/stream_hello.h>

int tlstream_hello_accept(tlstream *stream, tlstream_context *context) {
  int code = tlstream__answer_refuse(stream);
  if (code != 0) return code;
  code = context == NULL && stream->owner->answer_hello != NULL
             ? stream->owner->answer_hello(stream)
             : tlstream_pair_hello_accept(stream->pair, context);
  return tlstream__answered(stream, code);
}

int tlstream_hello_refuse(tlstream *stream, tlstream_hello_refusal reason) {
  int code = tlstream__answer_refuse(stream);
  if (code != 0) return code;
  return tlstream__answered(stream,
                            tlstream_pair_hello_refuse(stream->pair, reason));
}

const void *tlstream_offered_protocols(const tlstream *stream, size_t *len) {
  return tlstream_pair_offered_protocols(stream->pair, len);
}
