/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CONNECT_INPUT_H
#define TLSTREAM_TOOL_CONNECT_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

enum { INPUT_CHUNK = 64 * 1024 };

/*
 * Reads standard input on a loop: a terminal, a pipe, a socket or a file. After
 * any number of on_bytes calls, on_end is called once, with 0 at the end of the
 * input or with a libuv error.
 */
typedef struct stdin_reader {
  void (*on_bytes)(struct stdin_reader *input, const char *bytes, size_t len);
  void (*on_end)(struct stdin_reader *input, int status);
  void *data;

  union {
    uv_handle_t any;
    uv_stream_t stream;
    uv_pipe_t pipe;
    uv_tty_t tty;
  } uv;
  uv_loop_t *loop;
  uv_fs_t request;
  bool is_file;
  bool is_reading; /* not paused */
  bool is_busy;    /* a file read is pending */
  bool is_open;
  int flags; /* of the descriptor, before libuv changed them; or -1 */
  char chunk[INPUT_CHUNK];
} stdin_reader;

/* Start reading. Returns 0 or a libuv error. */
int input_start(stdin_reader *input, uv_loop_t *loop);

void input_pause(stdin_reader *input);
void input_resume(stdin_reader *input);

/* Stop for good: no more callbacks. Safe in every state. */
void input_close(stdin_reader *input);

#endif
