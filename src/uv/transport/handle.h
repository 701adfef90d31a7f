/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_TRANSPORT_HANDLE_H
#define TLSTREAM_UV_TRANSPORT_HANDLE_H

/* The transport over a libuv stream: TCP or a pipe (Unix socket), made here or
 * taken over from a user (takeover.c). */
#include <uv.h>

#include <tlstream/transport.h>

typedef struct tlstream__handle tlstream__handle;

struct tlstream__handle {
  tlstream_transport base;
  uv_stream_t *uv;                           /* its `data` is the handle */
  void (*dispose)(tlstream__handle *handle); /* this and `uv` */
  uv_shutdown_t shutdown;
  tlstream_address remote; /* once connected */
  bool is_held;            /* `uv` calls the user yet: it cannot be read from */
  bool read_due;           /* but it should be */
};

/* A handle that is not connected yet. Returns NULL when memory is out or libuv
 * refuses. Ends with close and then release, as every transport. */
tlstream__handle *tlstream__handle_new(uv_loop_t *loop, bool is_tcp);

/* For a handle that the caller has zeroed; `uv` is connected or will be. */
void tlstream__handle_init(tlstream__handle *handle, uv_stream_t *uv,
                           void (*dispose)(tlstream__handle *handle));

/* Take over a connected socket. Returns 0, or a libuv code, and then it is
 * still the caller's. */
int tlstream__handle_open(tlstream__handle *handle, int fd);

/* It is connected, to `remote`: small writes leave at once. */
void tlstream__handle_connected(tlstream__handle *handle,
                                const tlstream_address *remote);

/* It is held no longer: read, if that is due. */
void tlstream__handle_released(tlstream__handle *handle);

/* Close a handle that no stream has taken over; it releases itself. */
void tlstream__handle_discard(tlstream__handle *handle);

#endif
