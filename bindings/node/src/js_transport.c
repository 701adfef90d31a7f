/* SPDX-License-Identifier: MIT */
/* A transport whose methods are JavaScript functions: TLS over any Duplex. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"

static connection *of(tlstream_transport *transport) {
  return (connection *)(void *)((char *)transport -
                                offsetof(connection, js_transport));
}

/* Call a method that returns a number. */
static int call_number(connection *self, handler which, napi_value argument,
                       size_t argc) {
  napi_env env = self->binding->env;
  napi_value owner = NULL;
  int32_t number = UV_ECANCELED;
  if (napi_get_reference_value(env, self->owner, &owner) != napi_ok) {
    return number;
  }
  napi_value result = binding_call(self->binding, self->async_context, which,
                                   owner, argc, &argument);
  if (result != NULL) napi_get_value_int32(env, result, &number);
  return number;
}

static bool is_gone(const connection *self) {
  return self->binding->dying || self->owner == NULL;
}

static int write_method(tlstream_transport *transport, const void *data,
                        size_t len) {
  connection *self = of(transport);
  napi_handle_scope scope = NULL;
  if (is_gone(self)) return UV_ECANCELED;
  napi_open_handle_scope(self->binding->env, &scope);
  napi_value copy = make_bytes(self->binding->env, data, len);
  int status =
      copy != NULL ? call_number(self, TRANSPORT_WRITE, copy, 1) : UV_ENOMEM;
  napi_close_handle_scope(self->binding->env, scope);
  return status;
}

static void call_read(connection *self, bool on) {
  napi_handle_scope scope = NULL;
  if (is_gone(self)) return;
  napi_open_handle_scope(self->binding->env, &scope);
  call_number(self, TRANSPORT_READ, make_flag(self->binding->env, on), 1);
  napi_close_handle_scope(self->binding->env, scope);
}

static int read_start_method(tlstream_transport *transport) {
  call_read(of(transport), true);
  return 0;
}

static void read_stop_method(tlstream_transport *transport) {
  call_read(of(transport), false);
}

static void call_plain(connection *self, handler which) {
  napi_handle_scope scope = NULL;
  if (is_gone(self)) return;
  napi_open_handle_scope(self->binding->env, &scope);
  call_number(self, which, NULL, 0);
  napi_close_handle_scope(self->binding->env, scope);
}

static void shutdown_method(tlstream_transport *transport) {
  call_plain(of(transport), TRANSPORT_SHUTDOWN);
}

static void on_closed(uv_handle_t *close_timer) {
  connection *self = close_timer->data;
  tlstream_transport_closed(&self->js_transport);
}

/* The close must be reported after the method has returned, and also when
 * JavaScript can no longer run: a handle of our own is closed for that. */
static void close_method(tlstream_transport *transport) {
  connection *self = of(transport);
  call_plain(self, TRANSPORT_CLOSE);
  uv_timer_init(self->binding->loop, &self->close_timer);
  self->close_timer.data = self;
  uv_close((uv_handle_t *)&self->close_timer, on_closed);
}

static const tlstream_transport_methods methods = {
    .write = write_method,
    .read_start = read_start_method,
    .read_stop = read_stop_method,
    .shutdown = shutdown_method,
    .close = close_method,
};

tlstream *js_transport_open(connection *self, const connection_options *options,
                            tlstream_error *error) {
  self->js_transport.methods = &methods;
  return tlstream_over(
      self->binding->loop, &self->js_transport,
      TLSTREAM_OVER(.role = options->role, .context = options->context,
                    .verify_name = options->verify_name,
                    .servername = options->servername, .head = options->head,
                    .timeouts = options->timeouts, .allow_half_open = true,
                    .choose_context = options->choose_context),
      &connection_events, self, error);
}

/*
 * The events of the Duplex. While a callback of the library runs, the library
 * may not be called with them: the method then returns false, and JavaScript
 * calls it again in a turn of its own. An event returns false after it has
 * thrown.
 */
typedef bool (*transport_event)(napi_env env, connection *self,
                                napi_value argument);

static napi_value deliver(napi_env env, napi_callback_info info,
                          transport_event event) {
  napi_value wrapper = NULL;
  napi_value argument = NULL;
  if (!arguments(env, info, 1, &argument, &wrapper)) return NULL;
  connection *self = held_or_throw(env, wrapper, KIND_CONNECTION);
  if (self == NULL) return NULL;
  if (self->binding->depth > 0) return make_flag(env, false);
  return event(env, self, argument) ? make_flag(env, true) : NULL;
}

static bool is_open(const connection *self) {
  return self->stream != NULL && self->js_transport.stream != NULL;
}

/* A copy, because processing the input may run JavaScript, which may transfer
 * the Buffer's memory elsewhere. */
static bool input_event(napi_env env, connection *self, napi_value argument) {
  tlstream_bytes bytes = {NULL, 0};
  if (!bytes_of(env, argument, &bytes)) return false;
  if (!is_open(self) || bytes.len == 0) return true;
  void *copy = malloc(bytes.len);
  if (copy == NULL) {
    throw_no_memory(env);
    return false;
  }
  memcpy(copy, bytes.data, bytes.len);
  tlstream_transport_input(&self->js_transport, copy, bytes.len);
  free(copy);
  return true;
}

static bool eof_event(napi_env env, connection *self, napi_value argument) {
  (void)env;
  (void)argument;
  if (is_open(self)) tlstream_transport_eof(&self->js_transport);
  return true;
}

static int status_of(napi_env env, napi_value value) {
  int32_t status = UV_EIO;
  napi_get_value_int32(env, value, &status);
  return status <= 0 ? status : UV_EIO;
}

static bool failed_event(napi_env env, connection *self, napi_value argument) {
  int status = status_of(env, argument);
  if (status == 0) status = UV_EIO;
  if (is_open(self)) tlstream_transport_failed(&self->js_transport, status);
  return true;
}

static bool written_event(napi_env env, connection *self, napi_value argument) {
  int status = status_of(env, argument);
  if (is_open(self)) tlstream_transport_written(&self->js_transport, status);
  return true;
}

napi_value js_transport_input(napi_env env, napi_callback_info info) {
  return deliver(env, info, input_event);
}

napi_value js_transport_eof(napi_env env, napi_callback_info info) {
  return deliver(env, info, eof_event);
}

napi_value js_transport_failed(napi_env env, napi_callback_info info) {
  return deliver(env, info, failed_event);
}

napi_value js_transport_written(napi_env env, napi_callback_info info) {
  return deliver(env, info, written_event);
}
