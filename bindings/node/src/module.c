/* SPDX-License-Identifier: MIT */
/* The addon's entry: what it exports to lib/. */
#include <stdlib.h>

#include <tlstream/version.h>

#include "connection.h"
#include "context.h"

static void on_unload(napi_env env, void *memory, void *hint) {
  (void)env;
  (void)hint;
  binding *self = memory;
  self->dying = true;
  binding_unref(self);
}

static binding *make_binding(napi_env env) {
  binding *self = calloc(1, sizeof(*self));
  if (self == NULL) return NULL;
  self->refs = 1;
  self->env = env;
  if (napi_get_uv_event_loop(env, &self->loop) == napi_ok &&
      napi_set_instance_data(env, self, on_unload, NULL) == napi_ok) {
    return self;
  }
  free(self);
  return NULL;
}

/* The name of an error's number, which connection.write() may return. */
static napi_value error_name(napi_env env, napi_callback_info info) {
  napi_value argument = NULL;
  int32_t code = 0;
  if (!arguments(env, info, 1, &argument, NULL)) return failed(env);
  TRY(napi_get_value_int32(env, argument, &code));
  return make_text(env, tlstream_error_name(code));
}

static bool define_functions(napi_env env, napi_value exports) {
  const napi_property_descriptor functions[] = {
      {.utf8name = "setup",
       .method = binding_setup,
       .attributes = napi_default},
      {.utf8name = "errorName",
       .method = error_name,
       .attributes = napi_default},
  };
  return napi_define_properties(env, exports,
                                sizeof(functions) / sizeof(functions[0]),
                                functions) == napi_ok;
}

static bool define_version(napi_env env, napi_value exports) {
  set(env, exports, "version", make_text(env, TLSTREAM_VERSION));
  return true;
}

NAPI_MODULE_INIT() {
  binding *self = make_binding(env);
  if (self == NULL || !binding_watch_end(self) ||
      !define_functions(env, exports) || !define_version(env, exports) ||
      !define_context(env, exports) || !define_hosts(env, exports) ||
      !define_connection(env, exports)) {
    napi_throw_error(env, "ERR_DLOPEN_FAILED",
                     "tlstream's engine cannot be set up here");
    return NULL;
  }
  return exports;
}
