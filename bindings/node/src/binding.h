/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_NODE_BINDING_H
#define TLSTREAM_NODE_BINDING_H

/*
 * The state of one environment (the main thread, or a worker): the JavaScript
 * functions that the library's callbacks call, and what is open.
 */
#include <stdbool.h>
#include <stddef.h>

#include <node_api.h>
#include <uv.h>

/* What lib/socket/engine.js passes to setup(); the names are in binding.c. */
typedef enum handler {
  ON_HELLO,
  ON_SECURE,
  ON_DATA,
  ON_END,
  ON_FLUSHED,
  ON_ERROR,
  ON_CLOSE,
  TRANSPORT_WRITE,
  TRANSPORT_READ,
  TRANSPORT_SHUTDOWN,
  TRANSPORT_CLOSE,
  HANDLER_COUNT
} handler;

/* What the environment's end must close. The list knows nothing else of its
 * members, so that the binding depends on none of them. */
typedef struct binding_node binding_node;
struct binding_node {
  binding_node *next;
  binding_node **link; /* what points to it; NULL outside a list */
  /* Release what is JavaScript's and begin to close. */
  void (*abandon)(binding_node *self);
};

typedef struct binding {
  size_t refs; /* the environment, and each open connection */
  napi_env env;
  uv_loop_t *loop;
  napi_ref handlers[HANDLER_COUNT];
  napi_async_cleanup_hook_handle cleanup;
  binding_node *first;
  unsigned depth; /* calls into JavaScript that have not returned */
  bool dying;     /* JavaScript cannot be called any more */
} binding;

/* The binding of an environment, which is made when the module is loaded. */
binding *binding_of(napi_env env);

binding *binding_ref(binding *self);
void binding_unref(binding *self);

void binding_insert(binding *self, binding_node *node);
void binding_remove(binding_node *node);

/* Store the functions: setup({onHello, ...}). */
napi_value binding_setup(napi_env env, napi_callback_info info);

/* Call a handler with `receiver` as its `this`, from a callback of the library.
 * An exception becomes an uncaught exception of the program, as it does with
 * any listener. Returns NULL after an exception, or if JavaScript is gone. */
napi_value binding_call(binding *self, napi_async_context async_context,
                        handler which, napi_value receiver, size_t argc,
                        const napi_value *argv);

/* Register the hook that closes what is open when the environment ends. */
bool binding_watch_end(binding *self);

#endif
