/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_HANDLE_H
#define TLSTREAM_UV_HANDLE_H

/* The transport over a libuv stream: TCP or a pipe (Unix socket). */
#include <uv.h>

#include "uv/transport.h"

typedef struct tlstream__handle {
  tlstream__transport base;
  union {
    uv_handle_t any;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  } uv;
  uv_shutdown_t shutdown;
  bool is_tcp;
} tlstream__handle;

/* A handle that is not connected yet. Returns NULL when memory is out or libuv
 * refuses. Ends with close and then release, as every transport. */
tlstream__handle *tlstream__handle_new(uv_loop_t *loop, bool is_tcp);

/* It is connected: small writes leave at once. */
void tlstream__handle_connected(tlstream__handle *handle);

/* Close a handle that no stream has taken over; it releases itself. */
void tlstream__handle_discard(tlstream__handle *handle);

#endif
