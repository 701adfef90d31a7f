/* SPDX-License-Identifier: MIT */
/* The library's callbacks, each of which calls the owner's handler. */
#include <tlstream/pair_ending.h>
#include <tlstream/stream_hello.h>

#include "connection.h"

/* A call of an owner's handler, with a scope for its values. */
typedef struct call {
  napi_handle_scope scope;
  napi_value owner;
} call;

static bool open_call(connection *self, call *it) {
  binding *all = self->binding;
  if (all->dying || self->owner == NULL) return false;
  if (napi_open_handle_scope(all->env, &it->scope) != napi_ok) return false;
  if (napi_get_reference_value(all->env, self->owner, &it->owner) == napi_ok) {
    return true;
  }
  napi_close_handle_scope(all->env, it->scope);
  return false;
}

static void close_call(connection *self, call *it, handler which, size_t argc,
                       const napi_value *argv) {
  binding *all = self->binding;
  binding_call(all, self->async_context, which, it->owner, argc, argv);
  napi_close_handle_scope(all->env, it->scope);
}

static void emit(connection *self, handler which) {
  call it;
  if (open_call(self, &it)) close_call(self, &it, which, 0, NULL);
}

static void on_hello(tlstream *stream, const char *servername, void *data) {
  connection *self = data;
  napi_env env = self->binding->env;
  napi_value argv[2];
  size_t len = 0;
  call it;
  if (!open_call(self, &it)) return;
  const void *offered = tlstream_offered_protocols(stream, &len);
  argv[0] = make_text(env, servername);
  argv[1] =
      offered != NULL ? make_bytes(env, offered, len) : make_text(env, NULL);
  close_call(self, &it, ON_HELLO, 2, argv);
}

static void on_secure(tlstream *stream, void *data) {
  (void)stream;
  emit(data, ON_SECURE);
}

/* Each piece gets a Buffer with memory of its own, as with Node's sockets:
 * programs use its `buffer`, or transfer it. */
static void on_data(tlstream *stream, const void *bytes, size_t len,
                    void *data) {
  connection *self = data;
  call it;
  if (!open_call(self, &it)) return;
  napi_value piece = make_bytes(self->binding->env, bytes, len);
  if (piece != NULL) {
    close_call(self, &it, ON_DATA, 1, &piece);
    return;
  }
  napi_close_handle_scope(self->binding->env, it.scope);
  tlstream_destroy(stream); /* no memory: end it rather than leave a gap */
}

static void on_end(tlstream *stream, void *data) {
  (void)stream;
  emit(data, ON_END);
}

static void on_flushed(tlstream *stream, void *data) {
  (void)stream;
  emit(data, ON_FLUSHED);
}

static void on_error(tlstream *stream, const tlstream_error *error,
                     void *data) {
  connection *self = data;
  call it;
  (void)stream;
  if (!open_call(self, &it)) return;
  napi_value value = make_error(self->binding->env, error);
  close_call(self, &it, ON_ERROR, 1, &value);
}

static const char *ending_name(tlstream_ending ending) {
  switch (ending) {
    case TLSTREAM_ENDING_CLEAN: return "clean";
    case TLSTREAM_ENDING_TRUNCATED: return "truncated";
    case TLSTREAM_ENDING_FAILED: return "failed";
    default: return "destroyed";
  }
}

static void on_close(tlstream *stream, tlstream_ending ending, void *data) {
  connection *self = data;
  call it;
  (void)stream;
  if (open_call(self, &it)) {
    napi_value name = make_text(self->binding->env, ending_name(ending));
    close_call(self, &it, ON_CLOSE, 1, &name);
  }
  connection_closed(self);
}

const tlstream_events connection_events = {
    .on_secure = on_secure,
    .on_data = on_data,
    .on_end = on_end,
    .on_error = on_error,
    .on_close = on_close,
    .on_hello = on_hello,
    .on_flushed = on_flushed,
};
