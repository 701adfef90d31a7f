/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_PAIR_H
#define TLSTREAM_PAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tlstream/certificate.h>
#include <tlstream/context.h>
#include <tlstream/error.h>
#include <tlstream/export.h>
#include <tlstream/session.h>
#include <tlstream/timeouts.h>
#include <tlstream/tlsa.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * One TLS connection without a network: encrypted bytes go in and out at one
 * end, cleartext at the other, and you move the bytes. A pair opens no socket,
 * starts no timer, has no clock and makes no callbacks. Node's SecurePair.
 *
 *     transport --feed-->  +------+  ---read--->  application
 *                          | pair |
 *     transport <-drain--  +------+  <--write---  application
 *
 * After anything that moves, ask tlstream_pair_next_event() what happened and
 * drain what is pending. Both queues are bounded: `feed` takes less than it is
 * offered while cleartext waits unread, `write` while output waits undrained.
 *
 * Ownership: one owner, one thread at a time.
 */
typedef struct tlstream_pair tlstream_pair;

typedef enum tlstream_role {
  TLSTREAM_ROLE_CLIENT,
  TLSTREAM_ROLE_SERVER
} tlstream_role;

typedef struct tlstream_pair_options {
  size_t size; /* sizeof(tlstream_pair_options); the macro sets it */
  tlstream_role role;

  /* NULL: the defaults, which will do for a client. */
  tlstream_context *context;

  /* A client's: the DNS name or address that the certificate must be for.
   * Required, unless the context lets unauthorized peers in or skips names. */
  const char *verify_name;
  /* A client's: what to ask the server for (SNI, RFC 6066). NULL: the
   * verify_name, if it is a DNS name; "": nothing. */
  const char *servername;
  /* A client's: what DNS says about the server's certificate; see tlsa.h. */
  const tlstream_tlsa *tlsa;
  size_t tlsa_count;

  /* A client's: resume this session, if it fits and the server takes it; else
   * the handshake is a full one. */
  tlstream_session *session;
  /* A client's: the server's port, by which the context's cache of sessions
   * tells the services of one name apart; 0: no matter. */
  int port;
  /* A client's: keep the sessions that the server gives, the latest four, for
   * tlstream_pair_take_session(). */
  bool keep_sessions;

  /* A server's: stop at the client's first message with TLSTREAM_EVENT_HELLO,
   * and go on when tlstream_pair_hello_accept() has set the context. `context`
   * then needs no certificate: a client that it is to serve without one is
   * refused (alert handshake_failure). */
  bool choose_context;
  /* A server's: sessions of TLS 1.2 are kept outside, too. A client that gives
   * the id of one which is not in the context's cache waits, with
   * TLSTREAM_EVENT_SESSION_LOOKUP, for tlstream_pair_lookup_answer(); each new
   * one is TLSTREAM_EVENT_SESSION_MADE. */
  bool external_sessions;

  /* Stop with TLSTREAM_EVENT_VERIFY when the peer has shown a certificate and
   * would be accepted, and go on when tlstream_pair_verify_accept() or
   * tlstream_pair_verify_refuse() has been called; no data comes or goes before
   * that. For each connection once, those that resume a session too. A peer
   * that shows no certificate is not asked about. */
  bool ask_verify;

  tlstream_timeouts timeouts;
  /* Keep what comes after the peer's close_notify, at most 64 KiB, for
   * tlstream_pair_take_trailing(). */
  bool keep_trailing;
} tlstream_pair_options;

#define TLSTREAM_PAIR(...) \
  (&(tlstream_pair_options){.size = sizeof(tlstream_pair_options), __VA_ARGS__})
#define TLSTREAM_PAIR_OPTIONS_INIT TLSTREAM_OPTIONS_INIT(tlstream_pair_options)

/**
 * What happened inside a pair, reported once each, in this order.
 */
typedef enum tlstream_event {
  TLSTREAM_EVENT_NONE,
  TLSTREAM_EVENT_HELLO, /* a server is to choose a context for the client */
  TLSTREAM_EVENT_SESSION_LOOKUP, /* and whether it resumes a session */
  TLSTREAM_EVENT_PSK,            /* a server is to find a key: see pair_psk.h */
  TLSTREAM_EVENT_VERIFY,         /* is the peer's certificate accepted? */
  TLSTREAM_EVENT_WORK,           /* a step of the handshake waits to be run: see
                                    tlstream/pair_work.h */
  TLSTREAM_EVENT_SECURE,         /* the handshake and verification are done */
  TLSTREAM_EVENT_SESSION_MADE,   /* a session of a server's can be stored */
  TLSTREAM_EVENT_SESSION,        /* one of a client's can be taken */
  TLSTREAM_EVENT_DATA,           /* there is cleartext to read */
  TLSTREAM_EVENT_DRAIN, /* a write that took too little may be tried again */
  TLSTREAM_EVENT_END,   /* the peer has sent all its data */
  TLSTREAM_EVENT_ERROR  /* it is over: see tlstream_pair_error() */
} tlstream_event;

#define TLSTREAM_NO_DEADLINE UINT64_MAX

