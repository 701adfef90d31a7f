/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_LOOP_H
#define TLSTREAM_UV_LOOP_H

/*
 * What the streams of one loop share: large buffers that are lent to the stream
 * that is being served, and the list of tasks to run before the loop sleeps
 * again. Created with the first stream or server of a loop, freed after the
 * last.
 */
#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include "uv/stream/queue.h"

enum { TLSTREAM__BUFFER_SIZE = 128 * 1024 };

/* A function to call in the next turn of the loop; embedded in its owner,
 * zeroed at first. */
typedef struct tlstream__task {
  void (*run)(struct tlstream__task *task);
  struct tlstream__task *next;
  struct tlstream__task *before;
  unsigned turn; /* of the loop, when it was scheduled */
  bool waiting;
} tlstream__task;

typedef struct tlstream__buffer tlstream__buffer;

typedef struct tlstream__loop {
  uv_loop_t *uv;
  uv_idle_t idle;
  size_t users;
  tlstream__task *first;
  tlstream__task *last;
  unsigned turn;
  tlstream__buffer *spare;
  size_t spare_count;
  tlstream__chunk *spare_chunk; /* for the write queues */
  struct tlstream__loop *next;  /* in the list of all loops */
} tlstream__loop;

/* The state of this loop, or NULL when memory is out. Release it with
 * tlstream__loop_leave(). */
tlstream__loop *tlstream__loop_enter(uv_loop_t *uv);
void tlstream__loop_leave(tlstream__loop *loop);

/* Lend a buffer of TLSTREAM__BUFFER_SIZE bytes, or NULL; and take it back. */
void *tlstream__loop_borrow(tlstream__loop *loop);
void tlstream__loop_return(tlstream__loop *loop, void *buffer);

/* Run `task` before the loop sleeps next. */
void tlstream__loop_schedule(tlstream__loop *loop, tlstream__task *task);

/* Take it off the list again. */
void tlstream__loop_unschedule(tlstream__loop *loop, tlstream__task *task);

#endif
