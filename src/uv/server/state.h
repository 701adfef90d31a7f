/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_SERVER_STATE_H
#define TLSTREAM_UV_SERVER_STATE_H

/* The inside of a server, shared by server.c (life, streams, closing), listen.c
 * and accept.c. */
#include <tlstream/server.h>

#include "core/context/sni.h"
#include "uv/loop.h"
#include "uv/transport/handle.h"

struct tlstream_server {
  tlstream__loop *loop;
  tlstream__task task;
  tlstream_context *context; /* shared */
  tlstream__sni names;       /* and the contexts for them */
  tlstream_server_options options;
  const tlstream_server_events *events; /* borrowed; never NULL */
  void *data;

  int socket;        /* owned; -1 while not listening */
  int reserve;       /* owned: a descriptor for when there are no more; or -1 */
  uv_poll_t poll;    /* of the socket, while there is one */
  char *path;        /* owned; of a Unix socket */
  tlstream *streams; /* list, newest first, of those that are secure */
  tlstream *handshaking; /* and of those that are not yet */
  size_t stream_count;   /* of both */
  size_t handshakes;

  uv_timer_t retry;      /* active while accepting pauses, after it failed */
  uv_timer_t idle_timer; /* and while a handshake has yet to be silent enough */
  uv_timer_t drain;
  uint64_t drain_until;
  size_t open_handles;

  bool accepting;     /* the poll is active */
  bool error_emitted; /* accepting fails, and the user knows */
  bool closing;       /* asked to close */
  bool closed;        /* the handles are being closed */
};

/* Has a client to be asked for the name that it wants? */
bool tlstream__server_asks(const tlstream_server *server);

/* It has said it: choose a context, or have the user choose. */
void tlstream__server_on_hello(tlstream *stream);

/* The user leaves it to us. Returns what the pair's answer did. */
int tlstream__server_answer_hello(tlstream *stream);

/* Accept, or leave it, as the limits have it now. */
void tlstream__server_accept(tlstream_server *server);

/* Stop listening. */
void tlstream__server_stop_listening(tlstream_server *server);

/* One of the server's handles has closed. */
void tlstream__server_handle_closed(tlstream_server *server);

/* Are there as many connections as there may be? */
bool tlstream__server_is_full(const tlstream_server *server);

/* A handshake is over, or does not count any more. */
void tlstream__server_handshake_done(tlstream *stream);

/* May there be another handshake, be it in the place of one that is silent? And
 * make that place, if there is no other. */
bool tlstream__server_has_place(const tlstream_server *server);
void tlstream__server_evict_oldest(tlstream_server *server);

/* A connection has been accepted. */
void tlstream__server_add_connection(tlstream_server *server,
                                     tlstream__handle *handle);

/* The same in two steps: a stream that nobody knows of yet, or NULL when memory
 * is out; and it has a connection. */
tlstream *tlstream__server_stream(tlstream_server *server);
void tlstream__server_begin(tlstream *stream, tlstream__handle *handle);

#endif
