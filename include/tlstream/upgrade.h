/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UPGRADE_H
#define TLSTREAM_UPGRADE_H

#include <tlstream/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Options for TLS on a connection that has been used in plain text (STARTTLS),
 * or that the caller has made.
 */
typedef struct tlstream_upgrade_options {
  size_t size; /* sizeof(tlstream_upgrade_options); the macro sets it */
  tlstream_role role;

  /* NULL: the defaults; a server needs one with a certificate. */
  tlstream_context *context;

  /* A client's: the name that the certificate must be for; NULL: `servername`.
   * One of them is required, unless the context allows unauthorized peers or
   * skips names. */
  const char *verify_name;
  /* A client's: the name to send to the server (SNI); NULL: `verify_name`, if
   * that is a DNS name; "": none. */
  const char *servername;
  /* A client's: what DNS says about the server's certificate (DANE); see
   * tlsa.h. */
  const tlstream_tlsa *tlsa;
  size_t tlsa_count;

  /* A client's: as in tlstream_pair_options. */
  tlstream_session *session;
  int port;

  /* What has been read from the handle after the last plain text. On a server
   * that is the beginning of TLS (at most 64 KiB). On a client it must be
   * empty: in TLS the client sends first, so more bytes from the server are
   * plain text that anyone may have injected. */
  tlstream_bytes head;

  tlstream_timeouts timeouts;
  size_t high_water_mark; /* of the write queue; 0: 65,536 bytes */
  bool allow_half_open;   /* the peer's end does not end our side */

  /* Called before `on_close`, when the library has closed the handle and no
   * longer uses its memory. NULL: the memory is the caller's, and must last
   * until `on_close`. */
  tlstream_handle_release_cb release;
  /* Go back to plain text when both sides have sent close_notify: the
   * connection is then neither half-closed nor closed, and in `on_close`, with
   * the ending CLEAN, tlstream_take_handle() returns the handle. Needs
   * `release`, because a handle that is not taken is closed after `on_close`.
   */
  bool return_handle;

  /* A server's: stop at the ClientHello, and go on when `on_hello` has been
   * answered; see tlstream_pair_options. */
  bool choose_context;
  /* A server's: call `on_session_lookup` and `on_session_made`; see
   * tlstream_pair_options. */
  bool external_sessions;

  /* Close the handle as it is, also when bytes of ours are lost, instead of
   * resetting the connection: a peer that does not look for close_notify then
   * takes a part for the whole. Node's sockets do so. */
  bool insecure_fin_after_loss;
} tlstream_upgrade_options;

#define TLSTREAM_UPGRADE(...)                                            \
  (&(tlstream_upgrade_options){.size = sizeof(tlstream_upgrade_options), \
                               __VA_ARGS__})
#define TLSTREAM_UPGRADE_OPTIONS_INIT \
  TLSTREAM_OPTIONS_INIT(tlstream_upgrade_options)

/**
 * Start TLS on a libuv TCP or pipe handle that is in use.
 *
 * The stream takes the handle over: reading that the caller has started is
 * stopped and its callback is not called again. What the caller has written is
 * sent first, and the callbacks of those writes are still called; after the
 * last of them the handle's `data` is the library's, until the handle is given
 * back. The connection never falls back to plain text: what is written is
 * encrypted, or the stream fails. TCP_NODELAY is set.
 *
 * Returns the stream; `on_secure`, or `on_error` and `on_close`, follow. On
 * failure the result is NULL, `error` has the reason, no callback is called,
 * and the handle is still the caller's, and unchanged.
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
 * Take back the handle of a stream with `return_handle`, to go on in plain
 * text. Only in its `on_close`, with the ending CLEAN.
 *
 * `trailing` receives what has been read after the peer's close_notify:
 * borrowed until `on_close` returns. It is at most what the read returned that
 * contained the close_notify; read the handle for more. NULL drops it.
 *
 * Returns the handle, not reading, with the `data` that it had before; or NULL
 * when it cannot be taken: with another ending, or when our close_notify had
 * not left before the shutdown deadline.
 *
 * Ownership: the handle is the caller's again; `release` is not called.
 * Since: 0.1
 */
TLSTREAM_API uv_stream_t *tlstream_take_handle(tlstream *stream,
                                               tlstream_bytes *trailing);

#ifdef __cplusplus
}
#endif

#endif
