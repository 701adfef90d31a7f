/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TRANSPORT_H
#define TLSTREAM_TRANSPORT_H

#include <stddef.h>

#include <tlstream/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Moves a stream's encrypted bytes: a table of functions. The library has one
 * for libuv's TCP and pipe handles; write another for anything that moves bytes
 * both ways and in order.
 *
 * The methods are called from the loop and from inside calls of stream
 * functions. A transport reports events to its stream with the functions
 * tlstream_transport_..., only from the loop, and never inside a method.
 *
 * Thread: the stream's loop's.
 */
typedef struct tlstream_transport tlstream_transport;

/**
 * What a transport can do. The table is borrowed for the transport's life: make
 * it static and const. None is called again after `close`, `release` aside.
 */
typedef struct tlstream_transport_methods {
  /* Send `data`, all of it: what cannot leave now is copied and kept. Returns
   * 0 when it has left; 1 when some is kept, and then
   * tlstream_transport_written() follows, and write is not called before; or
   * a negative libuv code. `len` is never 0. */
  int (*write)(tlstream_transport *transport, const void *data, size_t len);

  /* Start or stop reading. Stopped at first. Start returns 0 or a negative
   * libuv code. */
  int (*read_start)(tlstream_transport *transport);
  void (*read_stop)(tlstream_transport *transport);

  /* Send the end (FIN) after what was written; never while something is kept.
   * Reading goes on. A failure has no effect: reading will report it. NULL: a
   * transport without a half-close, as a WebSocket is; after our close_notify
   * the peer's is awaited, and then the transport is closed. */
  void (*shutdown)(tlstream_transport *transport);

  /* Close at once; tlstream_transport_closed() follows. What is kept is
   * dropped. */
  void (*close)(tlstream_transport *transport);

  /* It has closed, and the library no longer uses its memory; the stream's
   * `on_close` is called next. NULL: there is nothing to do. */
  void (*release)(tlstream_transport *transport);

  /* The addresses of the two ends. Return 0 or a negative libuv code. NULL: not
   * known. */
  int (*remote_address)(tlstream_transport *transport,
                        tlstream_address *address);
  int (*local_address)(tlstream_transport *transport,
                       tlstream_address *address);

  /* How many bytes that write has taken have not arrived at the peer yet, as
   * far as is known. With it the send deadline distinguishes a slow peer from
   * one that takes nothing. NULL: not known. */
  size_t (*unsent)(tlstream_transport *transport);

  /* Whether the transport's handles keep the loop alive: see
   * tlstream_keep_loop_alive(). NULL: the user of the transport decides. */
  void (*keep_alive)(tlstream_transport *transport, bool keep);

  /* Close at once as `close` does, in a way that the peer does not take for an
   * end (RST); tlstream_transport_closed() follows. Called instead of `close`
   * when data of ours is lost. NULL: `close` is called. */
  void (*reset)(tlstream_transport *transport);

  /* The descriptor of the socket that carries the bytes, for
   * <tlstream/stream_socket.h>, or a negative libuv code. NULL: there is none.
   */
  int (*descriptor)(tlstream_transport *transport);

  /* Room for methods of later versions; leave zero. */
  void (*reserved[4])(void);
} tlstream_transport_methods;

/**
 * The first member of every transport: set `methods`, leave the rest zero.
 */
struct tlstream_transport {
  const tlstream_transport_methods *methods;
  tlstream *stream; /* set by the library; borrowed */
  void *reserved[2];
};

/**
 * Encrypted bytes have arrived. All of them are taken; `data` is borrowed for
 * the call. Afterwards the stream may have called `read_stop`, or `close`.
 *
 * Callbacks: those of the stream.
 * Since: 0.1
 */
TLSTREAM_API void tlstream_transport_input(tlstream_transport *transport,
                                           const void *data, size_t len);

/**
 * The peer's end (FIN) has arrived: no more input comes. Writing goes on.
 *
 * Callbacks: those of the stream.
 * Since: 0.1
 */
