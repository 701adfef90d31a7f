/* SPDX-License-Identifier: MIT */
#include "connect/input.h"

#include <fcntl.h>
#include <unistd.h>

static void finish(stdin_reader *self, int status) {
  input_close(self);
  self->on_end(self, status);
}

static void read_file(stdin_reader *self);

static void on_file_read(uv_fs_t *request) {
  stdin_reader *self = request->data;
  ssize_t n = request->result;
  uv_fs_req_cleanup(request);
  self->is_busy = false;
  if (!self->is_open) return;
  if (n <= 0) {
    finish(self, (int)n);
    return;
  }
  self->on_bytes(self, self->chunk, (size_t)n);
  if (self->is_reading) read_file(self);
}

static void read_file(stdin_reader *self) {
  if (self->is_busy) return;
  uv_buf_t buffer = uv_buf_init(self->chunk, sizeof(self->chunk));
  self->is_busy = true;
  uv_fs_read(self->loop, &self->request, STDIN_FILENO, &buffer, 1, -1,
             on_file_read);
}

static void on_allocate(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer) {
  (void)wanted;
  stdin_reader *self = handle->data;
  *buffer = uv_buf_init(self->chunk, sizeof(self->chunk));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer) {
  stdin_reader *self = stream->data;
  if (n < 0) {
    finish(self, n == UV_EOF ? 0 : (int)n);
  } else if (n > 0) {
    self->on_bytes(self, buffer->base, (size_t)n);
  }
}

static int open_stream(stdin_reader *self, uv_loop_t *loop,
                       uv_handle_type type) {
  if (type == UV_TTY) return uv_tty_init(loop, &self->uv.tty, STDIN_FILENO, 1);
  uv_pipe_init(loop, &self->uv.pipe, 0);
  int status = uv_pipe_open(&self->uv.pipe, STDIN_FILENO);
  if (status != 0) uv_close(&self->uv.any, NULL);
  return status;
}

int input_start(stdin_reader *self, uv_loop_t *loop) {
  uv_handle_type type = uv_guess_handle(STDIN_FILENO);
  self->flags = fcntl(STDIN_FILENO, F_GETFL);
  self->loop = loop;
  self->request.data = self;
  self->is_file = type == UV_FILE;
  if (type == UV_UNKNOWN_HANDLE || type == UV_UDP) return UV_EINVAL;
  if (!self->is_file) {
    int status = open_stream(self, loop, type);
    if (status != 0) return status;
    self->uv.any.data = self;
  }
  self->is_open = true;
  input_resume(self);
  return 0;
}

void input_pause(stdin_reader *self) {
  if (!self->is_open) return;
  self->is_reading = false;
  if (!self->is_file) uv_read_stop(&self->uv.stream);
}

void input_resume(stdin_reader *self) {
  if (!self->is_open || self->is_reading) return;
  self->is_reading = true;
  if (self->is_file) {
    read_file(self);
  } else {
    uv_read_start(&self->uv.stream, on_allocate, on_read);
  }
}

void input_close(stdin_reader *self) {
  if (!self->is_open) return;
  self->is_open = false;
  self->is_reading = false;
  if (self->is_file) return;
  uv_close(&self->uv.any, NULL);
  /* libuv made the descriptor non-blocking. Other processes share it, such as
   * the shell that started this one, and expect the old flags. */
  if (self->flags != -1) fcntl(STDIN_FILENO, F_SETFL, self->flags);
}
