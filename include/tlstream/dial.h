/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_DIAL_H
#define TLSTREAM_DIAL_H

#include <tlstream/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A connection that is being made, without TLS: for protocols that begin in
 * plain text, and for programs that put a pair on the socket themselves.
 *
 * Ownership: made by tlstream_dial(); the library releases it when `on_dialed`
 * has returned.
 * Thread: the loop's.
 */
typedef struct tlstream_dialer tlstream_dialer;

/**
 * The outcome of tlstream_dial(); called once, from the loop.
 *
 * On success `fd` is the connected socket, which does not block and is closed
 * on exec; `peer` is the address that answered, and `error` is NULL. The socket
 * is the callee's to close: pass it to uv_tcp_open(), or uv_pipe_open() for a
 * Unix socket, and the handle to tlstream_upgrade().
 *
 * On failure `fd` is -1, `peer` is NULL, and `error` has the reason: CONNECT,
 * with each address and what was wrong with it; CONNECT_TIMEOUT; CANCELED after
 * tlstream_dialer_cancel(); NO_MEMORY. `peer` and `error` are borrowed for the
 * call.
 */
typedef void (*tlstream_dialed_cb)(int fd, const tlstream_address *peer,
                                   const tlstream_error *error, void *data);

/**
 * Where to connect.
 */
typedef struct tlstream_dial_options {
  size_t size; /* sizeof(tlstream_dial_options); the macro sets it */

  /* A name, in ASCII or UTF-8 (with libidn2), or an address, with or without a
   * zone ("fe80::1%eth0"); NULL: "localhost". */
  const char *host;
  int port;
  const char *path; /* a Unix socket instead */

  /* Name look-up and the race of the addresses, in milliseconds; 0: 10,000;
   * TLSTREAM_NO_TIMEOUT: no limit of ours. */
  unsigned connect_ms;
} tlstream_dial_options;

#define TLSTREAM_DIAL(...) \
  (&(tlstream_dial_options){.size = sizeof(tlstream_dial_options), __VA_ARGS__})
#define TLSTREAM_DIAL_OPTIONS_INIT TLSTREAM_OPTIONS_INIT(tlstream_dial_options)

/**
 * Connect in plain text, as tlstream_connect() does before its handshake: all
 * addresses of a name are tried, a quarter of a second apart, and the first
 * connection is used (RFC 8305).
 *
 * As with a stream, SIGPIPE is ignored from then on, if the program has not set
 * a handler: libuv's writes to a closed connection would end the process.
 *
 * Returns at once; `on_dialed` is called with the socket or the reason. On
 * failure, which is an invalid option or out of memory, the result is NULL,
 * `error` has the reason, and `on_dialed` is not called.
 *
 * Ownership: see tlstream_dialer; options are copied.
 * Callbacks: `on_dialed`, once, from the loop.
 * Errors: INVALID_ARGUMENT, NO_MEMORY, CONNECT (no look-up can be begun).
 * Thread: the loop's.
 * Since: 0.1
 */
TLSTREAM_API tlstream_dialer *
tlstream_dial(uv_loop_t *loop, const tlstream_dial_options *options,
              tlstream_dialed_cb on_dialed, void *data, tlstream_error *error);

/**
 * Give up: attempts end at once, and `on_dialed` follows with CANCELED. Not
 * legal once `on_dialed` has returned; during it, it does nothing. A look-up
 * that the system has begun cannot be stopped: it keeps the loop alive until it
 * returns, and `on_dialed` does not wait for it.
 *
 * Callbacks: `on_dialed`, from the loop.
 * Since: 0.1
 */
TLSTREAM_API void tlstream_dialer_cancel(tlstream_dialer *dialer);

#ifdef __cplusplus
}
#endif

#endif
