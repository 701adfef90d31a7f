/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_MEMORY_H
#define TLSTREAM_MEMORY_H

#include <stddef.h>

#include <tlstream/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The functions that the library's own memory comes from. OpenSSL and libuv
 * have their own switches (CRYPTO_set_mem_functions, uv_replace_allocator).
 * They are called on every thread that uses the library; with a key that is
 * elsewhere (tlstream/signer.h), on those of libuv's pool too.
 */
typedef struct tlstream_allocator {
  void *(*allocate)(size_t size);                 /* like malloc */
  void *(*reallocate)(void *memory, size_t size); /* like realloc */
  void (*release)(void *memory);                  /* like free */
} tlstream_allocator;

/**
 * Replace the functions that the library allocates with.
 *
 * Call it before anything else of the library, from one thread; what was
 * allocated with one set of functions must not be released with another.
 * NULL brings malloc, realloc and free back. `allocator` is copied.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_set_allocator(const tlstream_allocator *allocator);

/**
 * Release memory that a call of this library handed to you for keeping, such
 * as the text from tlstream_certificate_json(). NULL is a no-op.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_free(void *memory);

/**
 * The same for what is secret, such as the bytes of a session: wipe `len` bytes
 * before. NULL is a no-op.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_free_secret(void *memory, size_t len);

#ifdef __cplusplus
}
#endif

#endif
