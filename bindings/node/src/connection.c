/* SPDX-License-Identifier: MIT */
/* A connection's references, owner and place in the binding's list. */
#include "connection.h"

#include <stddef.h>
#include <stdlib.h>

/* From here on JavaScript may collect the owner. */
void connection_release_owner(connection *self) {
  napi_env env = self->binding->env;
  if (self->async_context != NULL) {
    napi_async_destroy(env, self->async_context);
  }
  if (self->owner != NULL) napi_delete_reference(env, self->owner);
  self->async_context = NULL;
  self->owner = NULL;
}

static void unref(connection *self) {
  if (--self->refs > 0) return;
  binding_unref(self->binding);
  free(self);
}

static void abandon(binding_node *node) {
  connection *self =
      (connection *)(void *)((char *)node - offsetof(connection, node));
  connection_release_owner(self);
  if (self->stream != NULL) tlstream_destroy(self->stream);
}

void connection_opened(connection *self) {
  self->refs++;
  binding_insert(self->binding, &self->node);
}

void connection_closed(connection *self) {
  if (!self->binding->dying) connection_release_owner(self);
  descriptor_let_go(self);
  self->stream = NULL;
  binding_remove(&self->node);
  unref(self);
}

static void finalize(napi_env env, void *memory, void *hint) {
  (void)env;
  (void)hint;
  unref(memory);
}

connection *connection_new(napi_env env, napi_value wrapper) {
  connection *self = calloc(1, sizeof(*self));
  if (self == NULL) return NULL;
  self->kind = KIND_CONNECTION;
  self->held = -1;
  self->refs = 1;
  self->binding = binding_ref(binding_of(env));
  self->node.abandon = abandon;
  if (napi_wrap(env, wrapper, self, finalize, NULL, NULL) == napi_ok) {
    return self;
  }
  unref(self);
  return NULL;
}

bool connection_keep_owner(connection *self, napi_value owner) {
  napi_env env = self->binding->env;
  napi_value name = make_text(env, "TLSTREAM");
  return napi_create_reference(env, owner, 1, &self->owner) == napi_ok &&
         napi_async_init(env, owner, name, &self->async_context) == napi_ok;
}

connection *connection_this(napi_env env, napi_callback_info info, size_t count,
                            napi_value *argv) {
  napi_value wrapper = NULL;
  if (!arguments(env, info, count, argv, &wrapper)) return NULL;
  connection *self = held_or_throw(env, wrapper, KIND_CONNECTION);
  return self != NULL && self->stream != NULL ? self : NULL;
}