/**
 * Make a pair. `now_ms` is any clock that never goes back, in milliseconds.
 *
 * Ownership: release with tlstream_pair_free(). Holds a reference to the
 * context.
 * Errors: NO_NAME, NO_CERTIFICATE, INVALID_ARGUMENT, NO_MEMORY, and those of
 * tlstream_context_new() where no context is given.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED tlstream_pair *
tlstream_pair_new(const tlstream_pair_options *options, uint64_t now_ms,
                  tlstream_error *error);

/**
 * Release the pair and everything in its queues. NULL is a no-op.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_pair_free(tlstream_pair *pair);

/**
 * Begin: the handshake's deadline starts, and a client's first message waits
 * to be drained. The first `feed` starts a pair that was not started.
 *
 * Returns 0 or the pair's error.
 *
 * Since: 0.1
 */
TLSTREAM_API int tlstream_pair_start(tlstream_pair *pair);

/**
 * Set the pair's time. A deadline that has passed ends the connection.
 *
 * Call it before other calls when time has passed, and when
 * tlstream_pair_next_deadline() has come. Returns 0 or the pair's error.
 *
 * Since: 0.1
 */
TLSTREAM_API int tlstream_pair_tick(tlstream_pair *pair, uint64_t now_ms);

/**
 * Return when tlstream_pair_tick() wants to be called at the latest, on the
 * clock of `now_ms`, or TLSTREAM_NO_DEADLINE.
 *
 * Since: 0.1
 */
TLSTREAM_API uint64_t tlstream_pair_next_deadline(const tlstream_pair *pair);

/**
 * Give the pair encrypted bytes that arrived from the peer.
 *
 * Returns how many it took, which is fewer than `len` only while cleartext
 * waits unread or output undrained (then read or drain, and feed the rest), or
 * the pair's error. Records may be split anywhere. What comes after the peer's
 * close_notify is taken and ignored; with `keep_trailing` it is taken as far as
 * there is room.
 *
 * Errors: final and sticky. The first one queues the alert that belongs to it,
 * so drain once more before hanging up. OpenSSL has no call for the alerts of
 * FLOOD and RENEGOTIATION, nor for refusals after the handshake, but for those
 * of the application in TLS 1.3: then there is none.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED ptrdiff_t
tlstream_pair_feed(tlstream_pair *pair, const void *data, size_t len);

/**
 * Return how many encrypted bytes wait to be drained.
 *
 * Since: 0.1
 */
TLSTREAM_API size_t tlstream_pair_pending(const tlstream_pair *pair);

/**
 * Move encrypted bytes for the peer into `buf`, at most `cap`.
 *
 * Returns how many; 0 when there are none. Never fails, so that alerts can
 * leave after an error.
 *
 * Since: 0.1
 */
TLSTREAM_API size_t tlstream_pair_drain(tlstream_pair *pair, void *buf,
                                        size_t cap);

/**
 * Look at the encrypted bytes that wait, without moving them; `len` receives
 * how many. They stay until tlstream_pair_consume() or the next call that may
 * queue more.
 *
 * Since: 0.1
 */
TLSTREAM_API const void *tlstream_pair_peek(const tlstream_pair *pair,
                                            size_t *len);

/**
 * Drop `len` of the bytes that tlstream_pair_peek() showed: they have left.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_pair_consume(tlstream_pair *pair, size_t len);

/**
 * Encrypt cleartext for the peer.
 *
 * Returns how many bytes were taken; fewer than `len`, or none, while the
 * handshake lasts, too much output waits, or the peer's latest message is not
 * all here: go on at TLSTREAM_EVENT_DRAIN. An empty write is legal and does
 * nothing.
 *
 * Errors: WRITE_AFTER_END, CLOSED, or the pair's error.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED ptrdiff_t
tlstream_pair_write(tlstream_pair *pair, const void *data, size_t len);

/**
 * Read cleartext from the peer into `buf`.
 *
 * Returns how many bytes, 0 when there are none now, or the pair's error once
 * all that came before it has been read.
 *
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED ptrdiff_t
tlstream_pair_read(tlstream_pair *pair, void *buf, size_t cap);

/**
 * Move bytes that came after the peer's close_notify into `buf`, at most `cap`:
 * they are not TLS any more, but the beginning of what follows it on the same
 * connection. Needs `keep_trailing`.
 *
 * Returns how many; 0 when there are none, or not yet.
 *
 * Since: 0.1
 */
TLSTREAM_API size_t tlstream_pair_take_trailing(tlstream_pair *pair, void *buf,
                                                size_t cap);

/**
 * Return what happened next, once, or TLSTREAM_EVENT_NONE.
 *
 * Since: 0.1
 */
TLSTREAM_API tlstream_event tlstream_pair_next_event(tlstream_pair *pair);

/**
 * Take the oldest session that waits, to resume it later, or NULL if there is
 * none: at TLSTREAM_EVENT_SESSION, until NULL. In TLS 1.2 it is here with
 * TLSTREAM_EVENT_SECURE, unless an unchanged one was resumed; in TLS 1.3
 * servers send any number of them later, most of them with the first data.
 * Needs `keep_sessions`.
 *
 * Ownership: the caller's; release with tlstream_session_unref().
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED tlstream_session *
tlstream_pair_take_session(tlstream_pair *pair);

/**
 * Return whether the transport should be read: not while cleartext waits unread
 * or too much output waits undrained, nor after the end, nor, with
 * `keep_trailing`, after the peer's close_notify.
 *
 * Since: 0.1
 */
TLSTREAM_API bool tlstream_pair_wants_input(const tlstream_pair *pair);

#ifdef __cplusplus
}
#endif

#endif
