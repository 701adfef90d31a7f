/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_LOOP_GUARD_H
#define TESTS_SUPPORT_LOOP_GUARD_H

/*
 * A loop that must be left as it was found, and a record of callbacks that must
 * come in the order that docs/guide/closing.md promises. Failed promises fail
 * the running test.
 *
 *     loop_guard guard;
 *     callback_order order = {.name = "client"};
 *     uv_loop_t *loop = loop_guard_open(&guard);
 *     ... make streams, and in their callbacks:
 *     callback_came(&order, CAME_DATA);
 *     ...
 *     loop_guard_run(&guard);
 *     callback_order_done(&order);
 *     loop_guard_close(&guard);
 */
#include <stdbool.h>

#include <uv.h>

typedef struct loop_guard {
  uv_loop_t loop;
  int descriptors; /* that were open before */
} loop_guard;

/* Make a loop; the guard must stay where it is. */
uv_loop_t *loop_guard_open(loop_guard *guard);

/* Run until nothing is left to wait for. */
void loop_guard_run(loop_guard *guard);

/* Nothing lives on the loop, it closes, and no descriptor is left over. */
void loop_guard_close(loop_guard *guard);

/* How many descriptors are open. */
int open_descriptors(void);

typedef enum callback_kind {
  CAME_SECURE,
  CAME_DATA,
  CAME_DRAIN,
  CAME_END,
  CAME_ERROR,
  CAME_CLOSE,
  CAME_HELLO,
  CAME_FLUSHED,
  CAME_PSK,
  CAME_VERIFY,
  CAME_SESSION,
  CALLBACK_KINDS
} callback_kind;

/* Zeroed at first; `name` is printed with a failure. */
typedef struct callback_order {
  const char *name;
  unsigned count[CALLBACK_KINDS];
  bool destroyed; /* set it after tlstream_destroy(): only on_close may come */
  bool paused;    /* set it while paused: no data and no end may come */
} callback_order;

/* A callback has come. Fails the test when it may not come now; false then. */
bool callback_came(callback_order *order, callback_kind kind);

/* Nothing more can come: on_close has, once. */
void callback_order_done(const callback_order *order);

const char *callback_name(callback_kind kind);

#endif
