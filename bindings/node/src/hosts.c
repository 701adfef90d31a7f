/* SPDX-License-Identifier: MIT */
/* new Hosts(): the library's table of host patterns and their contexts. */
#include <stdlib.h>

#include "context.h"

typedef struct holder {
  kind kind;
  tlstream_hosts *hosts;
} holder;

static void finalize(napi_env env, void *memory, void *hint) {
  holder *self = memory;
  (void)env;
  (void)hint;
  tlstream_hosts_free(self->hosts);
  free(self);
}

static napi_value construct(napi_env env, napi_callback_info info) {
  napi_value wrapper = NULL;
  if (!arguments(env, info, 0, NULL, &wrapper)) return failed(env);
  holder *self = calloc(1, sizeof(*self));
  if (self == NULL) return failed(env);
  *self = (holder){KIND_HOSTS, tlstream_hosts_new()};
  if (self->hosts != NULL &&
      napi_wrap(env, wrapper, self, finalize, NULL, NULL) == napi_ok) {
    return wrapper;
  }
  tlstream_hosts_free(self->hosts);
  free(self);
  return failed(env);
}

/* A name as an argument, up to a NUL: a client cannot send a name with one. */
static bool read_name(napi_env env, napi_value value, char *out, size_t cap) {
  size_t len = 0;
  if (napi_get_value_string_utf8(env, value, out, cap, &len) == napi_ok) {
    return true;
  }
  failed(env);
  return false;
}

/* More than the longest host name (RFC 1035). */
enum { NAME_MAX_LEN = 512 };

/* add(pattern, context) */
static napi_value add(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  napi_value wrapper = NULL;
  char pattern[NAME_MAX_LEN];
  tlstream_error error = {0};
  if (!arguments(env, info, 2, argv, &wrapper)) return failed(env);
  holder *self = held_or_throw(env, wrapper, KIND_HOSTS);
  if (self == NULL || !read_name(env, argv[0], pattern, sizeof(pattern))) {
    return NULL;
  }
  tlstream_context *context = context_of(env, argv[1]);
  if (context == NULL) return NULL;
  if (tlstream_hosts_add(self->hosts, pattern, context, &error) != 0) {
    return throw_error(env, &error);
  }
  return make_undefined(env);
}

/* find(name): a Context, or null. */
static napi_value find(napi_env env, napi_callback_info info) {
  napi_value argument = NULL;
  napi_value wrapper = NULL;
  char name[NAME_MAX_LEN];
  if (!arguments(env, info, 1, &argument, &wrapper)) return failed(env);
  holder *self = held_or_throw(env, wrapper, KIND_HOSTS);
  if (self == NULL || !read_name(env, argument, name, sizeof(name))) {
    return NULL;
  }
  tlstream_context *context = tlstream_hosts_find(self->hosts, name);
  return context != NULL ? context_object(env, context) : make_text(env, NULL);
}

static const method methods[] = {{"add", add}, {"find", find}};

bool define_hosts(napi_env env, napi_value exports) {
  return define_class(env, exports, "Hosts", construct, methods,
                      sizeof(methods) / sizeof(methods[0]));
}
