/* SPDX-License-Identifier: MIT */
#include "lines.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "thread.h"
#include "write.h"

#ifndef PIPE_BUF
#define PIPE_BUF 512
#endif

static size_t count(const char *text, size_t len) {
  size_t lines = 0;
  for (size_t i = 0; i < len; i++)
    lines += text[i] == '\n';
  return lines;
}

/* Whole lines that a pipe takes in one piece, if other processes write to it,
 * too; a longer line alone. */
static size_t next_part(const char *text, size_t len) {
  size_t part = 0;
  for (size_t i = 0; i < len; i++) {
    if (text[i] != '\n') continue;
    if (part > 0 && i >= PIPE_BUF) break;
    part = i + 1;
  }
  return part > 0 ? part : len;
}

static void note_written(line_writer *self, int status, size_t lines) {
  if (status != 0 && status != self->status) self->is_new = true;
  self->status = status;
  if (status != 0) self->lost += lines;
  if (status == 0 && self->lost > 0) self->is_recovered = true;
  if ((self->is_new || self->is_recovered) && !self->is_stopped) {
    uv_async_send(&self->trouble);
  }
}

static void write_batch(line_writer *self, size_t len) {
  for (size_t at = 0; at < len;) {
    size_t part = next_part(self->writing + at, len - at);
    int status = write_fully(self->fd, self->writing + at, part);
    uv_mutex_lock(&self->lock);
    note_written(self, status, count(self->writing + at, part));
    uv_mutex_unlock(&self->lock);
    at += part;
  }
}

static void *work(void *argument) {
  line_writer *self = argument;
  uv_mutex_lock(&self->lock);
  for (;;) {
    while (self->len == 0)
      uv_cond_wait(&self->changed, &self->lock);
    char *batch = self->waiting;
    size_t len = self->len;
    self->waiting = self->writing;
    self->writing = batch;
    self->len = 0;
    self->is_busy = true;
    uv_mutex_unlock(&self->lock);
    write_batch(self, len);
    uv_mutex_lock(&self->lock);
    self->is_busy = false;
    uv_cond_broadcast(&self->changed);
  }
  return NULL;
}

static void on_trouble(uv_async_t *trouble) {
  line_writer *self = trouble->data;
  uv_mutex_lock(&self->lock);
  size_t lost = self->is_recovered ? self->lost : 0;
  int status = self->is_new ? self->status : 0;
  self->lost -= lost;
  self->is_recovered = self->is_new = false;
  uv_mutex_unlock(&self->lock);
  if (lost > 0 || status != 0) self->on_trouble(self, lost, status);
}

int lines_start(line_writer *self, uv_loop_t *loop, int fd) {
  self->fd = fd;
  self->waiting = malloc(LINES_CAP);
  self->writing = malloc(LINES_CAP);
  if (self->waiting == NULL || self->writing == NULL) return UV_ENOMEM;
  int status = uv_async_init(loop, &self->trouble, on_trouble);
  if (status != 0) return status;
  self->trouble.data = self;
  uv_unref((uv_handle_t *)&self->trouble);
  uv_mutex_init(&self->lock);
  uv_cond_init(&self->changed);
  return thread_start(work, self);
}

void lines_put(line_writer *self, const char *text, size_t len) {
  uv_mutex_lock(&self->lock);
  if (len > LINES_CAP - self->len) {
    self->lost += count(text, len);
  } else {
    memcpy(self->waiting + self->len, text, len);
    self->len += len;
    uv_cond_broadcast(&self->changed);
  }
  uv_mutex_unlock(&self->lock);
}

bool lines_wait(line_writer *self, unsigned ms) {
  uint64_t end = uv_hrtime() + ms * UINT64_C(1000000);
  uint64_t now = uv_hrtime();
  uv_mutex_lock(&self->lock);
  while ((self->len > 0 || self->is_busy) && now < end) {
    uv_cond_timedwait(&self->changed, &self->lock, end - now);
    now = uv_hrtime();
  }
  bool done = self->len == 0 && !self->is_busy;
  uv_mutex_unlock(&self->lock);
  return done;
}

size_t lines_take_lost(line_writer *self) {
  uv_mutex_lock(&self->lock);
  size_t lost = self->lost + count(self->waiting, self->len);
  if (self->is_busy) lost++; /* one at least is not written whole */
  self->lost = 0;
  uv_mutex_unlock(&self->lock);
  return lost;
}

void lines_stop(line_writer *self) {
  uv_mutex_lock(&self->lock);
  self->is_stopped = true;
  uv_mutex_unlock(&self->lock);
  uv_close((uv_handle_t *)&self->trouble, NULL);
}
