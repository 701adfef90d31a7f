/* SPDX-License-Identifier: MIT */
/* One server, many host names: which context serves a client. */
#include "base/error.h"

#include <tlstream/pair_hello.h>
#include <tlstream/pair_info.h>

#include "core/context/context.h"
#include "uv/server/state.h"
#include "uv/stream/state.h"

int tlstream_server_add_context(tlstream_server *server, const char *pattern,
                                tlstream_context *context,
                                tlstream_error *error) {
  tlstream__error_clear(error);
  int code = tlstream__context_check_server(context, error);
  if (code != 0) return code;
  if (pattern == NULL) pattern = "";
  return tlstream__hosts_add(&server->names, pattern, context, error);
}

int tlstream_server_set_context(tlstream_server *server,
                                tlstream_context *context,
                                tlstream_error *error) {
  tlstream__error_clear(error);
  int code = tlstream__context_check_server(context, error);
  if (code != 0) return code;
  tlstream_context *before = server->context;
  server->context = tlstream_context_ref(context);
  tlstream_context_unref(before);
  return 0;
}

bool tlstream__server_asks(const tlstream_server *server) {
  return server->names.count > 0 || server->events->on_hello != NULL ||
         server->options.require_known_name;
}

/* The contexts that were added, then the server's own. */
int tlstream__server_answer_hello(tlstream *stream) {
  const tlstream_server *server = stream->owner_data;
  const char *name = tlstream_pair_servername(stream->pair);
  tlstream_context *context = tlstream_hosts_find(&server->names, name);
  if (context == NULL && server->options.require_known_name) {
    return tlstream_pair_hello_refuse(stream->pair,
                                      TLSTREAM_HELLO_UNKNOWN_NAME);
  }
  return tlstream_pair_hello_accept(stream->pair, context);
}

void tlstream__server_on_hello(tlstream *stream) {
  tlstream_server *server = stream->owner_data;
  if (server->events->on_hello != NULL) {
    server->events->on_hello(
        server, stream, tlstream_pair_servername(stream->pair), server->data);
  } else {
    (void)tlstream__server_answer_hello(stream);
  }
}
