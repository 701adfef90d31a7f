/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_SERVER_H
#define TLSTREAM_SERVER_H

#include <tlstream/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Listens, shakes hands, and hands over the streams of clients that were
 * accepted. Node's tls.Server.
 *
 * Ownership: the library releases it when `on_close` has returned.
 * Thread: the loop's.
 */
typedef struct tlstream_server tlstream_server;

/**
 * What a server calls; borrowed for the server's life.
 */
typedef struct tlstream_server_events {
  /* A client has shaken hands and is accepted. Give its stream callbacks with
   * tlstream_set_events(), or a pipe. The page's secureConnection. */
  void (*on_connection)(tlstream_server *server, tlstream *stream, void *data);
  /* A client came and failed before it was accepted. `address` is where it
   * came from; both are borrowed for the call. */
  void (*on_client_error)(tlstream_server *server,
                          const tlstream_address *address,
                          const tlstream_error *error, void *data);
  /* Accepting failed (too many open files, for example). It goes on by itself
   * a moment later; told once until a connection could be accepted again. */
  void (*on_error)(tlstream_server *server, const tlstream_error *error,
                   void *data);
  /* The server is closed and its last stream gone; once, last. */
  void (*on_close)(tlstream_server *server, void *data);
  /* Room for callbacks of later versions; leave zero. */
  void (*reserved[6])(void);
} tlstream_server_events;

typedef struct tlstream_server_options {
  size_t size; /* sizeof(tlstream_server_options); the macro sets it */
  tlstream_context *context; /* with a certificate and its key */

  unsigned handshake_timeout_ms; /* from accepting; 0: 10,000 */
  unsigned shutdown_timeout_ms;  /* from the last progress; 0: 3,000 */
  unsigned idle_timeout_ms;      /* from the last byte; 0: none */
  size_t high_water_mark;        /* of each write queue; 0: 65,536 bytes */
  bool allow_half_open;          /* a client's end does not end our side */

  int backlog; /* of the kernel; 0: 511 */
  /* Connections at once, those in the handshake included: who comes when they
   * are all taken is refused. 0: no limit. */
  size_t max_connections;
  /* Handshakes at once: who comes then waits in the backlog. 0: 1,000. */
  size_t max_handshakes;
} tlstream_server_options;

#define TLSTREAM_SERVER(...)                                           \
  (&(tlstream_server_options){.size = sizeof(tlstream_server_options), \
                              __VA_ARGS__})
#define TLSTREAM_SERVER_OPTIONS_INIT \
  { sizeof(tlstream_server_options) }

/**
 * Make a server. It does not listen yet.
 *
 * Ownership: takes a reference to the context. End it with
 * tlstream_server_close().
 * Errors: NO_CERTIFICATE, INVALID_ARGUMENT, NO_MEMORY.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_CHECK tlstream_server *
tlstream_server_new(uv_loop_t *loop, const tlstream_server_options *options,
                    const tlstream_server_events *events, void *data,
                    tlstream_error *error);

/**
 * Listen on a TCP port. `host` is an address or a name; NULL is every address
 * of this machine, IPv6 and IPv4. Port 0 asks the system for one: see
 * tlstream_server_address(). A name is looked up before the call returns.
 *
 * Returns 0 or an error, after which another address may be tried.
 *
 * Errors: LISTEN, INVALID_ARGUMENT, WRONG_STATE.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_CHECK int tlstream_server_listen(tlstream_server *server,
                                                       const char *host,
                                                       int port,
                                                       tlstream_error *error);

/**
 * Listen on a Unix socket at `path`, which must not exist yet; it is removed
 * when the server closes.
 *
 * Returns 0 or an error.
 *
 * Errors: LISTEN, INVALID_ARGUMENT, WRONG_STATE.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_CHECK int
tlstream_server_listen_path(tlstream_server *server, const char *path,
                            tlstream_error *error);

/**
 * Write where the server listens to `address`. Returns 0 or an error.
 *
 * Errors: WRONG_STATE (it does not listen).
 * Since: 0.1
 */
TLSTREAM_API int tlstream_server_address(const tlstream_server *server,
                                         tlstream_address *address);

/**
 * Return the number of connections, those in the handshake included. The
 * page's `connections`.
 *
 * Since: 0.1
 */
TLSTREAM_API size_t tlstream_server_connections(const tlstream_server *server);

/**
 * Set `max_connections` anew; 0 is no limit. The page's `maxConnections`.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_server_set_max_connections(tlstream_server *server,
                                                      size_t max);

/**
 * Stop listening now and let the streams finish: those still open after
 * `drain_ms` are ended, and destroyed when their shutdown deadline has passed.
 * Handshakes under way go on until then. Calling it again can only shorten the
 * wait.
 *
 * Callbacks: `on_close` when the last stream has closed, from the loop.
 * Since: 0.1
 */
TLSTREAM_API void tlstream_server_close(tlstream_server *server,
                                        unsigned drain_ms);

/**
 * Stop listening and destroy every stream.
 *
 * Callbacks: the streams' `on_close`, then the server's, from the loop.
 * Since: 0.1
 */
TLSTREAM_API void tlstream_server_destroy(tlstream_server *server);

#ifdef __cplusplus
}
#endif

#endif
