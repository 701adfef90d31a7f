/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UPGRADE_H
#define TLSTREAM_UPGRADE_H

#include <tlstream/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * How to go on with TLS on a connection that has been used in plain text
 * (STARTTLS), or was made by somebody else.
 */
typedef struct tlstream_upgrade_options {
  size_t size; /* sizeof(tlstream_upgrade_options); the macro sets it */
  tlstream_role role;

  /* NULL: the defaults, which will do for a client. */
  tlstream_context *context;

  /* A client's: the name that the certificate must be for; NULL: `servername`.
   * One of them is required, unless the context lets unauthorized peers in or
   * skips names. */
  const char *verify_name;
  /* A client's: what to ask the server for (SNI); NULL: `verify_name`, if that
   * is a DNS name; "": nothing. */
  const char *servername;

  /* What has been read from the handle behind the last plain text. On a server
   * that is the beginning of TLS (at most 64 KiB). On a client there must be
   * none: a server that has told us to begin waits for us to speak. */
  tlstream_bytes head;

  tlstream_timeouts timeouts;
  size_t high_water_mark; /* of the write queue; 0: 65,536 bytes */
  bool allow_half_open;   /* the peer's end does not end our side */

  /* Called before `on_close`, when the library has closed the handle and is
   * through with its memory. NULL: the memory is the caller's, and must last
   * until `on_close`. */
  tlstream_handle_release_cb release;
  /* Go back to plain text when both sides have said goodbye: the connection is
   * neither half-closed nor closed then, and in `on_close`, with the ending
   * CLEAN, tlstream_take_handle() gives the handle back. Needs `release`,
   * because a handle that is not taken is closed after `on_close`. */
  bool return_handle;

  /* A server's: stop at the client's first message, and go on when `on_hello`
   * has been answered; see tlstream_pair_options. */
  bool choose_context;
} tlstream_upgrade_options;

#define TLSTREAM_UPGRADE(...)                                            \
  (&(tlstream_upgrade_options){.size = sizeof(tlstream_upgrade_options), \
                               __VA_ARGS__})
#define TLSTREAM_UPGRADE_OPTIONS_INIT \
  TLSTREAM_OPTIONS_INIT(tlstream_upgrade_options)

/**
 * Speak TLS on a TCP connection or a pipe of libuv's that is in use.
 *
 * The handle moves to the stream: reading that the caller has started is
 * stopped and its callback never called again; what the caller has written goes
 * out first, and the callbacks of these writes still come. Until the handle is
 * given back its `data` is the library's, but not before the last of these
 * callbacks. The connection never falls back to plain text: what is written is
 * encrypted, or the stream fails. TCP_NODELAY is set.
 *
 * Returns the stream; `on_secure`, or `on_error` and `on_close`, follow. On
 * failure the result is NULL, `error` says why, no callback comes, and the
 * handle is the caller's still, untouched.
 *
 * Ownership: the handle is the stream's on success; see `release`. Options are
 * copied, `events` is borrowed for the stream's life.
 * Callbacks: those in `events`, and `release`.
 * Errors: WRONG_STATE (not connected both ways, closing, or TLS is on it
 * already), INVALID_ARGUMENT (neither TCP nor a pipe, or an option),
 * PLAINTEXT_INJECTED, NO_NAME, NO_CERTIFICATE, NO_MEMORY, and those of
 * tlstream_context_new() where no context is given.
 * Thread: the handle's loop's.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED tlstream *
tlstream_upgrade(uv_stream_t *handle, const tlstream_upgrade_options *options,
                 const tlstream_events *events, void *data,
                 tlstream_error *error);

/**
 * Take the handle of a stream with `return_handle` back, to go on in plain
 * text. Only in its `on_close`, with the ending CLEAN.
 *
 * `trailing` receives what has been read of it behind the peer's goodbye:
 * borrowed until `on_close` returns. Nothing is read after the goodbye until
 * then, so that it is never more than one read brings; the rest comes by
 * reading the handle. NULL for `trailing` drops it.
 *
 * Returns the handle, not reading, with the `data` that it had before; or NULL
 * when there is none to be had: with another ending, or where the peer has not
 * taken our goodbye before the shutdown deadline.
 *
 * Ownership: the caller's again, with all that goes with it: `release` is not
 * called any more.
 * Since: 0.1
 */
TLSTREAM_API uv_stream_t *tlstream_take_handle(tlstream *stream,
                                               tlstream_bytes *trailing);

#ifdef __cplusplus
}
#endif

#endif
