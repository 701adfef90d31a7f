/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_NODE_VALUES_H
#define TLSTREAM_NODE_VALUES_H

/* Conversions between JavaScript's values and C's. A value of the wrong type
 * throws a TypeError, and the function returns false or NULL; none aborts. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <node_api.h>
#include <tlstream/tlstream.h>

/* Leave the function with undefined: an exception is pending. */
#define TRY(call)                              \
  do {                                         \
    if ((call) != napi_ok) return failed(env); \
  } while (0)

/* Throw, unless an exception is pending already. Return NULL. */
napi_value failed(napi_env env);
napi_value throw_type(napi_env env, const char *code, const char *message);
napi_value throw_no_memory(napi_env env);

/* The arguments of a call and its `this`; missing arguments are undefined. */
bool arguments(napi_env env, napi_callback_info info, size_t count,
               napi_value *argv, napi_value *self);

/* The property, or false when it is undefined or null. */
bool property(napi_env env, napi_value object, const char *name,
              napi_value *out);

bool flag(napi_env env, napi_value object, const char *name);
uint32_t number(napi_env env, napi_value object, const char *name);

/* A string's bytes with a NUL behind them, from malloc(); NULL when the
 * property is not there. A string with a NUL in it throws. */
bool text(napi_env env, napi_value object, const char *name, char **out);

/* The bytes of a Buffer or Uint8Array, borrowed from it. */
bool bytes_of(napi_env env, napi_value value, tlstream_bytes *out);
bool bytes(napi_env env, napi_value object, const char *name,
           tlstream_bytes *out);

napi_value make_text(napi_env env, const char *text);
/* Any bytes, one character each: how Node shows names of protocols. */
napi_value make_latin1(napi_env env, const char *text);
napi_value make_bytes(napi_env env, const void *data, size_t len);
napi_value make_number(napi_env env, double value);
napi_value make_flag(napi_env env, bool value);
napi_value make_undefined(napi_env env);
void set(napi_env env, napi_value object, const char *name, napi_value value);

/* An Error with its `code`, and the other fields of `error` in a property
 * `tlstream`. */
napi_value make_error(napi_env env, const tlstream_error *error);
napi_value throw_error(napi_env env, const tlstream_error *error);

/*
 * What a JavaScript object wraps begins with its kind, so that a method that is
 * called on an object of another class throws instead of reading its memory.
 */
typedef enum kind {
  KIND_CONTEXT = 0x74637478,
  KIND_HOSTS = 0x74687374,
  KIND_CONNECTION = 0x74636f6e
} kind;

/* What `object` wraps, if it is of that kind, or NULL. */
void *held(napi_env env, napi_value object, kind wanted);
void *held_or_throw(napi_env env, napi_value object, kind wanted);

typedef struct method {
  const char *name;
  napi_callback function;
} method;

/* Make a class and put it into `exports`. */
bool define_class(napi_env env, napi_value exports, const char *name,
                  napi_callback constructor, const method *methods,
                  size_t count);

#endif
