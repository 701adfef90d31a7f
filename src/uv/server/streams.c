/* SPDX-License-Identifier: MIT */
/* The streams of a server: how they are made, and what they report to it. */
#include <tlstream/stream_info.h>
#include <tlstream/stream_lookup.h>
#include <tlstream/stream_psk.h>

#include "base/error.h"
#include "uv/server/state.h"
#include "uv/stream/state.h"

static tlstream_server *server_of(const tlstream *stream) {
  return stream->owner_data;
}

static void on_stream_secure(tlstream *stream) {
  tlstream_server *server = server_of(stream);
  tlstream__server_handshake_done(stream);
  tlstream__server_count_done(server, stream);
  if (server->events->on_connection != NULL) {
    server->events->on_connection(server, stream, server->data);
  }
}

static void emit_client_error(tlstream_server *server,
                              const tlstream_address *address,
                              const tlstream_error *error) {
  if (server->events->on_client_error != NULL) {
    server->events->on_client_error(server, address, error, server->data);
  }
}

static bool on_stream_psk(tlstream *stream) {
  size_t len = 0;
  tlstream_server *server = server_of(stream);
  const char *identity = tlstream_psk_identity(stream, &len);
  if (server->events->on_psk == NULL) return false;
  server->events->on_psk(server, stream, identity, len, server->data);
  return true;
}

static bool asks_verify(const tlstream *stream) {
  return server_of(stream)->events->on_verify != NULL;
}

static void on_stream_verify(tlstream *stream) {
  tlstream_server *server = server_of(stream);
  server->events->on_verify(server, stream, server->data);
}

static void on_stream_failed(tlstream *stream, const tlstream_error *error) {
  tlstream_address address = {.host = ""};
  tlstream__server_handshake_done(stream);
  tlstream__server_count_failed(server_of(stream), error);
  (void)tlstream_remote_address(stream, &address);
  emit_client_error(server_of(stream), &address, error);
}

static void on_stream_closed(tlstream *stream) {
  tlstream__server_count_closed(server_of(stream), stream);
  tlstream__server_list_remove(stream);
}

static void on_session_lookup(tlstream *stream, tlstream_bytes id) {
  tlstream_server *server = server_of(stream);
  if (server->events->on_session_lookup != NULL) {
    server->events->on_session_lookup(server, stream, id, server->data);
  } else {
    (void)!tlstream_lookup_answer(stream, (tlstream_bytes){NULL, 0});
  }
}

static void on_session_made(tlstream *stream, tlstream_bytes id,
                            tlstream_bytes session) {
  tlstream_server *server = server_of(stream);
  if (server->events->on_session_made != NULL) {
    server->events->on_session_made(server, stream, id, session, server->data);
  }
}

static bool keeps_sessions(const tlstream_server *server) {
  return server->events->on_session_lookup != NULL ||
         server->events->on_session_made != NULL;
}

static const tlstream__owner owner = {
    .may_begin = tlstream__server_may_begin,
    .on_hello = tlstream__server_on_hello,
    .answer_hello = tlstream__server_answer_hello,
    .on_session_lookup = on_session_lookup,
    .on_session_made = on_session_made,
    .on_psk = on_stream_psk,
    .asks_verify = asks_verify,
    .on_verify = on_stream_verify,
    .on_secure = on_stream_secure,
    .on_failed = on_stream_failed,
    .on_closed = on_stream_closed,
};

static tlstream_pair *make_pair(tlstream_server *server) {
  const tlstream_server_options *options = &server->options;
  return tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER, .context = server->context,
                    .choose_context = tlstream__server_asks(server),
                    .external_sessions = keeps_sessions(server),
                    .timeouts = options->timeouts),
      uv_now(server->loop->uv), NULL);
}

tlstream *tlstream__server_stream(tlstream_server *server) {
  tlstream_pair *pair = make_pair(server);
  tlstream *stream = pair != NULL ? tlstream__stream_new(server->loop->uv, pair,
                                                         &owner, server)
                                  : NULL;
  if (stream == NULL) {
    tlstream_pair_free(pair);
    return NULL;
  }
  tlstream__pair_hold_hello(pair);
  if (server->options.high_water_mark != 0) {
    stream->high_water = server->options.high_water_mark;
  }
  stream->allow_half_open = server->options.allow_half_open;
  return stream;
}

void tlstream__server_begin(tlstream *stream, tlstream__handle *handle) {
  tlstream__server_list_insert(stream);
  server_of(stream)->counters.accepted++;
  tlstream__stream_begin(stream, &handle->base);
}

static void report_no_memory(tlstream_server *server,
                             tlstream__handle *handle) {
  tlstream_address address = {.host = ""};
  tlstream_error error;
  tlstream__error_plain(&error, TLSTREAM_ERR_NO_MEMORY);
  server->counters.refused++;
  handle->base.methods->remote_address(&handle->base, &address);
  tlstream__handle_discard(handle);
  emit_client_error(server, &address, &error);
}

void tlstream__server_add_connection(tlstream_server *server,
                                     tlstream__handle *handle) {
  tlstream *stream = tlstream__server_stream(server);
  if (stream != NULL) {
    tlstream__server_begin(stream, handle);
  } else {
    report_no_memory(server, handle);
  }
}

void tlstream__server_for_each(tlstream_server *server,
                               void (*what)(tlstream *)) {
  for (int i = 0; i < TLSTREAM__PHASES; i++) {
    for (tlstream *each = server->streams[i].first; each != NULL;
         each = each->owner_next)
      what(tlstream__stream_top(each));
  }
}
