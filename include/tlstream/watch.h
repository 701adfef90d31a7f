/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_WATCH_H
#define TLSTREAM_WATCH_H

/* Files that are replaced while a program runs, such as certificates. */
#include <stddef.h>

#include <uv.h>

#include <tlstream/error.h>
#include <tlstream/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Watches files and reports when any of them is another one than before, or
 * has another content.
 *
 * Certificates are renewed in many ways: a file is written over, renamed into
 * its place, or is a symbolic link that is set to another file or lies behind
 * one that is, as certbot and Kubernetes do it. So the folders of the files and
 * of all links on the way to them are watched, and the files are looked at now
 * and then as well, for file systems that report nothing.
 *
 * Ownership: end it with tlstream_watch_close().
 * Thread: the loop's.
 */
typedef struct tlstream_watch tlstream_watch;

/**
 * Files have changed, and have then been as they are for `settle_ms`. Read all
 * that belong together, and keep what there is if they do not fit: a key and
 * its certificate may change one after the other.
 */
typedef void (*tlstream_watch_cb)(tlstream_watch *watch, void *data);

typedef struct tlstream_watch_options {
  size_t size; /* sizeof(tlstream_watch_options); the macro sets it */

  const char *const *files; /* none of them needs to exist */
  size_t file_count;

  /* How long nothing may change before a change is reported, in milliseconds;
   * 0: 100. Files that never come to rest are reported after twenty times
   * that. */
  unsigned settle_ms;
  /* How often to look at the files, in milliseconds; 0: 5,000. */
  unsigned poll_ms;
} tlstream_watch_options;

#define TLSTREAM_WATCH(...)                                          \
  (&(tlstream_watch_options){.size = sizeof(tlstream_watch_options), \
                             __VA_ARGS__})
#define TLSTREAM_WATCH_OPTIONS_INIT \
  TLSTREAM_OPTIONS_INIT(tlstream_watch_options)

/**
 * Begin to watch. What changes after this call is reported: make the watch
 * first and then read the files. It keeps its loop running until it is closed.
 *
 * Ownership: options are copied; end it with tlstream_watch_close().
 * Callbacks: `on_change`, from the loop, any number of times.
 * Errors: INVALID_ARGUMENT, NO_MEMORY.
 * Thread: the loop's.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED tlstream_watch *
tlstream_watch_new(uv_loop_t *loop, const tlstream_watch_options *options,
                   tlstream_watch_cb on_change, void *data,
                   tlstream_error *error);

/**
 * End it, from `on_change` too. Its memory is freed when the loop has let go of
 * its handles. NULL is a no-op.
 *
 * Callbacks: none any more.
 * Since: 0.1
 */
TLSTREAM_API void tlstream_watch_close(tlstream_watch *watch);

#ifdef __cplusplus
}
#endif

#endif
