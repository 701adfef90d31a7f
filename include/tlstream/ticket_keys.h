/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TICKET_KEYS_H
#define TLSTREAM_TICKET_KEYS_H

#include <limits.h>
#include <stddef.h>

#include <tlstream/bytes.h>
#include <tlstream/error.h>
#include <tlstream/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The keys that a server seals its session tickets with: a ring of which the
 * first key issues, and the others only open tickets that they have issued. A
 * ring rotates by itself: after a while a new random key is put in front, and
 * the oldest is wiped. So a key that is stolen opens the sessions of a few
 * hours, and not all that the process ever had.
 *
 * Any number of contexts, loops and threads may share one: then a ticket that
 * one of them has issued resumes at all of them whose trust, credentials and
 * policy are equal. A ticket that no key opens, that is damaged or too old
 * leads to a full handshake; one of an older key is replaced.
 *
 * After fork() both processes have the same keys, and rotate apart.
 *
 * Ownership: reference counted; a context takes a reference of its own. Keys
 * are wiped with the last reference.
 * Thread: any, each call.
 */
typedef struct tlstream_ticket_keys tlstream_ticket_keys;

enum {
  /* A key as bytes: 16 for its name, which stands in front of its tickets, 32
   * for HMAC-SHA256 and 32 for AES-256-CBC. */
  TLSTREAM_TICKET_KEY_LEN = 80,
  TLSTREAM_TICKET_KEYS_MAX = 16,
  /* Of the secret for an export. */
  TLSTREAM_TICKET_SECRET_MIN = 32
};

/* For `rotation_s`: never. */
#define TLSTREAM_NO_ROTATION UINT_MAX

typedef struct tlstream_ticket_keys_options {
  size_t size; /* sizeof(tlstream_ticket_keys_options); the macro sets it */

  /* Those to begin with, as of tlstream_ticket_keys_set(). None: a random
   * one. */
  tlstream_bytes keys;
  /* How many seconds a key issues before a random one takes its place. 0:
   * 3,600. TLSTREAM_NO_ROTATION: keys stay until others are set, for processes
   * that get theirs from elsewhere. */
  unsigned rotation_s;
  /* How many seconds a key still opens tickets when it has stopped to issue; no
   * ticket lives longer. 0: 7,200, as long as tickets live by default. */
  unsigned retention_s;
  /* Returns seconds since 1970; on any thread. NULL: the system's clock. */
  long long (*clock)(void *data);
  void *clock_data;
} tlstream_ticket_keys_options;

#define TLSTREAM_TICKET_KEYS(...)   \
  (&(tlstream_ticket_keys_options){ \
      .size = sizeof(tlstream_ticket_keys_options), __VA_ARGS__})
#define TLSTREAM_TICKET_KEYS_OPTIONS_INIT \
  TLSTREAM_OPTIONS_INIT(tlstream_ticket_keys_options)

/**
 * Make a ring of keys. `options` may be NULL for the defaults.
 *
 * Ownership: release with tlstream_ticket_keys_unref().
 * Errors: BAD_TICKET_KEYS, INTERNAL (no random bytes), NO_MEMORY.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED tlstream_ticket_keys *
tlstream_ticket_keys_new(const tlstream_ticket_keys_options *options,
                         tlstream_error *error);

/**
 * Take another reference, and return the ring.
 *
 * Since: 0.1
 */
TLSTREAM_API tlstream_ticket_keys *
tlstream_ticket_keys_ref(tlstream_ticket_keys *keys);

/**
 * Give a reference back; the last one wipes and frees the ring. NULL is a
 * no-op.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_ticket_keys_unref(tlstream_ticket_keys *keys);

/**
 * Replace all keys by those in `bytes`: one to TLSTREAM_TICKET_KEYS_MAX of
 * them, TLSTREAM_TICKET_KEY_LEN bytes each, one behind the other. The first one
 * issues from now on. They are copied; what was there is wiped. Make a key of
 * random bytes only.
 *
 * Returns 0 or an error, after which nothing has changed.
 *
 * Errors: BAD_TICKET_KEYS (no whole number of keys, too many, two of one name,
 * one that is not random).
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_ticket_keys_set(tlstream_ticket_keys *keys, tlstream_bytes bytes,
                         tlstream_error *error);

/**
 * Have a new random key issue from now on, whether it is time for that or not.
 * The others move back.
 *
 * Returns 0 or an error, after which nothing has changed.
 *
 * Errors: INTERNAL (no random bytes), NO_MEMORY.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_ticket_keys_rotate(tlstream_ticket_keys *keys, tlstream_error *error);

/**
 * Return the keys, with their times, sealed for another process that knows
 * `secret`, with AES-256-GCM; `len` receives how many bytes. The secret is at
 * least TLSTREAM_TICKET_SECRET_MIN bytes from a random source: a password is
 * too weak.
 *
 * NULL on failure.
 *
 * Ownership: the caller's; release with tlstream_free().
 * Errors: INVALID_ARGUMENT (the secret), INTERNAL, NO_MEMORY.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED void *
tlstream_ticket_keys_export(tlstream_ticket_keys *keys, tlstream_bytes secret,
                            size_t *len, tlstream_error *error);

/**
 * Replace all keys by those of tlstream_ticket_keys_export(), with their times.
 * A process that gets its keys in this way again and again rotates none by
 * itself: TLSTREAM_NO_ROTATION.
 *
 * Returns 0 or an error, after which nothing has changed.
 *
 * Errors: INVALID_ARGUMENT (the secret), BAD_TICKET_KEYS (not an export),
 * WRONG_SECRET (sealed with another secret, or changed since), INTERNAL,
 * NO_MEMORY.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_ticket_keys_import(tlstream_ticket_keys *keys, tlstream_bytes sealed,
                            tlstream_bytes secret, tlstream_error *error);

#ifdef __cplusplus
}
#endif

#endif
