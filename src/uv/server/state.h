/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_SERVER_STATE_H
#define TLSTREAM_UV_SERVER_STATE_H

/*
 * The inside of a server. Each file calls only those below it:
 *
 *     server.c                      life, closing
 *     listen.c   adopt.c            where connections come from
 *     accept.c                      accepting, as far as the limits allow
 *     streams.c                     the streams and what they report
 *     handshakes.c   names.c        the slots; the context for a name
 *     counters.c   metrics.c        what was counted; and as text
 */
#include <tlstream/metrics.h>
#include <tlstream/server.h>

#include "core/context/hosts.h"
#include "uv/loop.h"
#include "uv/transport/handle.h"

/* In this order, one way. */
typedef enum tlstream__server_life {
  TLSTREAM__SERVER_OPEN,
  TLSTREAM__SERVER_CLOSING, /* it takes no connections; streams go on */
  TLSTREAM__SERVER_CLOSED   /* no stream is left; libuv closes the handles */
} tlstream__server_life;

typedef enum tlstream__accepting {
  TLSTREAM__ACCEPTING_OFF,      /* there is no socket */
  TLSTREAM__ACCEPTING_PAUSED,   /* until the limits allow another connection */
  TLSTREAM__ACCEPTING_RETRYING, /* it failed: until the timer `retry` fires */
  TLSTREAM__ACCEPTING_ON        /* the socket is polled */
} tlstream__accepting;

/* How far the connection of a stream has come. */
typedef enum tlstream__phase {
  TLSTREAM__PHASE_NONE,      /* not a server's, or not connected yet */
  TLSTREAM__PHASE_HELLO,     /* its ClientHello is not complete */
  TLSTREAM__PHASE_QUEUED,    /* it is, and all slots are taken */
  TLSTREAM__PHASE_HANDSHAKE, /* it has a slot */
  TLSTREAM__PHASE_DONE,      /* the handshake is, by success or failure */
  TLSTREAM__PHASES
} tlstream__phase;

/* In the order of arrival in the phase; linked by `owner_next`. */
typedef struct tlstream__stream_list {
  tlstream *first;
  tlstream *last;
  size_t count;
} tlstream__stream_list;

struct tlstream_server {
  tlstream__loop *loop;
  tlstream__task task;
  tlstream_context *context; /* shared */
  tlstream_hosts names;      /* and the contexts for them */
  tlstream_server_options options;
  const tlstream_server_events *events; /* borrowed; never NULL */
  void *data;

  int socket;     /* owned; -1 while not listening */
  int reserve;    /* owned: closed when descriptors run out; or -1 */
  uv_poll_t poll; /* of the socket, while there is one */
  char *path;     /* owned; to be removed with the socket, or NULL */
  bool is_unix;   /* a Unix socket */
  uv_timer_t retry;
  uv_timer_t evict; /* until the oldest handshake may be evicted */
  uv_timer_t drain;
  uint64_t drain_until;
  size_t open_handles;

  tlstream__stream_list streams[TLSTREAM__PHASES];
  tlstream_server_counters counters; /* of what is over; `open` stays 0 */

  tlstream__server_life life;
  tlstream__accepting accepting;
  bool error_emitted; /* since a connection was last accepted */
};

/* One of the server's handles has closed; the task ends the server after the
 * last. */
static inline void tlstream__server_handle_closed(tlstream_server *server) {
  if (--server->open_handles > 0) return;
  tlstream__loop_schedule(server->loop, &server->task);
}

/* names.c */

/* True if a context is chosen by the name that a client asks for. */
bool tlstream__server_asks(const tlstream_server *server);

/* A ClientHello waits for a context: choose one, or have the user choose. */
void tlstream__server_on_hello(tlstream *stream);

/* Choose by the contexts that were added. Returns what the pair returned. */
int tlstream__server_answer_hello(tlstream *stream);

/* handshakes.c */

/* Assert what holds between any two calls. */
void tlstream__server_check(const tlstream_server *server);

size_t tlstream__server_stream_count(const tlstream_server *server);

/* A connection begins, has sent its ClientHello, ends its handshake, and has
 * closed. With its ClientHello it gets a slot, or waits for one: false. */
void tlstream__server_list_insert(tlstream *stream);
bool tlstream__server_may_begin(tlstream *stream);
void tlstream__server_handshake_done(tlstream *stream);
void tlstream__server_list_remove(tlstream *stream);

/* True if there are as many connections as there may be. */
bool tlstream__server_is_full(const tlstream_server *server);

/* Give slots to the connections that wait for one: those that are free, and
 * those of handshakes that have had their time. */
void tlstream__server_give_slots(tlstream_server *server);

/* True if a connection waits for a slot. */
bool tlstream__server_has_queue(const tlstream_server *server);

/* streams.c */

/* A stream without a connection, or NULL when memory is out; and its
 * connection. */
tlstream *tlstream__server_stream(tlstream_server *server);
void tlstream__server_begin(tlstream *stream, tlstream__handle *handle);

/* Both; without memory it emits on_client_error and closes the connection. */
void tlstream__server_add_connection(tlstream_server *server,
                                     tlstream__handle *handle);

/* Call `what` for each stream; where one carries another, for the inner one. */
void tlstream__server_for_each(tlstream_server *server,
                               void (*what)(tlstream *));

/* counters.c: a stream's handshake is done, or failed; it has closed. */
void tlstream__server_count_done(tlstream_server *server,
                                 const tlstream *stream);
void tlstream__server_count_failed(tlstream_server *server,
                                   const tlstream_error *error);
void tlstream__server_count_closed(tlstream_server *server,
                                   const tlstream *stream);

/* accept.c */

/* Begin or stop polling the socket, as the limits now require. */
void tlstream__server_accept(tlstream_server *server);

/* listen.c */
void tlstream__server_stop_listening(tlstream_server *server);

#endif
