/* SPDX-License-Identifier: MIT */
#include "uv/stream/answer.h"

#include <tlstream/pair_ending.h>

/* The owner is only known to be there while the stream is open. */
int tlstream__answer_refuse(const tlstream *stream) {
  if (tlstream__stream_is_over(stream)) return TLSTREAM_ERR_CLOSED;
  tlstream__pair_set_time(stream->pair, uv_now(stream->uv));
  bool over = tlstream_pair_error(stream->pair) != NULL ||
              tlstream_pair_is_finished(stream->pair);
  return over ? TLSTREAM_ERR_CLOSED : 0;
}

int tlstream__answered(tlstream *stream, int code) {
  tlstream__stream_wake(stream);
  return tlstream_pair_error(stream->pair) != NULL ? 0 : code;
}
