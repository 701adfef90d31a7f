/* SPDX-License-Identifier: MIT */
/*
 * A transport on a copy of the descriptor of Node's socket: the bytes never
 * pass through JavaScript. Node's own handle is closed then, so that a
 * connection needs one descriptor; socket_options.c has what stands in for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connection.h"

typedef union socket_handle {
  uv_stream_t stream;
  uv_tcp_t tcp;
  uv_pipe_t pipe;
} socket_handle;

static void free_handle(uv_stream_t *handle) {
  free(handle);
}

static void on_unused(uv_handle_t *handle) {
  free(handle);
}

static int adopt_descriptor(uv_loop_t *loop, socket_handle *handle, int fd) {
  if (uv_guess_handle(fd) == UV_TCP) {
    uv_tcp_init(loop, &handle->tcp);
    return uv_tcp_open(&handle->tcp, fd);
  }
  uv_pipe_init(loop, &handle->pipe, 0);
  return uv_pipe_open(&handle->pipe, fd);
}

static void set_system_error(tlstream_error *error, int status) {
  memset(error, 0, sizeof(*error));
  error->code = TLSTREAM_ERR_SYSTEM;
  error->system = status;
  error->alert = -1;
  error->depth = -1;
  uv_err_name_r(status, error->name, sizeof(error->name));
  uv_strerror_r(status, error->message, sizeof(error->message));
}

static socket_handle *open_handle(uv_loop_t *loop, int fd,
                                  tlstream_error *error) {
  socket_handle *handle = calloc(1, sizeof(*handle));
  int copy = handle != NULL ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
  if (copy < 0) {
    set_system_error(error, handle != NULL ? uv_translate_sys_error(errno)
                                           : UV_ENOMEM);
    free(handle);
    return NULL;
  }
  int status = adopt_descriptor(loop, handle, copy);
  if (status == 0) return handle;
  set_system_error(error, status);
  close(copy);
  uv_close((uv_handle_t *)handle, on_unused);
  return NULL;
}

tlstream *descriptor_open(connection *self, int fd,
                          const connection_options *options,
                          tlstream_error *error) {
  socket_handle *handle = open_handle(self->binding->loop, fd, error);
  if (handle == NULL) return NULL;
  tlstream *stream = tlstream_upgrade(
      &handle->stream,
      TLSTREAM_UPGRADE(.role = options->role, .context = options->context,
                       .verify_name = options->verify_name,
                       .servername = options->servername, .head = options->head,
                       .timeouts = options->timeouts, .allow_half_open = true,
                       .release = free_handle,
                       .choose_context = options->choose_context,
                       .insecure_fin_after_loss = true),
      &connection_events, self, error);
  if (stream == NULL) uv_close((uv_handle_t *)handle, on_unused);
  return stream;
}
