/* SPDX-License-Identifier: MIT */
/* Sockets that libuv's handles hold. */
#include <stdlib.h>

#include "support/test.h"
#include "support/uv/plain.h"
#include "uv/socket.h"

enum { BULK = 32 * 1024 * 1024 }; /* more than the buffers of two sockets */

typedef struct link {
  uv_loop_t loop;
  plain_end near;
  plain_end far;
  uv_shutdown_t shutdown;
  int shutdown_status;
} link;

static void close_far(plain_end *far, int status) {
  *(int *)far->data =
      status == UV_EOF ? tlstream__socket_end(far->handle) : status;
  plain_close(far);
}

static void note_shutdown(uv_shutdown_t *request, int status) {
  ((link *)request->data)->shutdown_status = status;
}

/* An end that waits behind more than the kernel takes. */
static void end_behind_bulk(link *self) {
  char *bulk = calloc(1, BULK);
  plain_write(&self->near, bulk, BULK);
  free(bulk);
  self->shutdown.data = self;
  CHECK_INT(uv_shutdown(&self->shutdown, self->near.handle, note_shutdown), 0);
  uv_run(&self->loop, UV_RUN_NOWAIT);
  CHECK_GT(uv_stream_get_write_queue_size(self->near.handle), 0);
}

TEST(a_close_with_an_end_that_waits_can_be_a_reset) {
  int stop = 0;
  link self = {.far.on_stop = close_far, .far.data = &stop};
  uv_loop_init(&self.loop);
  plain_link(&self.loop, PLAIN_TCP, &self.near, &self.far);
  end_behind_bulk(&self);
  tlstream__socket_reset_on_close(self.near.handle);
  plain_close(&self.near);
  plain_read(&self.far);
  uv_run(&self.loop, UV_RUN_DEFAULT);
  CHECK_ERROR(self.shutdown_status, UV_ECANCELED);
  CHECK_ERROR(stop, UV_ECONNRESET);
  plain_done(&self.near);
  plain_done(&self.far);
  CHECK_INT(uv_loop_close(&self.loop), 0);
}