TLSTREAM_API void tlstream_transport_eof(tlstream_transport *transport);

/**
 * The transport broke, for reading at least; `status` is a negative libuv
 * code, UV_ECONNRESET for example. No more input comes.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_transport_failed(tlstream_transport *transport,
                                            int status);

/**
 * What `write` kept has left (0), or was lost (a negative libuv code).
 *
 * Callbacks: those of the stream.
 * Since: 0.1
 */
TLSTREAM_API void tlstream_transport_written(tlstream_transport *transport,
                                             int status);

/**
 * The transport is closed: the answer to its method, once, and its last call.
 *
 * Callbacks: `release`, and the stream's `on_close`.
 * Since: 0.1
 */
TLSTREAM_API void tlstream_transport_closed(tlstream_transport *transport);

/**
 * Options for TLS over a transport, or inside another stream.
 */
typedef struct tlstream_over_options {
  size_t size; /* sizeof(tlstream_over_options); the macro sets it */
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

  /* What has been read after the last plain text: see
   * tlstream_upgrade_options. */
  tlstream_bytes head;

  tlstream_timeouts timeouts;
  size_t high_water_mark; /* of the write queue; 0: 65,536 bytes */
  bool allow_half_open;   /* the peer's end does not end our side */

  /* A server's: stop at the ClientHello, and go on when `on_hello` has been
   * answered; see tlstream_pair_options. */
  bool choose_context;
  /* A server's: call `on_session_lookup` and `on_session_made`; see
   * tlstream_pair_options. */
  bool external_sessions;
} tlstream_over_options;

#define TLSTREAM_OVER(...) \
  (&(tlstream_over_options){.size = sizeof(tlstream_over_options), __VA_ARGS__})
#define TLSTREAM_OVER_OPTIONS_INIT TLSTREAM_OPTIONS_INIT(tlstream_over_options)

/**
 * Start TLS over a transport of the caller's, which is connected.
 *
 * Returns the stream; `on_secure`, or `on_error` and `on_close`, follow. On
 * failure the result is NULL, `error` has the reason, no callback is called,
 * and none of the transport's methods has been called.
 *
 * Ownership: the transport is the stream's on success, until its `release`, or
 * without one until `on_close`. `events` is borrowed for the stream's life.
 * Callbacks: those in `events`.
 * Errors: WRONG_STATE (it carries a stream already), INVALID_ARGUMENT (a
 * method is missing, or an option), PLAINTEXT_INJECTED, NO_NAME,
 * NO_CERTIFICATE, NO_MEMORY, and those of tlstream_context_new() where no
 * context is given.
 * Thread: the loop's.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED tlstream *
tlstream_over(uv_loop_t *loop, tlstream_transport *transport,
              const tlstream_over_options *options,
              const tlstream_events *events, void *data, tlstream_error *error);

/**
 * Start TLS inside another stream: through a proxy that speaks TLS itself, for
 * example. The outer stream must be secure, open both ways, and in no pipe.
 *
 * The inner stream takes the outer one over. Of the outer stream's events only
 * `on_close` is still called, before the inner stream's; do not write to it,
 * end it, or set its events. Ending the inner stream ends the outer one after
 * it, each with a close_notify; destroying it destroys the outer one. The end
 * of the outer stream is the end of the inner stream's transport: if it comes
 * before the inner close_notify, with or without an outer close_notify, the
 * inner stream was truncated.
 *
 * Returns the inner stream; `on_secure`, or `on_error` and `on_close`, follow.
 * On failure the result is NULL, `error` has the reason, no callback is called,
 * and the outer stream goes on as before.
 *
 * Ownership: see tlstream. `events` is borrowed for the stream's life.
 * Callbacks: those in `events`.
 * Errors: WRONG_STATE (the outer stream), and otherwise as tlstream_over().
 * Thread: the loop's.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED tlstream *
tlstream_over_stream(tlstream *outer, const tlstream_over_options *options,
                     const tlstream_events *events, void *data,
                     tlstream_error *error);

#ifdef __cplusplus
}
#endif

#endif
