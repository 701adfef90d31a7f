/* SPDX-License-Identifier: MIT */
/* A transport whose methods are JavaScript's: any Duplex can carry TLS. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"

static connection *of(tlstream_transport *transport) {
  return (connection *)(void *)((char *)transport -
                                offsetof(connection, carrier));
}

/* Call a method that answers with a number. */
static int ask(connection *self, handler which, napi_value argument,
               size_t argc) {
  napi_env env = self->binding->env;
  napi_value owner = NULL;
  int32_t answer = UV_ECANCELED;
  if (napi_get_reference_value(env, self->owner, &owner) != napi_ok) {
    return answer;
  }
  napi_value result = binding_call(self->binding, self->async_context, which,
                                   owner, argc, &argument);
  if (result != NULL) napi_get_value_int32(env, result, &answer);
  return answer;
}

static bool is_gone(const connection *self) {
  return self->binding->dying || self->owner == NULL;
}

static int carry_write(tlstream_transport *transport, const void *data,
                       size_t len) {
  connection *self = of(transport);
  napi_handle_scope scope = NULL;
  if (is_gone(self)) return UV_ECANCELED;
  napi_open_handle_scope(self->binding->env, &scope);
  napi_value copy = make_bytes(self->binding->env, data, len);
  int status = copy != NULL ? ask(self, CARRIER_WRITE, copy, 1) : UV_ENOMEM;
  napi_close_handle_scope(self->binding->env, scope);
  return status;
}

static void tell_reading(connection *self, bool on) {
  napi_handle_scope scope = NULL;
  if (is_gone(self)) return;
  napi_open_handle_scope(self->binding->env, &scope);
  ask(self, CARRIER_READ, make_flag(self->binding->env, on), 1);
  napi_close_handle_scope(self->binding->env, scope);
}

static int carry_read_start(tlstream_transport *transport) {
  tell_reading(of(transport), true);
  return 0;
}

static void carry_read_stop(tlstream_transport *transport) {
  tell_reading(of(transport), false);
}

static void tell(connection *self, handler which) {
  napi_handle_scope scope = NULL;
  if (is_gone(self)) return;
  napi_open_handle_scope(self->binding->env, &scope);
  ask(self, which, NULL, 0);
  napi_close_handle_scope(self->binding->env, scope);
}

static void carry_shutdown(tlstream_transport *transport) {
  tell(of(transport), CARRIER_SHUTDOWN);
}

static void on_closed(uv_handle_t *closer) {
  connection *self = closer->data;
  tlstream_transport_closed(&self->carrier);
}

/* The answer may not come inside of the method, nor depend on JavaScript. */
static void carry_close(tlstream_transport *transport) {
  connection *self = of(transport);
  tell(self, CARRIER_CLOSE);
  uv_timer_init(self->binding->loop, &self->closer);
  self->closer.data = self;
  uv_close((uv_handle_t *)&self->closer, on_closed);
}

static const tlstream_transport_methods methods = {
    .write = carry_write,
    .read_start = carry_read_start,
    .read_stop = carry_read_stop,
    .shutdown = carry_shutdown,
    .close = carry_close,
};

tlstream *carrier_open(connection *self, const opening *how,
                       tlstream_error *error) {
  self->carrier.methods = &methods;
  return tlstream_over(
      self->binding->loop, &self->carrier,
      TLSTREAM_OVER(.role = how->role, .context = how->context,
                    .verify_name = how->verify_name,
                    .servername = how->servername, .head = how->head,
                    .timeouts = how->timeouts, .allow_half_open = true,
                    .choose_context = how->choose_context),
      &connection_events, self, error);
}

/*
 * What the Duplex has to tell. Inside a callback of the library's it cannot be
 * told: the answer is false then, and JavaScript tells it again in a turn of
 * its own.
 */
static connection *listener(napi_env env, napi_callback_info info,
                            napi_value *argument) {
  napi_value wrapper = NULL;
  if (!arguments(env, info, 1, argument, &wrapper)) return NULL;
  return held_or_throw(env, wrapper, KIND_CONNECTION);
}

static bool may_tell(const connection *self) {
  return self->binding->depth == 0;
}

static bool is_carried(const connection *self) {
  return self->stream != NULL && self->carrier.stream != NULL;
}

/* A copy, because what the input leads to may run JavaScript, which may give
 * the Buffer's memory away. */
static bool put_in(connection *self, tlstream_bytes bytes) {
  if (!is_carried(self) || bytes.len == 0) return true;
  void *copy = malloc(bytes.len);
  if (copy == NULL) return false;
  memcpy(copy, bytes.data, bytes.len);
  tlstream_transport_input(&self->carrier, copy, bytes.len);
  free(copy);
  return true;
}

napi_value carrier_input(napi_env env, napi_callback_info info) {
  napi_value argument = NULL;
  tlstream_bytes bytes = {NULL, 0};
  connection *self = listener(env, info, &argument);
  if (self == NULL || !bytes_of(env, argument, &bytes)) return NULL;
  if (!may_tell(self)) return make_flag(env, false);
  if (put_in(self, bytes)) return make_flag(env, true);
  napi_throw_error(env, "ERR_MEMORY_ALLOCATION_FAILED", "out of memory");
  return NULL;
}

napi_value carrier_eof(napi_env env, napi_callback_info info) {
  napi_value argument = NULL;
  connection *self = listener(env, info, &argument);
  if (self == NULL) return NULL;
  if (!may_tell(self)) return make_flag(env, false);
  if (is_carried(self)) tlstream_transport_eof(&self->carrier);
  return make_flag(env, true);
}

static int status_of(napi_env env, napi_value value) {
  int32_t status = UV_EIO;
  napi_get_value_int32(env, value, &status);
  return status <= 0 ? status : UV_EIO;
}

napi_value carrier_failed(napi_env env, napi_callback_info info) {
  napi_value argument = NULL;
  connection *self = listener(env, info, &argument);
  if (self == NULL) return NULL;
  if (!may_tell(self)) return make_flag(env, false);
  int status = status_of(env, argument);
  if (status == 0) status = UV_EIO;
  if (is_carried(self)) tlstream_transport_failed(&self->carrier, status);
  return make_flag(env, true);
}

napi_value carrier_written(napi_env env, napi_callback_info info) {
  napi_value argument = NULL;
  connection *self = listener(env, info, &argument);
  if (self == NULL) return NULL;
  if (!may_tell(self)) return make_flag(env, false);
  if (is_carried(self)) {
    tlstream_transport_written(&self->carrier, status_of(env, argument));
  }
  return make_flag(env, true);
}
