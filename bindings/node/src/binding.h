/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_NODE_BINDING_H
#define TLSTREAM_NODE_BINDING_H

/*
 * What one environment (the main thread, or a worker) has of the library: the
 * functions of JavaScript's that it calls, and the connections that are open.
 */
#include <stdbool.h>
#include <stddef.h>

#include <node_api.h>
#include <uv.h>

/* What lib/native.js hands to setup(), by these names, in this order. */
typedef enum handler {
  ON_HELLO,
  ON_SECURE,
  ON_DATA,
  ON_END,
  ON_FLUSHED,
  ON_ERROR,
  ON_CLOSE,
  CARRIER_WRITE,
  CARRIER_READ,
  CARRIER_SHUTDOWN,
  CARRIER_CLOSE,
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

/* The binding of an environment; it has one from the module's first line on. */
binding *binding_of(napi_env env);

binding *binding_ref(binding *self);
void binding_unref(binding *self);

void binding_insert(binding *self, binding_node *node);
void binding_remove(binding_node *node);

/* Keep the functions for handlers: setup({onHello, ...}). */
napi_value binding_setup(napi_env env, napi_callback_info info);

/* Call a handler with `receiver` as its `this`, from a callback of the
 * library's. What it throws is an uncaught exception of the program's, as with
 * any listener. Returns NULL if it threw or JavaScript is gone. */
napi_value binding_call(binding *self, napi_async_context async_context,
                        handler which, napi_value receiver, size_t argc,
                        const napi_value *argv);

/* Register the hook that closes what is open when the environment ends. */
bool binding_watch_end(binding *self);

#endif
