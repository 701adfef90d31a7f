/* SPDX-License-Identifier: MIT */
/* A ClientHello has arrived: the answers that the user has for it, and what
 * concerns sessions. */
#include "uv/stream/answer.h"

#include <tlstream/pair_hello.h>
#include <tlstream/pair_lookup.h>
#include <tlstream/stream_hello.h>
#include <tlstream/stream_lookup.h>

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

int tlstream_lookup_answer(tlstream *stream, tlstream_bytes session) {
  int code = tlstream__answer_refuse(stream);
  if (code != 0) return code;
  return tlstream__answered(stream,
                            tlstream_pair_lookup_answer(stream->pair, session));
}

static tlstream_bytes id_of(const tlstream *stream) {
  tlstream_bytes id = {NULL, 0};
  id.data = tlstream_pair_session_id(stream->pair, &id.len);
  return id;
}

void tlstream__emit_session_lookup(tlstream *stream) {
  if (stream->owner->on_session_lookup != NULL) {
    stream->owner->on_session_lookup(stream, id_of(stream));
  } else if (stream->events->on_session_lookup != NULL) {
    stream->events->on_session_lookup(stream, id_of(stream), stream->data);
  } else {
    (void)!tlstream_lookup_answer(stream, (tlstream_bytes){NULL, 0});
  }
}

void tlstream__emit_session_made(tlstream *stream) {
  tlstream_bytes made = {NULL, 0};
  made.data = tlstream_pair_made_session(stream->pair, &made.len);
  if (made.data == NULL) return;
  if (stream->owner->on_session_made != NULL) {
    stream->owner->on_session_made(stream, id_of(stream), made);
  } else if (stream->events->on_session_made != NULL) {
    stream->events->on_session_made(stream, id_of(stream), made, stream->data);
  }
}

/* Those that come while there is no callback for them are not kept. */
void tlstream__emit_sessions(tlstream *stream) {
  tlstream_session *next = NULL;
  while ((next = tlstream_pair_take_session(stream->pair)) != NULL) {
    if (stream->events->on_session != NULL &&
        !tlstream__stream_is_over(stream)) {
      stream->events->on_session(stream, next, stream->data);
    }
    tlstream_session_unref(next);
  }
}
