/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_LINES_H
#define TLSTREAM_TOOL_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

enum { LINES_CAP = 256 * 1024 };

/*
 * Writes lines to a descriptor without making a loop wait for it: a thread
 * does, so that the descriptor, which other processes may share, stays
 * blocking. Lines that find no room while the thread waits, or that cannot be
 * written, are dropped and counted.
 *
 * The thread is not joined, because it may wait for ever: the memory of a
 * writer that was started has to last until the process exits.
 */
typedef struct line_writer {
  /* From the loop. `lost`: so many lines were dropped, and others are written
   * again. `status`: a write failed, for the first time or differently. */
  void (*on_trouble)(struct line_writer *writer, size_t lost, int status);
  void *data;

  int fd;
  uv_async_t trouble;
  uv_mutex_t lock; /* of what follows, and of `trouble` */
  uv_cond_t changed;
  char *waiting; /* owned: whole lines */
  char *writing; /* owned by the thread while it is busy */
  size_t len;    /* of `waiting` */
  size_t lost;
  int status; /* of the last write: 0 or a libuv error */
  bool is_busy;
  bool is_recovered; /* written again after a loss */
  bool is_new;       /* on_trouble has not had the status */
  bool is_stopped;
} line_writer;

/* Begin to write to `fd`. Returns 0 or a libuv error. The loop is not kept
 * alive by it. */
int lines_start(line_writer *lines, uv_loop_t *loop, int fd);

/* Write some lines, each with its line feed, or drop them. Never waits. */
void lines_put(line_writer *lines, const char *text, size_t len);

/* Wait until all is written, up to `ms`. False if it is not. */
bool lines_wait(line_writer *lines, unsigned ms);

/* How many lines were dropped and not reported, or still wait. They count as
 * reported then. */
size_t lines_take_lost(line_writer *lines);

/* No on_trouble any more; the loop has to run once more. */
void lines_stop(line_writer *lines);

#endif
