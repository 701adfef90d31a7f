/* SPDX-License-Identifier: MIT */
/* Linked into every test of src/uv. */
#include <uv.h>

#include "support/test.h"

/* The first loop of a process opens a pipe for signals, which stays open: open
 * it before the tests, where it is not taken for one that a test left. */
BEFORE_TESTS(open_signal_pipe) {
  uv_loop_t loop;
  CHECK_ERROR(uv_loop_init(&loop), 0);
  CHECK_ERROR(uv_loop_close(&loop), 0);
}
