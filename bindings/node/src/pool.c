/* SPDX-License-Identifier: MIT */
#include "pool.h"

#include <string.h>

#include "values.h"

enum { POOL_SIZE = 64 * 1024, SMALL = 4 * 1024 };

static bool renew(binding *self) {
  size_t size = 0;
  void *memory = NULL;
  napi_value receiver = make_undefined(self->env);
  napi_value fresh = NULL;
  napi_value maker = NULL;
  if (napi_get_reference_value(self->env, self->handlers[MAKE_POOL], &maker) !=
          napi_ok ||
      napi_call_function(self->env, receiver, maker, 0, NULL, &fresh) !=
          napi_ok ||
      napi_get_buffer_info(self->env, fresh, &memory, &size) != napi_ok ||
      size < POOL_SIZE) {
    return false;
  }
  if (self->pool != NULL) napi_delete_reference(self->env, self->pool);
  self->pool = NULL;
  self->pool_bytes = memory;
  self->pool_used = 0;
  return napi_create_reference(self->env, fresh, 1, &self->pool) == napi_ok;
}

/* Pieces begin at multiples of 8, so that typed arrays can be laid on them. */
static size_t rounded(size_t len) {
  return (len + 7) & ~(size_t)7;
}

static bool share(binding *self, const void *bytes, size_t len,
                  napi_value *argv) {
  if (self->pool == NULL || self->pool_used + len > POOL_SIZE) {
    if (!renew(self)) return false;
  }
  size_t start = self->pool_used;
  memcpy(self->pool_bytes + start, bytes, len);
  self->pool_used += rounded(len);
  napi_get_reference_value(self->env, self->pool, &argv[0]);
  napi_create_uint32(self->env, (uint32_t)start, &argv[1]);
  napi_create_uint32(self->env, (uint32_t)(start + len), &argv[2]);
  return true;
}

bool pool_fill(binding *self, const void *bytes, size_t len, napi_value *argv) {
  if (len <= SMALL) return share(self, bytes, len, argv);
  argv[0] = make_bytes(self->env, bytes, len);
  napi_create_uint32(self->env, 0, &argv[1]);
  napi_create_uint32(self->env, (uint32_t)len, &argv[2]);
  return argv[0] != NULL;
}
