/* SPDX-License-Identifier: MIT */
#include "connect/output.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tlstream/text.h>

/* The longest output of tlstream_escape() for one byte, "\xNN". */
enum { ESCAPE_MAX = 4 };

/* Another process may have made the descriptor non-blocking. */
static void wait_until_writable(void) {
  struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
  poll(&out, 1, -1);
}

static void on_work(uv_work_t *work) {
  stdout_writer *self = work->data;
  size_t done = 0;
  self->status = 0;
  while (done < self->len) {
    ssize_t n = write(STDOUT_FILENO, self->bytes + done, self->len - done);
    if (n >= 0) {
      done += (size_t)n;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait_until_writable();
    } else if (errno != EINTR) {
      self->status = uv_translate_sys_error(errno);
      return;
    }
  }
}

static void on_worked(uv_work_t *work, int status) {
  stdout_writer *self = work->data;
  free(self->bytes);
  self->bytes = NULL;
  self->is_busy = false;
  self->on_written(self, status != 0 ? status : self->status);
}

static size_t copy_plain(char *out, const char *bytes, size_t len) {
  memcpy(out, bytes, len);
  return len;
}

static size_t copy_escaped(char *out, const char *bytes, size_t len) {
  char *end = out;
  for (size_t i = 0; i < len; i++) {
    if (bytes[i] == '\n' || bytes[i] == '\t') {
      *end++ = bytes[i];
    } else if (bytes[i] != '\\') {
      tlstream_escape(end, ESCAPE_MAX + 1, &bytes[i], 1);
      end += strlen(end);
    } else {
      *end++ = '\\';
    }
  }
  return (size_t)(end - out);
}

int output_write(stdout_writer *self, uv_loop_t *loop, const void *bytes,
                 size_t len) {
  size_t factor = self->is_escaped ? ESCAPE_MAX : 1;
  self->bytes = malloc(len * factor + 1);
  if (self->bytes == NULL) return UV_ENOMEM;
  self->len = self->is_escaped ? copy_escaped(self->bytes, bytes, len)
                               : copy_plain(self->bytes, bytes, len);
  self->work.data = self;
  self->is_busy = true;
  return uv_queue_work(loop, &self->work, on_work, on_worked);
}
