/* SPDX-License-Identifier: MIT */
/* new Connection(owner, options): its constructor and its methods. */
#include <stdlib.h>
#include <string.h>

#include <tlstream/pair_hello.h>
#include <tlstream/stream_hello.h>

#include "connection.h"
#include "context.h"

static bool read_opening(napi_env env, napi_value options, opening *how) {
  napi_value context = NULL;
  *how = (opening){
      .role = flag(env, options, "isServer") ? TLSTREAM_ROLE_SERVER
                                             : TLSTREAM_ROLE_CLIENT,
      .choose_context = flag(env, options, "chooseContext"),
      .timeouts.handshake_ms = number(env, options, "handshakeTimeout"),
      .timeouts.shutdown_ms = number(env, options, "shutdownTimeout"),
  };
  if (property(env, options, "context", &context)) {
    how->context = context_of(env, context);
    if (how->context == NULL) return false;
  }
  return text(env, options, "verifyName", &how->verify_name) &&
         text(env, options, "servername", &how->servername) &&
         bytes(env, options, "head", &how->head);
}

static tlstream *begin(connection *self, napi_value options, const opening *how,
                       tlstream_error *error) {
  napi_value fd = NULL;
  int32_t number = -1;
  if (!property(self->binding->env, options, "fd", &fd)) {
    return carrier_open(self, how, error);
  }
  napi_get_value_int32(self->binding->env, fd, &number);
  return descriptor_open(self, number, how, error);
}

static bool open_stream(connection *self, napi_value owner,
                        napi_value options) {
  napi_env env = self->binding->env;
  tlstream_error error = {0};
  opening how;
  bool done = read_opening(env, options, &how) && connection_keep_owner(self, owner);
  if (done) {
    self->stream = begin(self, options, &how, &error);
    done = self->stream != NULL;
    if (!done) throw_error(env, &error);
  }
  free(how.verify_name);
  free(how.servername);
  return done;
}

/* new Connection(owner, options) */
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

static void end_stream(tlstream *stream) {
  tlstream_end(stream);
  tlstream_request_flushed(stream);
  tlstream_flush(stream);
}

static napi_value end(napi_env env, napi_callback_info info) {
  connection *self = connection_this(env, info);
  if (self == NULL) return NULL;
  tlstream_set_half_open(self->stream, false);
  end_stream(self->stream);
  return NULL;
}

/* The peer may go on after our end for as long as it likes. */
static napi_value end_half(napi_env env, napi_callback_info info) {
  connection *self = connection_this(env, info);
  if (self == NULL) return NULL;
  end_stream(self->stream);
  return NULL;
}

static napi_value destroy(napi_env env, napi_callback_info info) {
  connection *self = connection_this(env, info);
  if (self != NULL) tlstream_destroy(self->stream);
  return NULL;
}

static napi_value pause_it(napi_env env, napi_callback_info info) {
  connection *self = connection_this(env, info);
  if (self != NULL) tlstream_pause(self->stream);
  return NULL;
}

static napi_value resume(napi_env env, napi_callback_info info) {
  connection *self = connection_this(env, info);
  if (self != NULL) tlstream_resume(self->stream);
  return NULL;
}

static napi_value keep_alive(napi_env env, napi_callback_info info) {
  napi_value keep = NULL;
  napi_value wrapper = NULL;
  bool wanted = true;
  if (!arguments(env, info, 1, &keep, &wrapper)) return failed(env);
  connection *self = held_or_throw(env, wrapper, KIND_CONNECTION);
  if (self == NULL || self->stream == NULL) return NULL;
  TRY(napi_get_value_bool(env, keep, &wanted));
  tlstream_keep_loop_alive(self->stream, wanted);
  return NULL;
}

/* answer(context): null leaves it to the context that it was opened with. */
static napi_value answer(napi_env env, napi_callback_info info) {
  napi_value value = NULL;
  napi_value wrapper = NULL;
  napi_valuetype type = napi_undefined;
  tlstream_context *context = NULL;
  if (!arguments(env, info, 1, &value, &wrapper)) return failed(env);
  connection *self = held_or_throw(env, wrapper, KIND_CONNECTION);
  if (self == NULL || self->stream == NULL) return NULL;
  TRY(napi_typeof(env, value, &type));
  if (type != napi_null && (context = context_of(env, value)) == NULL) {
    return NULL;
  }
  return make_number(env, tlstream_hello_accept(self->stream, context));
}

static napi_value refuse_name(napi_env env, napi_callback_info info) {
  connection *self = connection_this(env, info);
  if (self != NULL)
    tlstream_hello_refuse(self->stream, TLSTREAM_HELLO_UNKNOWN_NAME);
  return NULL;
}

static napi_value refuse_protocol(napi_env env, napi_callback_info info) {
  connection *self = connection_this(env, info);
  if (self != NULL)
    tlstream_hello_refuse(self->stream, TLSTREAM_HELLO_NO_PROTOCOL);
  return NULL;
}

static const method own_methods[] = {
    {"write", connection_write}, {"end", end},
    {"endHalf", end_half},       {"destroy", destroy},
    {"pause", pause_it},         {"resume", resume},
    {"keepAlive", keep_alive},   {"answer", answer},
    {"refuseName", refuse_name}, {"refuseProtocol", refuse_protocol},
    {"input", carrier_input},    {"eof", carrier_eof},
    {"failed", carrier_failed},  {"written", carrier_written},
};

enum { OWN = sizeof(own_methods) / sizeof(own_methods[0]), MOST = 40 };

bool define_connection(napi_env env, napi_value exports) {
  method all[MOST];
  memcpy(all, own_methods, sizeof(own_methods));
  memcpy(all + OWN, fact_methods, fact_method_count * sizeof(method));
  return define_class(env, exports, "Connection", construct, all,
                      OWN + fact_method_count);
}
