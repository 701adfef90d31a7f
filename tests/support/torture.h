/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_TORTURE_H
#define TESTS_SUPPORT_TORTURE_H

/*
 * Memory that runs out when a test wants it to, is counted, and is searched
 * when it is released.
 *
 *     static void scenario(void *data) {
 *       tlstream_error error;
 *       tlstream_context *context = tlstream_context_new(NULL, &error);
 *       CHECK(context != NULL || error.code == TLSTREAM_ERR_NO_MEMORY);
 *       tlstream_context_unref(context);
 *     }
 *
 *     torture_install();
 *     CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, scenario, NULL), 1);
 *
 * Rules:
 * - torture_install() takes over the library's allocator for the rest of the
 *   program; call it at the start of every test that wants it, while nothing
 *   of the library is alive. It does nothing the second time.
 * - torture_install_openssl() takes over OpenSSL's memory. OpenSSL allows that
 *   only before its first allocation, so call it in a function with
 *   __attribute__((constructor)). It is in the library test-core-support;
 *   the rest is in test-support and needs no OpenSSL.
 * - A scenario releases all it made, whatever failed, and checks what it
 *   promises; torture_struck() returns whether this run had a failure in it.
 * - Blocks are counted for each source by itself. OpenSSL keeps some for the
 *   process, so only the library's must be back where they were.
 * - Any thread may allocate; arming, and what is built on it, is for one.
 */
#include <stdbool.h>
#include <stddef.h>

typedef enum torture_source {
  TORTURE_LIBRARY = 1,
  TORTURE_OPENSSL = 2,
  TORTURE_ALL = TORTURE_LIBRARY | TORTURE_OPENSSL
} torture_source;

typedef enum torture_mode {
  TORTURE_ONCE,   /* one allocation fails, the next succeeds again */
  TORTURE_FOREVER /* it fails, and all after it do */
} torture_mode;

void torture_install(void);

/* False when OpenSSL had allocated before. */
bool torture_install_openssl(void);

/* Run `scenario` with the first allocation of these sources failing, then with
 * the second, and so on until it comes through without having met a failure.
 * Each run must leave as many blocks of the library as it found: this is
 * checked here. Returns how many runs that took. */
size_t torture_each(torture_source sources, torture_mode mode,
                    void (*scenario)(void *data), void *data);

/* The same with every `step`th allocation only, by the stride, for OpenSSL,
 * which allocates by the thousand. Returns the number of the last one. */
size_t torture_some(torture_source sources, torture_mode mode, size_t step,
                    void (*scenario)(void *data), void *data);

/* By hand: from now on, the `nth` allocation of these sources fails (1 is the
 * next one). Reallocating counts as allocating. */
void torture_arm(torture_source sources, torture_mode mode, size_t nth);

/* Let everything succeed again. Returns whether anything had failed. */
bool torture_disarm(void);

/* Has anything failed since torture_arm()? */
bool torture_struck(void);

/* Blocks that are allocated now, and those that ever were. */
size_t torture_live(torture_source sources);
size_t torture_total(torture_source sources);

/* Bytes in the blocks of all sources, and the most since the peak was last
 * forgotten. */
size_t torture_bytes(void);
size_t torture_peak(void);
void torture_forget_peak(void);

/* From now on, look for these bytes in every block that is released. `secret`
 * is borrowed until the next call; NULL ends it. */
void torture_watch(const void *secret, size_t len);

/* How many blocks of these sources were released with the secret in them. */
size_t torture_spilled(torture_source sources);

/* For torture_openssl.c: the allocator itself. */
void *torture_allocate(torture_source source, size_t size);
void *torture_reallocate(torture_source source, void *memory, size_t size);
void torture_release(torture_source source, void *memory);

#endif
