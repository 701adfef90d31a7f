/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CLIENT_H
#define TLSTREAM_CLIENT_H

#include <tlstream/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Where to connect, and what the server must prove. All zero: localhost, with
 * chain and name verified against the system's roots.
 */
typedef struct tlstream_connect_options {
  size_t size; /* sizeof(tlstream_connect_options); the macro sets it */

  /* NULL: a new context with the defaults. For many connections, make one and
   * share it. */
  tlstream_context *context;

  /* A name, in ASCII or UTF-8 (with libidn2), or an address, with or without a
   * zone ("fe80::1%eth0"); NULL: "localhost". */
  const char *host;
  int port;
  const char *path; /* a Unix socket instead; give a verify_name with it */

  /* The name that the certificate must be for; NULL: `servername` if given,
   * else `host`, without its zone. */
  const char *verify_name;
  /* The name to send to the server (SNI); NULL: `verify_name` or `host`, if
   * that is a DNS name; "": none. Addresses are never sent. */
  const char *servername;
  /* What DNS says about the server's certificate (DANE); see tlsa.h. */
  const tlstream_tlsa *tlsa;
  size_t tlsa_count;

  /* Resume this session, of `on_session`, if it fits and the server takes it;
   * else the handshake is a full one. Without it a session of the context's
   * cache is used, if it has one. */
  tlstream_session *session;

  tlstream_timeouts timeouts;
  size_t high_water_mark; /* of the write queue; 0: 65,536 bytes */
  bool allow_half_open;   /* the peer's end does not end our side */
} tlstream_connect_options;

#define TLSTREAM_CONNECT(...)                                            \
  (&(tlstream_connect_options){.size = sizeof(tlstream_connect_options), \
                               __VA_ARGS__})
#define TLSTREAM_CONNECT_OPTIONS_INIT \
  TLSTREAM_OPTIONS_INIT(tlstream_connect_options)

/**
 * Connect to a server and perform the handshake.
 *
 * Returns at once; `on_secure` is called when the server's certificate has been
 * verified, `on_error` and `on_close` when the server could not be reached or
 * its certificate is refused. All addresses of a name are tried, a quarter of a
 * second apart, and the first connection is used (RFC 8305). Writes before
 * `on_secure` are queued and sent after it.
 *
 * On failure, which is an invalid option or out of memory, the result is NULL,
 * `error` has the reason, and no callback is called.
 *
 * Ownership: see tlstream. `events` is borrowed for the stream's life.
 * Callbacks: those in `events`.
 * Errors: NO_NAME, INVALID_ARGUMENT, NO_MEMORY, and those of
 * tlstream_context_new() where no context is given.
 * Thread: the loop's.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED tlstream *
tlstream_connect(uv_loop_t *loop, const tlstream_connect_options *options,
                 const tlstream_events *events, void *data,
                 tlstream_error *error);

#ifdef __cplusplus
}
#endif

#endif
