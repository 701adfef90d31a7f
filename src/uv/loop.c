/* SPDX-License-Identifier: MIT */
#include "uv/loop.h"

#include <pthread.h>
#include <signal.h>

#include "base/alloc.h"

/* Buffers kept for reuse; nested streams borrow one each. */
enum { SPARE_MAX = 4 };

struct tlstream__buffer {
  tlstream__buffer *next;
};

/* A uv_loop_t has no field for this: its `data` is the user's. The list is
 * short, one entry for each loop, and only walked when a stream or a server is
 * created. */
static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static tlstream__loop *all;

/* libuv writes to sockets without MSG_NOSIGNAL, so a write to a closed
 * connection would kill the process. Node ignores the signal too; a handler
 * that the program has set stays. */
static void ignore_sigpipe(void) {
  struct sigaction current;
  if (sigaction(SIGPIPE, NULL, &current) == 0 &&
      current.sa_handler == SIG_DFL) {
    signal(SIGPIPE, SIG_IGN);
  }
}

static tlstream__loop *find(uv_loop_t *uv) {
  pthread_mutex_lock(&all_lock);
  tlstream__loop *loop = all;
  while (loop != NULL && loop->uv != uv)
    loop = loop->next;
  pthread_mutex_unlock(&all_lock);
  return loop;
}

static void list_insert(tlstream__loop *loop) {
  pthread_mutex_lock(&all_lock);
  loop->next = all;
  all = loop;
  pthread_mutex_unlock(&all_lock);
}

static void list_remove(tlstream__loop *loop) {
  pthread_mutex_lock(&all_lock);
  tlstream__loop **link = &all;
  while (*link != loop)
    link = &(*link)->next;
  *link = loop->next;
  pthread_mutex_unlock(&all_lock);
}

tlstream__loop *tlstream__loop_enter(uv_loop_t *uv) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  tlstream__loop *loop = find(uv);
  if (loop == NULL) {
    loop = tlstream__calloc(sizeof(*loop));
    if (loop == NULL) return NULL;
    pthread_once(&once, ignore_sigpipe);
    loop->uv = uv;
    uv_idle_init(uv, &loop->idle);
    loop->idle.data = loop;
    list_insert(loop);
  }
  loop->users++;
  return loop;
}

static void on_closed(uv_handle_t *handle) {
  tlstream__loop *loop = handle->data;
  while (loop->spare != NULL) {
    tlstream__buffer *buffer = loop->spare;
    loop->spare = buffer->next;
    tlstream__free(buffer);
  }
  tlstream__chunk_free(loop->spare_chunk);
  tlstream__free(loop);
}

void tlstream__loop_leave(tlstream__loop *loop) {
  if (--loop->users > 0) return;
  list_remove(loop);
  uv_close((uv_handle_t *)&loop->idle, on_closed);
}

void *tlstream__loop_borrow(tlstream__loop *loop) {
  tlstream__buffer *buffer = loop->spare;
  if (buffer == NULL) return tlstream__malloc(TLSTREAM__BUFFER_SIZE);
  loop->spare = buffer->next;
  loop->spare_count--;
  return buffer;
}

void tlstream__loop_return(tlstream__loop *loop, void *memory) {
  tlstream__buffer *buffer = memory;
  if (buffer == NULL) return;
  if (loop->spare_count == SPARE_MAX) {
    tlstream__free(buffer);
    return;
  }
  buffer->next = loop->spare;
  loop->spare = buffer;
  loop->spare_count++;
}

static void append(tlstream__loop *loop, tlstream__task *task) {
  task->before = loop->last;
  task->next = NULL;
  if (loop->last != NULL) {
    loop->last->next = task;
  } else {
    loop->first = task;
  }
  loop->last = task;
}

static void take_out(tlstream__loop *loop, tlstream__task *task) {
  if (task->before != NULL) {
    task->before->next = task->next;
  } else {
    loop->first = task->next;
  }
  if (task->next != NULL) {
    task->next->before = task->before;
  } else {
    loop->last = task->before;
  }
  task->waiting = false;
}

/* Runs the tasks that were waiting when it began. Tasks scheduled meanwhile run
 * in the next turn, after I/O. While the handle is active the loop does not
 * sleep. */
static void on_idle(uv_idle_t *idle) {
  tlstream__loop *loop = idle->data;
  unsigned turn = loop->turn++;
  while (loop->first != NULL && loop->first->turn == turn) {
    tlstream__task *task = loop->first;
    take_out(loop, task);
    task->run(task);
  }
  if (loop->first == NULL) uv_idle_stop(&loop->idle);
}

void tlstream__loop_schedule(tlstream__loop *loop, tlstream__task *task) {
  if (task->waiting) return;
  if (loop->first == NULL) uv_idle_start(&loop->idle, on_idle);
  task->waiting = true;
  task->turn = loop->turn;
  append(loop, task);
}

void tlstream__loop_unschedule(tlstream__loop *loop, tlstream__task *task) {
  if (task->waiting) take_out(loop, task);
}
