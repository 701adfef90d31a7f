/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_TRANSPORT_HANDLE_H
#define TLSTREAM_UV_TRANSPORT_HANDLE_H

/* The transport over a libuv stream: TCP or a pipe (Unix socket), created here
 * or taken over from the user (takeover.c). */
#include <uv.h>

#include <tlstream/transport.h>

typedef struct tlstream__handle tlstream__handle;

struct tlstream__handle {
  tlstream_transport base;
  uv_stream_t *uv;                           /* its `data` is the handle */
  void (*dispose)(tlstream__handle *handle); /* this and `uv` */
  uv_shutdown_t shutdown;
  tlstream_address remote; /* once connected */
  bool is_held;  /* callbacks of the user's are due: reading must wait */
  bool read_due; /* reading starts when it is no longer held */
};

/* A handle that is not connected yet. NULL when memory is out or libuv refuses.
 * Like every transport it ends with close and then release. */
tlstream__handle *tlstream__handle_new(uv_loop_t *loop, bool is_tcp);

/* For a handle that the caller has zeroed; `uv` is connected or will be. */
void tlstream__handle_init(tlstream__handle *handle, uv_stream_t *uv,
                           void (*dispose)(tlstream__handle *handle));

/* Take over a connected socket. Returns 0 or a libuv code; after an error the
 * socket is still the caller's. */
int tlstream__handle_open(tlstream__handle *handle, int fd);

/* It is connected, to `remote`: small writes leave at once. */
void tlstream__handle_connected(tlstream__handle *handle,
                                const tlstream_address *remote);

/* It is no longer held: start reading, if that is due. */
void tlstream__handle_released(tlstream__handle *handle);

/* Close a handle that has no stream; it releases itself. */
void tlstream__handle_discard(tlstream__handle *handle);

#endif
