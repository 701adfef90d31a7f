/* SPDX-License-Identifier: MIT */
#include "connect/input.h"

#include <errno.h>
#include <unistd.h>

#include "read.h"
#include "thread.h"

static ssize_t read_chunk(char *chunk) {
  ssize_t len = file_read_some(STDIN_FILENO, chunk, INPUT_CHUNK);
  return len >= 0 ? len : uv_translate_sys_error(errno);
}

/* The thread. It reads only when it is asked to: input that is not wanted yet
 * stays in the pipe. */
static void *work(void *argument) {
  stdin_reader *self = argument;
  uv_mutex_lock(&self->lock);
  do {
    while (!self->wanted)
      uv_cond_wait(&self->asked, &self->lock);
    uv_mutex_unlock(&self->lock);
    ssize_t len = read_chunk(self->chunk);
    uv_mutex_lock(&self->lock);
    self->len = len;
    self->wanted = false;
    self->arrived = true;
    if (!self->stopped) uv_async_send(&self->ready);
  } while (self->len > 0);
  uv_mutex_unlock(&self->lock);
  return NULL;
}

static void ask(stdin_reader *self) {
  uv_mutex_lock(&self->lock);
  if (self->arrived) {
    uv_async_send(&self->ready);
  } else {
    self->wanted = true;
    uv_cond_signal(&self->asked);
  }
  uv_mutex_unlock(&self->lock);
}

/* True if a chunk has arrived; its memory is the loop's until the next ask().
 */
static bool take(stdin_reader *self, ssize_t *len) {
  uv_mutex_lock(&self->lock);
  bool arrived = self->arrived;
  *len = self->len;
  self->arrived = false;
  uv_mutex_unlock(&self->lock);
  return arrived;
}

static void on_ready(uv_async_t *ready) {
  stdin_reader *self = ready->data;
  ssize_t len = 0;
  if (!self->is_open || !self->is_reading || !take(self, &len)) return;
  if (len > 0) {
    self->on_bytes(self, self->chunk, (size_t)len);
    if (self->is_reading) ask(self);
  } else {
    input_close(self);
    self->on_end(self, (int)len);
  }
}

int input_start(stdin_reader *self, uv_loop_t *loop) {
  int status = uv_async_init(loop, &self->ready, on_ready);
  if (status != 0) return status;
  self->ready.data = self;
  uv_mutex_init(&self->lock);
  uv_cond_init(&self->asked);
  status = thread_start(work, self);
  if (status != 0) {
    uv_close((uv_handle_t *)&self->ready, NULL);
    return status;
  }
  self->is_open = true;
  input_resume(self);
  return 0;
}

void input_pause(stdin_reader *self) {
  self->is_reading = false;
}

void input_resume(stdin_reader *self) {
  if (!self->is_open || self->is_reading) return;
  self->is_reading = true;
  ask(self);
}

void input_close(stdin_reader *self) {
  if (!self->is_open) return;
  self->is_open = false;
  self->is_reading = false;
  uv_mutex_lock(&self->lock);
  self->stopped = true;
  uv_mutex_unlock(&self->lock);
  uv_close((uv_handle_t *)&self->ready, NULL);
}
