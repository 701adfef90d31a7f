/* SPDX-License-Identifier: MIT */
#include "uv/transport/takeover.h"

#include <assert.h>

#include "base/alloc.h"
#include "base/error.h"
#include "uv/address.h"
#include "uv/uv_error.h"

/*
 * A user's handle. Callbacks of writes of the user's may still be due, and use
 * the handle's `data`, so it stays the user's until an empty write of ours
 * after them, the fence, has completed. Until then the handle is held: it can
 * be written to but not read from, because a read callback finds the stream by
 * `data`.
 */
typedef struct taken_handle {
  tlstream__handle base;
  uv_write_t fence;
  void *data; /* the user's, while the handle's is ours */
  tlstream_handle_release_cb release;
} taken_handle;

/* Marks a handle as taken over: libuv uses connection_cb for listening handles
 * only and sets it to NULL for all others. (`read_cb` is cleared by each
 * pause.)
 */
static void mark(uv_stream_t *uv, int status) {
  (void)uv, (void)status;
}

static int refuse_state(tlstream_error *error, const char *why) {
  return tlstream__error_set(error, TLSTREAM_ERR_WRONG_STATE,
                             "TLS cannot begin on this handle: %s", why);
}

static bool carries_bytes(const uv_stream_t *uv) {
  if (uv->type == UV_TCP) return true;
  return uv->type == UV_NAMED_PIPE && ((const uv_pipe_t *)uv)->ipc == 0;
}

/* libuv calls a handle readable while it is still connecting; the system knows
 * whether there is a peer. */
static bool find_peer(const uv_stream_t *uv, tlstream_address *peer) {
  uv_os_fd_t fd = -1;
  return uv_fileno((const uv_handle_t *)uv, &fd) == 0 &&
         tlstream__address_of_peer(fd, peer) == 0;
}

int tlstream__takeover_check(const uv_stream_t *uv, tlstream_error *error) {
  tlstream_address peer;
  if (!carries_bytes(uv)) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "TLS needs a TCP handle or a pipe (not one "
                               "that passes handles)");
  }
  if (uv_is_closing((const uv_handle_t *)uv)) {
    return refuse_state(error, "it is being closed");
  }
  if (!uv_is_readable(uv) || !uv_is_writable(uv) || !find_peer(uv, &peer)) {
    return refuse_state(error, "it is not connected, or not both ways any "
                               "more");
  }
  return uv->connection_cb == mark
             ? refuse_state(error, "a stream has taken it over already")
             : 0;
}

void tlstream__takeover_mark(uv_stream_t *uv) {
  uv->connection_cb = mark;
}

static void put_data_back(taken_handle *taken) {
  taken->base.uv->data = taken->data;
}

static void free_taken(tlstream__handle *handle) {
  taken_handle *taken = (taken_handle *)(void *)handle;
  uv_stream_t *uv = handle->uv;
  tlstream_handle_release_cb release = taken->release;
  put_data_back(taken);
  tlstream__free(taken);
  if (release != NULL) release(uv);
}

/* Whatever the status, closing included: the user's callbacks have all been
 * called. After a failure, the next read or write fails too. */
static void on_fence(uv_write_t *fence, int status) {
  taken_handle *taken = fence->data;
  uv_stream_t *uv = taken->base.uv;
  (void)status;
  taken->data = uv->data;
  uv->data = taken;
  tlstream__handle_released(&taken->base);
}

static int raise_fence(taken_handle *taken) {
  uv_buf_t nothing = uv_buf_init("", 0);
  taken->fence.data = taken;
  taken->base.is_held = true;
  return uv_write(&taken->fence, taken->base.uv, &nothing, 1, on_fence);
}

int tlstream__takeover(uv_stream_t *uv, tlstream_handle_release_cb release,
                       tlstream__handle **out, tlstream_error *error) {
  tlstream_address peer = {.host = ""};
  taken_handle *taken = tlstream__calloc(sizeof(*taken));
  if (taken == NULL) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  tlstream__handle_init(&taken->base, uv, free_taken);
  taken->release = release;
  int status = raise_fence(taken);
  if (status != 0) {
    tlstream__free(taken);
    return tlstream__uv_error(error, TLSTREAM_ERR_SYSTEM, status,
                              "cannot take the handle over");
  }
  uv_read_stop(uv);
  tlstream__takeover_mark(uv);
  (void)find_peer(uv, &peer); /* fails after a reset: no address then */
  tlstream__handle_connected(&taken->base, &peer);
  *out = &taken->base;
  return 0;
}

uv_stream_t *tlstream__takeover_end(tlstream__handle *handle) {
  taken_handle *taken = (taken_handle *)(void *)handle;
  uv_stream_t *uv = handle->uv;
  assert(!handle->is_held); /* the fence's callback uses `taken` */
  put_data_back(taken);
  uv->connection_cb = NULL;
  tlstream__free(taken);
  return uv;
}
