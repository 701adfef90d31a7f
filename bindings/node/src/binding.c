/* SPDX-License-Identifier: MIT */
#include "binding.h"

#include <stdlib.h>

#include "values.h"

static const char *const names[HANDLER_COUNT] = {
    [ON_HELLO] = "onHello",
    [ON_SECURE] = "onSecure",
    [ON_DATA] = "onData",
    [ON_END] = "onEnd",
    [ON_FLUSHED] = "onFlushed",
    [ON_ERROR] = "onError",
    [ON_CLOSE] = "onClose",
    [TRANSPORT_WRITE] = "transportWrite",
    [TRANSPORT_READ] = "transportRead",
    [TRANSPORT_SHUTDOWN] = "transportShutdown",
    [TRANSPORT_CLOSE] = "transportClose",
};

binding *binding_of(napi_env env) {
  void *self = NULL;
  napi_get_instance_data(env, &self);
  return self;
}

binding *binding_ref(binding *self) {
  self->refs++;
  return self;
}

void binding_unref(binding *self) {
  if (--self->refs == 0) free(self);
}

void binding_insert(binding *self, binding_node *node) {
  node->next = self->first;
  node->link = &self->first;
  if (node->next != NULL) node->next->link = &node->next;
  self->first = node;
}

void binding_remove(binding_node *node) {
  if (node->link == NULL) return;
  *node->link = node->next;
  if (node->next != NULL) node->next->link = node->link;
  node->link = NULL;
}

napi_value binding_setup(napi_env env, napi_callback_info info) {
  binding *self = binding_of(env);
  napi_value handlers = NULL;
  napi_value function = NULL;
  if (!arguments(env, info, 1, &handlers, NULL)) return failed(env);
  for (int i = 0; i < HANDLER_COUNT; i++) {
    napi_valuetype type = napi_undefined;
    TRY(napi_get_named_property(env, handlers, names[i], &function));
    TRY(napi_typeof(env, function, &type));
    if (type != napi_function) return failed(env);
    if (self->handlers[i] != NULL) {
      napi_delete_reference(env, self->handlers[i]);
    }
    TRY(napi_create_reference(env, function, 1, &self->handlers[i]));
  }
  return make_undefined(env);
}

/* Report what a listener threw as an uncaught exception. While a worker is
 * being terminated the call fails without one. */
static void report_exception(napi_env env) {
  napi_value exception = NULL;
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (!pending) return;
  if (napi_get_and_clear_last_exception(env, &exception) == napi_ok) {
    napi_fatal_exception(env, exception);
  }
}

napi_value binding_call(binding *self, napi_async_context async_context,
                        handler which, napi_value receiver, size_t argc,
                        const napi_value *argv) {
  napi_value function = NULL;
  napi_value result = NULL;
  if (self->dying) return NULL;
  if (napi_get_reference_value(self->env, self->handlers[which], &function) !=
      napi_ok) {
    return NULL;
  }
  self->depth++;
  napi_status status = napi_make_callback(self->env, async_context, receiver,
                                          function, argc, argv, &result);
  self->depth--;
  if (status == napi_ok) return result;
  if (!self->dying) report_exception(self->env);
  return NULL;
}

/*
 * At the end of an environment every connection is destroyed, and the hook is
 * removed when libuv has closed their handles. The library closes its own
 * handle of the loop after the last connection's: two more turns are enough.
 */
typedef struct teardown {
  uv_timer_t timer; /* first */
  binding *self;
  int turns;
} teardown;

enum { EXTRA_TURNS = 2 };

static void on_timer_closed(uv_handle_t *timer) {
  teardown *end = (teardown *)(void *)timer;
  napi_remove_async_cleanup_hook(end->self->cleanup);
  binding_unref(end->self);
  free(end);
}

static void on_turn(uv_timer_t *timer) {
  teardown *end = (teardown *)(void *)timer;
  if (end->self->first != NULL || --end->turns > 0) return;
  uv_close((uv_handle_t *)timer, on_timer_closed);
}

/* References can be deleted until the hook returns, not later. */
static void drop_references(binding *self) {
  for (int i = 0; i < HANDLER_COUNT; i++) {
    if (self->handlers[i] == NULL) continue;
    napi_delete_reference(self->env, self->handlers[i]);
    self->handlers[i] = NULL;
  }
}

static void on_environment_end(napi_async_cleanup_hook_handle handle,
                               void *data) {
  binding *self = data;
  teardown *end = calloc(1, sizeof(*end));
  self->dying = true;
  self->cleanup = handle;
  for (binding_node *node = self->first; node != NULL;) {
    binding_node *next = node->next;
    node->abandon(node);
    node = next;
  }
  drop_references(self);
  if (end == NULL || uv_timer_init(self->loop, &end->timer) != 0) {
    free(end);
    napi_remove_async_cleanup_hook(handle);
    return;
  }
  end->self = binding_ref(self);
  end->turns = EXTRA_TURNS;
  uv_timer_start(&end->timer, on_turn, 0, 1);
}

bool binding_watch_end(binding *self) {
  return napi_add_async_cleanup_hook(self->env, on_environment_end, self,
                                     &self->cleanup) == napi_ok;
}
