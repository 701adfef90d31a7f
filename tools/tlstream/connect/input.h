/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CONNECT_INPUT_H
#define TLSTREAM_TOOL_CONNECT_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include <sys/types.h>
#include <uv.h>

enum { INPUT_CHUNK = 64 * 1024 };

/*
 * Reads standard input for a loop, whatever it is: a terminal, a pipe, a socket
 * or a file. After any number of on_bytes calls, on_end is called once, with 0
 * at the end of the input or with a libuv error.
 *
 * A thread of its own waits in read(2). Other processes share the descriptor,
 * so that neither O_NONBLOCK nor the modes of a terminal may be changed: after
 * a signal nothing would put them back. The thread is not joined, because it
 * may wait for ever: the memory of a reader that was started has to last until
 * the process exits.
 */
typedef struct stdin_reader {
  void (*on_bytes)(struct stdin_reader *input, const char *bytes, size_t len);
  void (*on_end)(struct stdin_reader *input, int status);
  void *data;

  bool is_open;    /* on_end may still be called */
  bool is_reading; /* not paused */
  uv_async_t ready;
  uv_mutex_t lock; /* of what follows */
  uv_cond_t asked;
  bool wanted;  /* the thread is to read */
  bool arrived; /* it has read, and the loop has not taken it */
  bool stopped; /* the loop does not listen any more */
  ssize_t len;  /* what came: bytes, 0 at the end, or a libuv error */
  char chunk[INPUT_CHUNK];
} stdin_reader;

/* Start reading. Returns 0 or a libuv error. */
int input_start(stdin_reader *input, uv_loop_t *loop);

void input_pause(stdin_reader *input);
void input_resume(stdin_reader *input);

/* Stop for good: no more callbacks. Safe in every state. */
void input_close(stdin_reader *input);

#endif
