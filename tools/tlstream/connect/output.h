/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CONNECT_OUTPUT_H
#define TLSTREAM_TOOL_CONNECT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include "utf8.h"

/*
 * Writes standard output on a loop, one chunk at a time, from a thread of
 * libuv's pool: the descriptor may be shared with other processes and must not
 * become non-blocking.
 */
typedef struct stdout_writer {
  /* The chunk was written (0), or not (a libuv error). */
  void (*on_written)(struct stdout_writer *output, int status);
  void *data;

  /* Escape control characters other than line feeds and tabs. */
  bool is_escaped;
  bool is_utf8;           /* and leave other characters of UTF-8 as they are */
  char partial[UTF8_MAX]; /* the beginning of one that is not complete */
  size_t partial_len;
  uv_work_t work;
  bool is_busy;
  char *bytes; /* owned while busy */
  size_t len;
  int status;
} stdout_writer;

/* Write a copy of the bytes. Not while a write is pending. Returns 0 or a libuv
 * error; after an error, on_written is not called. */
int output_write(stdout_writer *output, uv_loop_t *loop, const void *bytes,
                 size_t len);

/* Print what was kept back: the data ended in the middle of a character. */
void output_finish(stdout_writer *output);

#endif
