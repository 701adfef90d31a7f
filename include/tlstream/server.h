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
  /* A client has said which host it wants: `servername`, or NULL if it named
   * none. Answer with tlstream_hello_accept() or tlstream_hello_refuse(), now
   * or later; to answer later, keep a tlstream_ref() until then. Without an
   * answer the handshake's deadline ends it. Without this callback the contexts
   * that were added by name decide. */
  void (*on_hello)(tlstream_server *server, tlstream *stream,
                   const char *servername, void *data);
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
  void (*reserved[5])(void);
} tlstream_server_events;

typedef struct tlstream_server_options {
  size_t size; /* sizeof(tlstream_server_options); the macro sets it */
  tlstream_context *context; /* with a certificate and its key */

  tlstream_timeouts timeouts;
  size_t high_water_mark; /* of each write queue; 0: 65,536 bytes */
  bool allow_half_open;   /* a client's end does not end our side */

  /* Refuse clients that ask for a name that no context was added for, or for
   * none (alert unrecognized_name); else they get `context`. */
  bool require_known_name;

  int backlog; /* of the kernel; 0: 511 */
  /* Connections at once, those in the handshake included: who comes when they
   * are all taken is refused. 0: no limit. */
  size_t max_connections;
  /* Handshakes at once: who comes then waits in the backlog, until one of them
   * is done or has been silent for a second; the most silent one then gives its
   * place up. 0: 1,000. */
  size_t max_handshakes;
} tlstream_server_options;

#define TLSTREAM_SERVER(...)                                           \
  (&(tlstream_server_options){.size = sizeof(tlstream_server_options), \
                              __VA_ARGS__})
#define TLSTREAM_SERVER_OPTIONS_INIT \
  TLSTREAM_OPTIONS_INIT(tlstream_server_options)

/**
 * Make a server. It does not listen yet.
 *
 * Ownership: takes a reference to the context. End it with
 * tlstream_server_close().
 * Errors: NO_CERTIFICATE, INVALID_ARGUMENT, NO_MEMORY.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED tlstream_server *
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
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_server_listen(tlstream_server *server, const char *host, int port,
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
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_server_listen_path(tlstream_server *server, const char *path,
                            tlstream_error *error);

/**
 * Shake hands on a TCP connection or a pipe of libuv's that somebody else has
 * accepted, and may have used in plain text (STARTTLS). It counts as if it had
 * been accepted here: deadlines, limits, contexts by name, and all of the
 * server's events. The server need not listen. What tlstream_data() gives in
 * `on_connection` is the handle's `data`.
 *
 * `head` is what was read from the handle behind the last plain text: the
 * beginning of TLS. What a client had sent behind its STARTTLS is in it, and
 * fails the handshake; never give it to the plain text's parser. For the rest
 * of what happens to the handle see tlstream_upgrade(). `release` is called
 * before the stream's `on_close`, when its memory can go; NULL: the memory
 * lasts at least as long as the server.
 *
 * Returns 0 or an error, and then the handle is the caller's still, untouched.
 *
 * Ownership: the handle is the server's on success; see `release`.
 * Callbacks: those of the server, from the loop, and `release`.
 * Errors: SERVER_FULL, CLOSED (the server is closing), WRONG_STATE (not
 * connected both ways, closing, or TLS is on it already), INVALID_ARGUMENT
 * (neither TCP nor a pipe, another loop, over 64 KiB of head), NO_MEMORY.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_server_adopt(tlstream_server *server, uv_stream_t *handle,
                      tlstream_bytes head, tlstream_handle_release_cb release,
                      tlstream_error *error);

/**
 * Serve clients that ask for a host by `pattern` (SNI) with `context`: a host
 * name in which `*` may stand for any one whole label, "*.example.com". The
 * exact name comes first, then the longest pattern; case does not count; an
 * equal pattern replaces the one before. All of the context's policy holds:
 * certificate, trust, who is refused, versions, protocols, tickets. Connections
 * that are open keep what they have.
 *
 * Returns 0 or an error. The page's addContext.
 *
 * Ownership: takes a reference to the context.
 * Errors: INVALID_ARGUMENT, NO_CERTIFICATE, NO_MEMORY.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_server_add_context(tlstream_server *server, const char *pattern,
                            tlstream_context *context, tlstream_error *error);

/**
 * Replace the context for clients that no pattern fits, to renew a certificate
 * for example. Connections that are open keep the one before.
 *
 * Returns 0 or an error, after which nothing has changed.
 *
 * Ownership: takes a reference to the context.
 * Errors: NO_CERTIFICATE.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_server_set_context(tlstream_server *server, tlstream_context *context,
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
