/* SPDX-License-Identifier: MIT */
#include "support/torture.h"

#include <openssl/crypto.h>

static void *allocate(size_t size, const char *file, int line) {
  (void)file, (void)line;
  return torture_allocate(TORTURE_OPENSSL, size);
}

static void *reallocate(void *memory, size_t size, const char *file, int line) {
  (void)file, (void)line;
  if (size > 0) return torture_reallocate(TORTURE_OPENSSL, memory, size);
  torture_release(TORTURE_OPENSSL, memory);
  return NULL;
}

static void release(void *memory, const char *file, int line) {
  (void)file, (void)line;
  torture_release(TORTURE_OPENSSL, memory);
}

bool torture_install_openssl(void) {
  return CRYPTO_set_mem_functions(allocate, reallocate, release) == 1;
}
