/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_STREAM_H
#define TLSTREAM_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include <tlstream/certificate.h>
#include <tlstream/context.h>
#include <tlstream/error.h>
#include <tlstream/export.h>
#include <tlstream/pair.h>
#include <tlstream/pair_ending.h>
#include <tlstream/session.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A cleartext stream: what you write arrives at the peer encrypted, what the
 * peer sends comes out of `on_data`. Node's CleartextStream and TLSSocket.
 *
 * Callbacks run only from the loop, never inside a call of yours, and every
 * call is legal in every callback and in every state: it works, or it returns
 * an error.
 *
 * Ownership: made by tlstream_connect() or by a server; the library releases
 * it when `on_close` has returned. tlstream_ref() keeps the memory longer.
 * Thread: the loop's.
 */
typedef struct tlstream tlstream;

/**
 * What a stream calls. Leave out what you do not need. The table is borrowed
 * for the stream's life: make it static and const.
 */
typedef struct tlstream_events {
  /* The handshake is done and the peer accepted; once. */
  void (*on_secure)(tlstream *stream, void *data);
  /* Cleartext arrived; `bytes` is borrowed for the call. A stream reads only
   * while it has on_data or a pipe. */
  void (*on_data)(tlstream *stream, const void *bytes, size_t len, void *data);
  /* The peer has ended (close_notify); once, after all data. */
  void (*on_end)(tlstream *stream, void *data);
  /* After a write that returned 1: the queue is empty again. */
  void (*on_drain)(tlstream *stream, void *data);
  /* It failed; once, with the first cause; on_close follows. */
  void (*on_error)(tlstream *stream, const tlstream_error *error, void *data);
  /* It is over; once, last, always. */
  void (*on_close)(tlstream *stream, tlstream_ending ending, void *data);
  /* With `choose_context`: a client asks for a host, `servername`, or NULL if
   * it named none; once, before on_secure. Answer with tlstream_hello_accept()
   * or tlstream_hello_refuse(), now or later; to answer later, keep a
   * tlstream_ref() until then. Without an answer the handshake's deadline ends
   * it. Without this callback the answer is the stream's own context. A
   * server's streams ask its on_hello instead. */
  void (*on_hello)(tlstream *stream, const char *servername, void *data);
  /* With `external_sessions`: a client of TLS 1.2 gives the id of a session.
   * Answer with tlstream_lookup_answer(), now or later, as on_hello. A server's
   * streams ask its callbacks instead, here and below. */
  void (*on_session_lookup)(tlstream *stream, tlstream_bytes id, void *data);
  /* A client has a session that can be stored under this id; see
   * tlstream_pair_made_session(). After on_secure; both are borrowed for the
   * call. */
  void (*on_session_made)(tlstream *stream, tlstream_bytes id,
                          tlstream_bytes session, void *data);
  /* With `ask_psk`: a client has a PSK by this identity, bytes of its choice;
   * see tlstream_pair_psk_identity(). Answer with tlstream_psk_accept() or
   * tlstream_psk_refuse(), now or later; to answer later, keep a tlstream_ref()
   * until then, as on_hello. In TLS 1.3 it comes for each identity until one is
   * known. Without this callback none is. A server's streams ask its on_psk
   * first. */
  void (*on_psk)(tlstream *stream, const char *identity, size_t len,
                 void *data);
  /* The peer's certificate has been judged, and would let it in: is it
   * accepted? Once, before on_secure, where the peer has shown a certificate;
   * also where it resumes a session. Answer with tlstream_verify_accept() or
   * tlstream_verify_refuse(), now or later, as on_hello. A server's streams ask
   * its on_verify instead, if it has one. */
  void (*on_verify)(tlstream *stream, void *data);
  /* After tlstream_request_flushed(): all that was written has left; once for
   * each time that it was wanted. */
  void (*on_flushed)(tlstream *stream, void *data);
  /* A client's: the server gave a session, with which the next connection to
   * it can be shorter (the option `session`). Once in TLS 1.2, behind
   * on_secure; in TLS 1.3 any number of times, most often with the first data.
   * It is borrowed for the call: tlstream_session_ref() keeps it. */
  void (*on_session)(tlstream *stream, tlstream_session *session, void *data);
  /* Room for callbacks of later versions; leave zero. */
  void (*reserved[2])(void);
} tlstream_events;

/**
 * Where one end of a connection is.
 */
typedef struct tlstream_address {
  char host[112]; /* "127.0.0.1", "::1", or the path of a Unix socket */
  int port;       /* 0 for a Unix socket */
} tlstream_address;

/** Called when the library is through with a buffer that it was given. */
typedef void (*tlstream_release_cb)(void *bytes, size_t len, void *arg);

/** Called when a handle that the library was given is closed, and its memory
 * can go. */
typedef void (*tlstream_handle_release_cb)(uv_stream_t *handle);

/**
 * Replace the callbacks and their data, for example in a server's
 * `on_connection`. Setting on_data makes the stream flow.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_set_events(tlstream *stream,
                                      const tlstream_events *events,
                                      void *data);

/**
 * Send bytes to the peer. They are copied, coalesced with other writes of the
 * same turn of the loop, and kept until the handshake is done.
 *
 * Returns 0; or 1 when they were taken and the queue is now past its
 * high-water mark, so that it is better to wait for `on_drain`; or an error,
 * and then nothing was taken. An empty write is legal and does nothing.
 *
 * Errors: WRITE_AFTER_END, CLOSED, NO_MEMORY.
 * Since: 0.1
 */
TLSTREAM_API int tlstream_write(tlstream *stream, const void *bytes,
                                size_t len);

