/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_SERVER_STATE_H
#define TLSTREAM_UV_SERVER_STATE_H

/* The inside of a server, shared by server.c (life, streams, closing) and
 * listen.c (listening and accepting). */
#include <tlstream/server.h>

#include "uv/handle.h"
#include "uv/loop.h"

struct tlstream_server {
  tlstream__loop *loop;
  tlstream__task task;
  tlstream_context *context; /* shared */
  tlstream_server_options options;
  const tlstream_server_events *events; /* borrowed; never NULL */
  void *data;

  tlstream__handle *listener; /* owned; NULL while not listening */
  char *path;                 /* owned; of a Unix socket */
  tlstream *streams;          /* list, newest first */
  size_t stream_count;
  size_t handshakes;

  uv_timer_t retry; /* accepting, after it failed */
  uv_timer_t drain;
  uint64_t drain_until;
  size_t open_handles;

  bool waiting;    /* connections wait in the backlog for us to accept */
  bool error_told; /* accepting fails, and the user knows */
  bool closing;    /* asked to close */
  bool closed;     /* the handles are being closed */
};

/* Accept what waits, as far as the limits allow. */
void tlstream__server_accept(tlstream_server *server);

/* Stop listening. */
void tlstream__server_deafen(tlstream_server *server);

/* One of the server's handles has closed. */
void tlstream__server_handle_closed(tlstream_server *server);

/* Take over an accepted connection. */
void tlstream__server_adopt(tlstream_server *server, tlstream__handle *handle);

#endif
