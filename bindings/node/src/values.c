/* SPDX-License-Identifier: MIT */
#include "values.h"

#include <stdlib.h>
#include <string.h>

napi_value throw_type(napi_env env, const char *code, const char *message) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (!pending) napi_throw_type_error(env, code, message);
  return NULL;
}

napi_value throw_no_memory(napi_env env) {
  napi_throw_error(env, "ERR_MEMORY_ALLOCATION_FAILED", "out of memory");
  return NULL;
}

napi_value failed(napi_env env) {
  return throw_type(env, "ERR_INVALID_ARG_TYPE",
                    "An argument of tlstream's engine has the wrong type");
}

bool arguments(napi_env env, napi_callback_info info, size_t count,
               napi_value *argv, napi_value *self) {
  size_t given = count;
  return napi_get_cb_info(env, info, &given, argv, self, NULL) == napi_ok;
}

static bool is_there(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  return napi_typeof(env, value, &type) == napi_ok && type != napi_undefined &&
         type != napi_null;
}

bool property(napi_env env, napi_value object, const char *name,
              napi_value *out) {
  return napi_get_named_property(env, object, name, out) == napi_ok &&
         is_there(env, *out);
}

bool flag(napi_env env, napi_value object, const char *name) {
  napi_value value = NULL;
  bool result = false;
  return property(env, object, name, &value) &&
         napi_get_value_bool(env, value, &result) == napi_ok && result;
}

uint32_t number(napi_env env, napi_value object, const char *name) {
  napi_value value = NULL;
  uint32_t result = 0;
  if (!property(env, object, name, &value)) return 0;
  return napi_get_value_uint32(env, value, &result) == napi_ok ? result : 0;
}

bool text(napi_env env, napi_value object, const char *name, char **out) {
  napi_value value = NULL;
  size_t len = 0;
  *out = NULL;
  if (!property(env, object, name, &value)) return true;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &len) != napi_ok) {
    failed(env);
    return false;
  }
  *out = malloc(len + 1);
  if (*out == NULL) {
    throw_no_memory(env);
    return false;
  }
  napi_get_value_string_utf8(env, value, *out, len + 1, &len);
  if (strlen(*out) == len) return true;
  free(*out);
  *out = NULL;
  throw_type(env, "ERR_INVALID_ARG_VALUE", "A string has a NUL in it");
  return false;
}

bool bytes_of(napi_env env, napi_value value, tlstream_bytes *out) {
  bool is_view = false;
  void *data = NULL;
  napi_is_buffer(env, value, &is_view);
  if (!is_view ||
      napi_get_buffer_info(env, value, &data, &out->len) != napi_ok) {
    failed(env);
    return false;
  }
  /* An empty Buffer has no address; NULL would mean that none was given. */
  out->data = data != NULL ? data : "";
  return true;
}

bool bytes(napi_env env, napi_value object, const char *name,
           tlstream_bytes *out) {
  napi_value value = NULL;
  *out = (tlstream_bytes){NULL, 0};
  return !property(env, object, name, &value) || bytes_of(env, value, out);
}

/* The library's texts are UTF-8; other bytes are escaped in them. */
napi_value make_text(napi_env env, const char *text) {
  napi_value value = NULL;
  if (text == NULL) {
    napi_get_null(env, &value);
  } else {
    napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  }
  return value;
}

napi_value make_latin1(napi_env env, const char *text) {
  napi_value value = NULL;
  if (text == NULL) return make_text(env, NULL);
  napi_create_string_latin1(env, text, NAPI_AUTO_LENGTH, &value);
  return value;
}

napi_value make_bytes(napi_env env, const void *data, size_t len) {
  napi_value value = NULL;
  napi_create_buffer_copy(env, len, data, NULL, &value);
  return value;
}

napi_value make_number(napi_env env, double value) {
  napi_value result = NULL;
  napi_create_double(env, value, &result);
  return result;
}

napi_value make_flag(napi_env env, bool value) {
  napi_value result = NULL;
  napi_get_boolean(env, value, &result);
  return result;
}

napi_value make_undefined(napi_env env) {
  napi_value result = NULL;
  napi_get_undefined(env, &result);
  return result;
}

void set(napi_env env, napi_value object, const char *name, napi_value value) {
  if (value != NULL) napi_set_named_property(env, object, name, value);
}

static const char *side_name(tlstream_alert_side side) {
  switch (side) {
    case TLSTREAM_ALERT_OURS: return "ours";
    case TLSTREAM_ALERT_THEIRS: return "theirs";
    default: return "none";
  }
}

static napi_value make_details(napi_env env, const tlstream_error *error) {
  napi_value details = NULL;
  if (napi_create_object(env, &details) != napi_ok) return NULL;
  set(env, details, "name", make_text(env, error->name));
  set(env, details, "class",
      make_text(env,
                tlstream_error_class_name(tlstream_error_classify(error))));
  set(env, details, "alert", make_number(env, error->alert));
  set(env, details, "alertSide", make_text(env, side_name(error->alert_side)));
  set(env, details, "verify", make_number(env, error->verify));
  set(env, details, "depth", make_number(env, error->depth));
  set(env, details, "system", make_number(env, error->system));
  set(env, details, "quiet", make_flag(env, error->quiet));
  return details;
}

napi_value make_error(napi_env env, const tlstream_error *error) {
  napi_value result = NULL;
  if (napi_create_error(env, make_text(env, error->name),
                        make_text(env, error->message), &result) != napi_ok) {
    return NULL;
  }
  set(env, result, "tlstream", make_details(env, error));
  return result;
}

napi_value throw_error(napi_env env, const tlstream_error *error) {
  napi_value value = make_error(env, error);
  if (value != NULL) napi_throw(env, value);
  return NULL;
}

void *held(napi_env env, napi_value object, kind wanted) {
  void *memory = NULL;
  if (object == NULL || napi_unwrap(env, object, &memory) != napi_ok) {
    return NULL;
  }
  return *(const kind *)memory == wanted ? memory : NULL;
}

void *held_or_throw(napi_env env, napi_value object, kind wanted) {
  void *memory = held(env, object, wanted);
  if (memory == NULL) {
    throw_type(env, "ERR_INVALID_THIS", "Not an object of tlstream's engine");
  }
  return memory;
}

enum { METHODS_MAX = 48 };

bool define_class(napi_env env, napi_value exports, const char *name,
                  napi_callback constructor, const method *methods,
                  size_t count) {
  napi_property_descriptor all[METHODS_MAX] = {0};
  napi_value class = NULL;
  for (size_t i = 0; i < count && i < METHODS_MAX; i++) {
    all[i].utf8name = methods[i].name;
    all[i].method = methods[i].function;
    all[i].attributes = napi_default_method;
  }
  return napi_define_class(env, name, NAPI_AUTO_LENGTH, constructor, NULL,
                           count, all, &class) == napi_ok &&
         napi_set_named_property(env, exports, name, class) == napi_ok;
}
