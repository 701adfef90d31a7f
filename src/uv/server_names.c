/* SPDX-License-Identifier: MIT */
/* One server, many host names: which context serves a client. */
#include "base/error.h"
#include "core/context.h"
#include "uv/server_state.h"
#include "uv/stream_state.h"

int tlstream__server_check_context(const tlstream_context *context,
                                   tlstream_error *error) {
  if (context != NULL && context->has_certificate) return 0;
  return tlstream__error_set(
      error, TLSTREAM_ERR_NO_CERTIFICATE,
      "a server needs a context with a certificate and its key (`cert_file` "
      "and `key_file`)");
}

int tlstream_server_add_context(tlstream_server *server, const char *pattern,
                                tlstream_context *context,
                                tlstream_error *error) {
  tlstream__error_clear(error);
  int code = tlstream__server_check_context(context, error);
  if (code != 0) return code;
  if (pattern == NULL) pattern = "";
  return tlstream__sni_add(&server->names, pattern, context, error);
}

int tlstream_server_set_context(tlstream_server *server,
                                tlstream_context *context,
                                tlstream_error *error) {
  tlstream__error_clear(error);
  int code = tlstream__server_check_context(context, error);
  if (code != 0) return code;
  tlstream_context *before = server->context;
  server->context = tlstream_context_ref(context);
  tlstream_context_unref(before);
  return 0;
}

bool tlstream__server_asks(const tlstream_server *server) {
  return server->names.count > 0 || server->events->on_sni != NULL ||
         server->options.require_known_name;
}

/* The contexts that were added, then the server's own. */
static int answer_by_name(tlstream *stream) {
  const tlstream_server *server = stream->owner_data;
  const char *name = tlstream_pair_servername(stream->pair);
  tlstream_context *context =
      name != NULL ? tlstream__sni_find(&server->names, name) : NULL;
  if (context == NULL && server->options.require_known_name) {
    return tlstream_pair_refuse_hello(stream->pair);
  }
  return tlstream_pair_answer_hello(stream->pair, context);
}

void tlstream__server_on_hello(tlstream *stream) {
  tlstream_server *server = stream->owner_data;
  if (server->events->on_sni != NULL) {
    server->events->on_sni(
        server, stream, tlstream_pair_servername(stream->pair), server->data);
  } else {
    (void)answer_by_name(stream);
  }
}

/* Nothing may be answered any more, or never could be. The owner is only
 * known to be there while the stream is open. The question may have waited for
 * long: what the answer begins must not be judged by the time it was asked. */
static int refuse_answer(const tlstream *stream) {
  if (stream->closing || stream->destroyed) return TLSTREAM_ERR_CLOSED;
  if (stream->owner->on_hello == NULL) return TLSTREAM_ERR_WRONG_STATE;
  tlstream_pair_tick(stream->pair, uv_now(stream->uv));
  return tlstream_pair_error(stream->pair) != NULL ? TLSTREAM_ERR_CLOSED : 0;
}

/* What fails by an answer that was taken is told by on_client_error. */
static int answered(tlstream *stream, int code) {
  tlstream__stream_wake(stream);
  return tlstream_pair_error(stream->pair) != NULL ? 0 : code;
}

int tlstream_sni_answer(tlstream *stream, tlstream_context *context) {
  int code = refuse_answer(stream);
  if (code != 0) return code;
  code = context != NULL ? tlstream_pair_answer_hello(stream->pair, context)
                         : answer_by_name(stream);
  return answered(stream, code);
}

int tlstream_sni_refuse(tlstream *stream) {
  int code = refuse_answer(stream);
  if (code != 0) return code;
  return answered(stream, tlstream_pair_refuse_hello(stream->pair));
}
