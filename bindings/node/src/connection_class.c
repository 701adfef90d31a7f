/* SPDX-License-Identifier: MIT */
/* new Connection(owner, options): its constructor and its methods. */
#include <stdlib.h>
#include <string.h>

#include <tlstream/pair_hello.h>
#include <tlstream/stream_hello.h>

#include "connection.h"
#include "context.h"

static bool read_options(napi_env env, napi_value from,
                         connection_options *out) {
  napi_value context = NULL;
  *out = (connection_options){
      .role = flag(env, from, "isServer") ? TLSTREAM_ROLE_SERVER
                                          : TLSTREAM_ROLE_CLIENT,
      .choose_context = flag(env, from, "chooseContext"),
      .timeouts.handshake_ms = number(env, from, "handshakeTimeout"),
      .timeouts.send_ms = TLSTREAM_NO_TIMEOUT,
      .timeouts.half_closed_ms = TLSTREAM_NO_TIMEOUT,
      .timeouts.shutdown_ms = number(env, from, "shutdownTimeout"),
  };
  if (property(env, from, "context", &context)) {
    out->context = context_of(env, context);
    if (out->context == NULL) return false;
  }
  return text(env, from, "verifyName", &out->verify_name) &&
         text(env, from, "servername", &out->servername) &&
         bytes(env, from, "head", &out->head);
}

static tlstream *open_transport(connection *self, napi_value from,
                                const connection_options *options,
                                tlstream_error *error) {
  napi_value fd = NULL;
  int32_t number = -1;
  if (!property(self->binding->env, from, "fd", &fd)) {
    return js_transport_open(self, options, error);
  }
  napi_get_value_int32(self->binding->env, fd, &number);
  return descriptor_open(self, number, options, error);
}

static bool open_stream(connection *self, napi_value owner, napi_value from) {
  napi_env env = self->binding->env;
  tlstream_error error = {0};
  connection_options options;
  bool done =
      read_options(env, from, &options) && connection_keep_owner(self, owner);
  if (done) {
    self->stream = open_transport(self, from, &options, &error);
    done = self->stream != NULL;
    if (!done) throw_error(env, &error);
  }
  free(options.verify_name);
  free(options.servername);
  return done;
}

static napi_value construct(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  napi_value wrapper = NULL;
  if (!arguments(env, info, 2, argv, &wrapper)) return failed(env);
  connection *self = connection_new(env, wrapper);
  if (self == NULL) return failed(env);
  if (!open_stream(self, argv[0], argv[1])) {
    connection_release_owner(self);
    return failed(env);
  }
  connection_opened(self);
  return wrapper;
}

/* A method without arguments: call `action` if the stream is open. */
static napi_value act(napi_env env, napi_callback_info info,
                      void (*action)(tlstream *stream)) {
  connection *self = connection_this(env, info, 0, NULL);
  if (self != NULL) action(self->stream);
  return NULL;
}

static void end_action(tlstream *stream) {
  tlstream_end(stream);
  tlstream_request_flushed(stream);
  tlstream_flush(stream);
}

/* As with Node's sockets, the peer may take and answer as slowly as it likes:
 * see the timeouts above. */
static napi_value end(napi_env env, napi_callback_info info) {
  return act(env, info, end_action);
}

/* From here on it is the library's, and does not keep the process running. */
static void close_action(tlstream *stream) {
  tlstream_keep_loop_alive(stream, false);
  tlstream_close(stream);
}

static napi_value close_method(napi_env env, napi_callback_info info) {
  return act(env, info, close_action);
}

static napi_value destroy(napi_env env, napi_callback_info info) {
  connection *self = connection_this(env, info, 0, NULL);
  if (self == NULL) return NULL;
  descriptor_hold(self);
  tlstream_destroy(self->stream);
  return NULL;
}

static napi_value pause_method(napi_env env, napi_callback_info info) {
  return act(env, info, tlstream_pause);
}

static napi_value resume(napi_env env, napi_callback_info info) {
  return act(env, info, tlstream_resume);
}

static void refuse_name_action(tlstream *stream) {
  tlstream_hello_refuse(stream, TLSTREAM_HELLO_UNKNOWN_NAME);
}

static napi_value refuse_name(napi_env env, napi_callback_info info) {
  return act(env, info, refuse_name_action);
}

static void refuse_protocol_action(tlstream *stream) {
  tlstream_hello_refuse(stream, TLSTREAM_HELLO_NO_PROTOCOL);
}

static napi_value refuse_protocol(napi_env env, napi_callback_info info) {
  return act(env, info, refuse_protocol_action);
}

static napi_value keep_alive(napi_env env, napi_callback_info info) {
  napi_value keep = NULL;
  bool wanted = true;
  connection *self = connection_this(env, info, 1, &keep);
  if (self == NULL) return NULL;
  TRY(napi_get_value_bool(env, keep, &wanted));
  tlstream_keep_loop_alive(self->stream, wanted);
  return NULL;
}

/* acceptHello(context): null keeps the context that it was opened with. */
static napi_value accept_hello(napi_env env, napi_callback_info info) {
  napi_value value = NULL;
  napi_valuetype type = napi_undefined;
  tlstream_context *context = NULL;
  connection *self = connection_this(env, info, 1, &value);
  if (self == NULL) return NULL;
  TRY(napi_typeof(env, value, &type));
  if (type != napi_null && (context = context_of(env, value)) == NULL) {
    return NULL;
  }
  return make_number(env, tlstream_hello_accept(self->stream, context));
}

static const method own_methods[] = {
    {"acceptHello", accept_hello},
    {"close", close_method},
    {"destroy", destroy},
    {"end", end},
    {"keepAlive", keep_alive},
    {"pause", pause_method},
    {"refuseName", refuse_name},
    {"refuseProtocol", refuse_protocol},
    {"resume", resume},
    {"write", connection_write},
    {"transportEof", js_transport_eof},
    {"transportFailed", js_transport_failed},
    {"transportInput", js_transport_input},
    {"transportWritten", js_transport_written},
};

enum { OWN = sizeof(own_methods) / sizeof(own_methods[0]), MOST = 48 };

bool define_connection(napi_env env, napi_value exports) {
  method all[MOST];
  memcpy(all, own_methods, sizeof(own_methods));
  memcpy(all + OWN, info_methods, info_method_count * sizeof(method));
  memcpy(all + OWN + info_method_count, socket_methods,
         socket_method_count * sizeof(method));
  return define_class(env, exports, "Connection", construct, all,
                      OWN + info_method_count + socket_method_count);
}
