/* SPDX-License-Identifier: MIT */
#include "connect/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tlstream/text.h>

#include "write.h"

/* The longest output of tlstream_escape() for one byte, "\xNN". */
enum { ESCAPE_MAX = 4 };

static void on_work(uv_work_t *work) {
  stdout_writer *self = work->data;
  self->status = write_fully(STDOUT_FILENO, self->bytes, self->len);
}

static void on_worked(uv_work_t *work, int status) {
  stdout_writer *self = work->data;
  free(self->bytes);
  self->bytes = NULL;
  self->is_busy = false;
  self->on_written(self, status != 0 ? status : self->status);
}

static size_t escape_byte(char *out, char byte) {
  if (byte == '\n' || byte == '\t' || byte == '\\') {
    *out = byte;
    return 1;
  }
  tlstream_escape(out, ESCAPE_MAX + 1, &byte, 1);
  return strlen(out);
}

/* Copy the first character. Returns its length, or 0 if it has to be escaped.
 */
static size_t copy_character(const stdout_writer *self, char *out,
                             const char *bytes, size_t len) {
  unsigned code = 0;
  size_t found = self->is_utf8 ? utf8_decode(bytes, len, &code) : 0;
  if (found < 2 || !utf8_is_harmless(code)) return 0;
  memcpy(out, bytes, found);
  return found;
}

static bool ends_later(const stdout_writer *self, const char *bytes,
                       size_t len) {
  return self->is_utf8 && utf8_is_partial(bytes, len);
}

/* A character whose end has not come yet is kept for the next chunk. */
static size_t copy_escaped(stdout_writer *self, char *out, const char *bytes,
                           size_t len) {
  char *end = out;
  while (len > 0 && !ends_later(self, bytes, len)) {
    size_t copied = copy_character(self, end, bytes, len);
    end += copied > 0 ? copied : escape_byte(end, *bytes);
    size_t used = copied > 0 ? copied : 1;
    bytes += used;
    len -= used;
  }
  memcpy(self->partial, bytes, len);
  self->partial_len = len;
  return (size_t)(end - out);
}

/* What was kept, and what has come. NULL without memory. */
static char *join(const stdout_writer *self, const void *bytes, size_t len) {
  char *all = malloc(self->partial_len + len + 1);
  if (all == NULL) return NULL;
  memcpy(all, self->partial, self->partial_len);
  memcpy(all + self->partial_len, bytes, len);
  return all;
}

static int write_escaped(stdout_writer *self, const void *bytes, size_t len) {
  char *all = join(self, bytes, len);
  len += self->partial_len;
  self->bytes = malloc(len * ESCAPE_MAX + 1);
  if (all == NULL || self->bytes == NULL) {
    free(all);
    free(self->bytes);
    return UV_ENOMEM;
  }
  self->len = copy_escaped(self, self->bytes, all, len);
  free(all);
  return 0;
}

static int write_plain(stdout_writer *self, const void *bytes, size_t len) {
  self->bytes = malloc(len + 1);
  if (self->bytes == NULL) return UV_ENOMEM;
  memcpy(self->bytes, bytes, len);
  self->len = len;
  return 0;
}

int output_write(stdout_writer *self, uv_loop_t *loop, const void *bytes,
                 size_t len) {
  int status = self->is_escaped ? write_escaped(self, bytes, len)
                                : write_plain(self, bytes, len);
  if (status != 0) return status;
  self->work.data = self;
  self->is_busy = true;
  return uv_queue_work(loop, &self->work, on_work, on_worked);
}

void output_finish(stdout_writer *self) {
  char shown[UTF8_MAX * ESCAPE_MAX + 1] = "";
  size_t len = 0;
  for (size_t i = 0; i < self->partial_len; i++)
    len += escape_byte(shown + len, self->partial[i]);
  self->partial_len = 0;
  fwrite(shown, 1, len, stdout);
}
