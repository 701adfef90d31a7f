/* SPDX-License-Identifier: MIT */
/* A ClientHello has arrived: the answers that the user has for it. */
#include "uv/stream/state.h"

#include <tlstream/pair_ending.h>
#include <tlstream/pair_hello.h>
#include <tlstream/stream_hello.h>

/* Nothing may be answered any more. The owner is only known to be there while
 * the stream is open. The question may have waited for long: what the answer
 * begins must not be judged by the time it was asked. */
static int refuse_answer(const tlstream *stream) {
  if (tlstream__stream_is_over(stream)) return TLSTREAM_ERR_CLOSED;
  tlstream__pair_set_time(stream->pair, uv_now(stream->uv));
  bool over = tlstream_pair_error(stream->pair) != NULL ||
              tlstream_pair_is_finished(stream->pair);
  return over ? TLSTREAM_ERR_CLOSED : 0;
}

/* What fails by an answer that was taken is reported from the loop. */
static int answered(tlstream *stream, int code) {
  tlstream__stream_wake(stream);
  return tlstream_pair_error(stream->pair) != NULL ? 0 : code;
}

int tlstream_hello_accept(tlstream *stream, tlstream_context *context) {
  int code = refuse_answer(stream);
  if (code != 0) return code;
  code = context == NULL && stream->owner->answer_hello != NULL
             ? stream->owner->answer_hello(stream)
             : tlstream_pair_hello_accept(stream->pair, context);
  return answered(stream, code);
}

int tlstream_hello_refuse(tlstream *stream, tlstream_hello_refusal reason) {
  int code = refuse_answer(stream);
  if (code != 0) return code;
  return answered(stream, tlstream_pair_hello_refuse(stream->pair, reason));
}

const void *tlstream_offered_protocols(const tlstream *stream, size_t *len) {
  return tlstream_pair_offered_protocols(stream->pair, len);
}
