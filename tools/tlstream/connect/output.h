/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CONNECT_OUTPUT_H
#define TLSTREAM_TOOL_CONNECT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

/*
 * Standard output on a loop, one piece at a time. The writing is done by a
 * thread of libuv's pool: the descriptor need not become non-blocking, which
 * whoever shares it with us would suffer from.
 */
typedef struct stdout_writer {
  /* A piece is out (0), or could not be written (a libuv error). */
  void (*on_written)(struct stdout_writer *output, int status);
  void *data;

  /* Only bytes that cannot command a terminal, but for line ends and tabs. */
  bool is_escaped;
  uv_work_t work;
  bool is_busy;
  char *bytes; /* owned while busy */
  size_t len;
  int status;
} stdout_writer;

/* Write a piece, which is copied. Not while one is under way. Returns 0 or a
 * libuv error, and after an error no callback comes. */
int output_write(stdout_writer *output, uv_loop_t *loop, const void *bytes,
                 size_t len);

#endif