/**
 * As tlstream_write(), without the copy: the library keeps `bytes` until they
 * are encrypted or the stream is over.
 *
 * Ownership: taken on success and given back by `release`, exactly once, in
 * every ending; on an error it stays with the caller and `release` is never
 * called.
 * Callbacks: `release`, later, from the loop.
 * Errors: WRITE_AFTER_END, CLOSED, NO_MEMORY.
 * Since: 0.1
 */
TLSTREAM_API int tlstream_write_owned(tlstream *stream, void *bytes, size_t len,
                                      tlstream_release_cb release, void *arg);

/**
 * Send what has been written now, and after tlstream_end() close_notify, as far
 * as the transport takes it, instead of with what else is written in this turn
 * of the loop. Before the handshake is done it does nothing.
 *
 * Callbacks: none; an error is reported later, from the loop.
 * Since: 0.1
 */
TLSTREAM_API void tlstream_flush(tlstream *stream);

/**
 * Ask for one call of `on_flushed` when everything that was written has been
 * encrypted and the transport has taken it all, so that tlstream_destroy() from
 * there loses nothing of it; after tlstream_end() close_notify is a part of it.
 * Asked again before, it still comes once.
 *
 * It waits for the handshake, and never comes after on_error or on_close: what
 * has been lost is not reported as flushed. Whether the peer has it, only the
 * peer can confirm.
 *
 * Callbacks: `on_flushed`, from the loop; in the same turn as the write, if the
 * transport takes it at once.
 * Since: 0.1
 */
TLSTREAM_API void tlstream_request_flushed(tlstream *stream);

/**
 * End the sending direction: what is queued goes out, then close_notify, then
 * the transport is half-closed. This is always a half-close: reading goes on,
 * and what the peer still sends is delivered until it ends, for
 * `timeouts.half_closed_ms` after its last byte at the most. Calling it again
 * does nothing. Node's socket.end().
 *
 * Many peers (nginx, Node, most HTTP servers) give up on an answer when they
 * see close_notify or FIN. End is for protocols that have a half-close;
 * elsewhere read the answer first, then tlstream_close().
 *
 * Before `on_secure`: if writes wait, connecting and the handshake go on for
 * them; otherwise they are abandoned, and `on_close` comes with TRUNCATED.
 *
 * Callbacks: `on_close` in the end.
 * Since: 0.1
 */
TLSTREAM_API void tlstream_end(tlstream *stream);

/**
 * Close the connection: as tlstream_end(), and what the peer still sends is
 * read and discarded, even while paused, until the peer's end or for
 * `timeouts.shutdown_ms`. A socket that is closed with unread input resets, and
 * the reset overtakes what was sent; this way it arrives. No `on_data` and no
 * `on_end` comes any more. May follow tlstream_end().
 *
 * Callbacks: `on_close` in the end; `on_error` before it only if bytes of ours
 * are lost.
 * Since: 0.1
 */
TLSTREAM_API void tlstream_close(tlstream *stream);

/**
 * Set `allow_half_open` anew: whether the peer's end leaves ours to
 * tlstream_end(). By itself a stream does not end while another one is piped
 * into it: the end of that pipe decides.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_set_half_open(tlstream *stream, bool allow);

/**
 * Set `timeouts.idle_ms` anew: for how long nothing may come or go; 0 or
 * TLSTREAM_NO_TIMEOUT: for ever. It counts from the last byte either way, but
 * from this call at the earliest. A server that wants a request soon, and lets
 * a client that has made one wait, changes it with each.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_set_idle_timeout(tlstream *stream, unsigned idle_ms);

/**
 * Set whether an open stream keeps its loop running, as it does at first: not
 * keeping it, the stream works as long as something else does. For its socket
 * and its deadlines, libuv's uv_ref() and uv_unref(); what is still being
 * dialed, a key that signs on another thread, and what was scheduled for this
 * turn keep it running all the same.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_keep_loop_alive(tlstream *stream, bool keep);

/**
 * Drop the connection now: no close_notify, what is queued is lost. If bytes
 * of ours are lost, the transport is reset where it can be: a FIN would look
 * complete to a peer that does not look for close_notify.
 *
 * Callbacks: only `on_close`, and `release` of owned buffers, from the loop.
 * Since: 0.1
 */
TLSTREAM_API void tlstream_destroy(tlstream *stream);

/**
 * Stop the flow of `on_data`, and with it the reading of the transport.
 * Nothing is lost. The end of the peer's data waits behind the data.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_pause(tlstream *stream);

/**
 * Let `on_data` flow again.
 *
 * Callbacks: `on_data` for what is there already, from the loop.
 * Since: 0.1
 */
TLSTREAM_API void tlstream_resume(tlstream *stream);

/**
 * Send everything that comes out of `from` into `to`, which may be the same
 * stream: an echo. A slow `to` slows `from` down. `from` calls `on_data` no
 * more; all other callbacks of both still come. Both belong to one loop.
 *
 * The end of `from` ends `to`, behind what is queued; if `from` fails, is
 * truncated or destroyed, `to` is destroyed, so that a part is not passed off
 * as the whole. If `to` closes first, `from` is closed if its own side has
 * ended, and destroyed otherwise. With a pipe in each direction, each does so
 * on its own, and neither stream ends itself on its peer's end.
 *
 * Returns 0 or an error.
 *
 * Errors: CLOSED, WRONG_STATE (`from` is piped already).
 * Since: 0.1
 */
TLSTREAM_API int tlstream_pipe(tlstream *from, tlstream *to);

/**
 * Keep the memory of the stream beyond `on_close`. The connection is not kept.
 *
 * Since: 0.1
 */
TLSTREAM_API tlstream *tlstream_ref(tlstream *stream);

/**
 * Give back what tlstream_ref() took. NULL is a no-op.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_unref(tlstream *stream);

#ifdef __cplusplus
}
#endif

#endif
