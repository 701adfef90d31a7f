/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_SERVER_H
#define TLSTREAM_SERVER_H

#include <tlstream/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Listens, performs handshakes, and emits a stream for each client that was
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
  /* The handshake with a client is done and the client is accepted. Give its
   * stream callbacks with tlstream_set_events(), or a pipe. Node's
   * 'secureConnection'. */
  void (*on_connection)(tlstream_server *server, tlstream *stream, void *data);
  /* A ClientHello has arrived: `servername` is the host that it asks for (SNI),
   * NULL if it names none. Answer with tlstream_hello_accept() or
   * tlstream_hello_refuse(), now or later; to answer later, keep a
   * tlstream_ref() until then. Without an answer the handshake's deadline ends
   * it. Without this callback the contexts that were added by name decide. */
  void (*on_hello)(tlstream_server *server, tlstream *stream,
                   const char *servername, void *data);
  /* A client of TLS 1.2 that takes no tickets gives the id of a session that is
   * not in its context's cache. Answer with tlstream_lookup_answer(), now or
   * later, as on_hello. Without this callback there is none. Node's
   * 'resumeSession'. */
  void (*on_session_lookup)(tlstream_server *server, tlstream *stream,
                            tlstream_bytes id, void *data);
  /* Such a client has a session that can be stored under this id, for the
   * `ticket_lifetime_s` of its context, for this server and for others; after
   * on_connection. Both are borrowed for the call. Node's 'newSession'. */
  void (*on_session_made)(tlstream_server *server, tlstream *stream,
                          tlstream_bytes id, tlstream_bytes session,
                          void *data);
  /* With `ask_psk`: a client has a PSK by this identity; see on_psk of
   * tlstream_events. */
  void (*on_psk)(tlstream_server *server, tlstream *stream,
                 const char *identity, size_t len, void *data);
  /* A client's certificate has been judged, and would let it in: is it
   * accepted? Answer with tlstream_verify_accept() or tlstream_verify_refuse(),
   * now or later; to answer later, keep a tlstream_ref() until then. Without an
   * answer the handshake's deadline ends it. Until then no data comes or goes,
   * and the client gets no ticket. Asked for each connection once, those that
   * resume a session too; a server that asks does not resume sessions of
   * TLS 1.2. Clients that show no certificate are not asked about. */
  void (*on_verify)(tlstream_server *server, tlstream *stream, void *data);
  /* A connection failed before its client was accepted. `address` is the
   * client's; both are borrowed for the call. */
  void (*on_client_error)(tlstream_server *server,
                          const tlstream_address *address,
                          const tlstream_error *error, void *data);
  /* Accepting failed (too many open files, for example). The server tries again
   * by itself a moment later; called once until a connection is accepted. */
  void (*on_error)(tlstream_server *server, const tlstream_error *error,
                   void *data);
  /* The server and its last stream have closed; once, last. */
  void (*on_close)(tlstream_server *server, void *data);
  /* Room for callbacks of later versions; leave zero. */
  void (*reserved[3])(void);
} tlstream_server_events;

typedef struct tlstream_server_options {
  size_t size; /* sizeof(tlstream_server_options); the macro sets it */

  /* Which context serves a client. */
  tlstream_context *context; /* with a certificate and its key */
  /* Refuse clients that ask for a name that no context was added for, or for
   * none (alert unrecognized_name); otherwise `context` serves them. */
  bool require_known_name;

  /* Each stream. */
  tlstream_timeouts timeouts; /* the handshake's runs from accepting */
  size_t high_water_mark;     /* of the write queue; 0: 65,536 bytes */
  bool allow_half_open;       /* the client's end does not end our side */

  /* Several servers, of one process or of many, listen on one port, and the
   * system spreads connections over them (SO_REUSEPORT): each has to set it,
   * and to belong to the same user. One loop and one server for each core. */
  bool reuse_port;

  /* Limits. */
  int backlog; /* of the kernel; 0: 511 */
  /* Connections at once, from accepting on: those beyond it are accepted and
   * closed. Nothing else bounds how many clients may be connected without
   * sending anything; each costs a socket and about 2 KiB until the handshake's
   * deadline. 0: no limit. */
  size_t max_connections;
  /* Handshakes at once, each counted from its complete ClientHello on. When all
   * are taken, connections wait with their ClientHello, and new ones in the
   * backlog, until a handshake is done. For each that waits, the oldest
   * handshake that began more than a second ago is ended. 0: 1,000. */
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
 * Listen on a socket that the program was given: by systemd, or by the process
 * that it replaces. It is a TCP or Unix socket that listens already. It is set
 * not to block, and to be closed on exec; the path of a Unix socket is not
 * removed.
 *
 * Returns 0 or an error.
 *
 * Ownership: `fd` is the server's on success, and closed with it; it stays the
 * caller's on failure.
 * Errors: INVALID_ARGUMENT (no socket, or one that does not listen), LISTEN,
 * WRONG_STATE.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_server_listen_descriptor(tlstream_server *server, int fd,
                                  tlstream_error *error);

/**
 * Serve TLS on a libuv TCP or pipe handle that the caller has accepted, and may
 * have used in plain text (STARTTLS). It counts as if the server had accepted
 * it: deadlines, limits, contexts by name, and all of the server's events. The
 * server need not listen. In `on_connection`, tlstream_data() of the stream is
 * the handle's `data`.
 *
 * `head` is what was read from the handle after the last plain text: the
 * beginning of TLS. If the client has sent plain text after its STARTTLS, that
 * is in it and fails the handshake; never pass it to the plain text's parser.
 * For what else happens to the handle see tlstream_upgrade(). `release` is
 * called before the stream's `on_close`, when the handle's memory may be freed;
 * NULL: the memory lasts at least as long as the server.
 *
 * Returns 0 or an error; after an error the handle is still the caller's, and
 * unchanged.
 *
 * Ownership: the handle is the server's on success; see `release`.
 * Callbacks: those of the server, from the loop, and `release`.
 * Errors: SERVER_FULL (max_connections), CLOSED (the server is closing),
 * WRONG_STATE (not connected both ways, closing, or TLS is on it already),
 * INVALID_ARGUMENT (neither TCP nor a pipe, another loop, over 64 KiB of head),
 * NO_MEMORY.
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
 * certificate, trust, refusals, versions, protocols, tickets. Open connections
 * keep theirs.
 *
 * Returns 0 or an error. Node's server.addContext().
 *
 * Ownership: takes a reference to the context.
 * Errors: INVALID_ARGUMENT, NO_CERTIFICATE, NO_MEMORY.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_server_add_context(tlstream_server *server, const char *pattern,
                            tlstream_context *context, tlstream_error *error);

/**
 * Replace the context for clients that no pattern matches, to renew a
 * certificate for example. Open connections keep the previous one.
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
 * Write the address that the server listens on to `address`. Returns 0 or an
 * error.
 *
 * Errors: WRONG_STATE (it does not listen).
 * Since: 0.1
 */
TLSTREAM_API int tlstream_server_address(const tlstream_server *server,
                                         tlstream_address *address);

/**
 * Return the number of connections, those in the handshake included. Node's
 * server.getConnections().
 *
 * Since: 0.1
 */
TLSTREAM_API size_t tlstream_server_connections(const tlstream_server *server);

/**
 * Change `max_connections`; 0 is no limit. Node's server.maxConnections.
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
