/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_STAPLER_H
#define TLSTREAM_STAPLER_H

#include <uv.h>

#include <tlstream/ocsp.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * It keeps the staples of a context's certificates fresh, away from the
 * handshakes: asks the responders that the certificates name, and reads the
 * files of `ocsp_response_file` again. What it gets is checked as by
 * tlstream_context_set_staple(); until it gets something better, the old staple
 * is sent as long as it is in force.
 *
 * Ownership: made by tlstream_stapler_start(), ended by
 * tlstream_stapler_stop(). Thread: the loop's.
 */
typedef struct tlstream_stapler tlstream_stapler;

/**
 * There is a new staple, and `error` is NULL, or there is none, and `error` has
 * the reason; it will be tried again. `certificate` is the subject's common
 * name, escaped, or NULL if it was about files. What is wrong with a file is
 * reported once. Both are borrowed for the call. The stapler may be stopped
 * here.
 */
typedef void (*tlstream_stapled_cb)(tlstream_stapler *stapler,
                                    const char *certificate,
                                    const tlstream_error *error, void *data);

/**
 * Whose staples, and how.
 */
typedef struct tlstream_stapler_options {
  size_t size; /* sizeof(tlstream_stapler_options); the macro sets it */

  tlstream_context *context;
  /* The responder, "http://ocsp.example.org/"; NULL: the one that each
   * certificate names. Its answers are signed, and need no TLS. */
  const char *url;
  bool files_only; /* ask no responder */

  /* In milliseconds. One question to a responder: connecting, and its answer;
   * 0: 15,000. */
  unsigned timeout_ms;
  /* The wait after a question that led to nothing, twice as long each time, up
   * to an hour; 0: 60,000. */
  unsigned retry_ms;
  /* How often it is looked whether a file has changed; 0: 60,000. */
  unsigned file_ms;

  tlstream_stapled_cb on_stapled; /* may be NULL */
  void *data;
} tlstream_stapler_options;

#define TLSTREAM_STAPLER(...)                                            \
  (&(tlstream_stapler_options){.size = sizeof(tlstream_stapler_options), \
                               __VA_ARGS__})
#define TLSTREAM_STAPLER_OPTIONS_INIT \
  TLSTREAM_OPTIONS_INIT(tlstream_stapler_options)

/**
 * Begin: a certificate without a staple in force is asked for at once, one with
 * a staple when half of the staple's time is over. Nothing waits: look-ups and
 * files are for the loop's worker threads, and an answer may have up to 40 KiB.
 *
 * A stapler does not keep its loop alive, but for a connection that is being
 * made. Returns NULL and the reason in `error` on failure, and then nothing is
 * ever called.
 *
 * Ownership: the stapler takes a reference to the context; options are copied.
 * Callbacks: `on_stapled`, from the loop, never from here.
 * Errors: INVALID_ARGUMENT (a `url` that is none, or no certificate that names
 * a responder and no file), NO_CERTIFICATE, NO_MEMORY.
 * Thread: the loop's.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED tlstream_stapler *
tlstream_stapler_start(uv_loop_t *loop, const tlstream_stapler_options *options,
                       tlstream_error *error);

/**
 * End it: nothing is called any more, and what is under way is given up. The
 * staples stay. Memory and handles are released as the loop goes on. NULL is a
 * no-op; legal in `on_stapled`.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_stapler_stop(tlstream_stapler *stapler);

#ifdef __cplusplus
}
#endif

#endif
