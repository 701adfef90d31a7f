/* SPDX-License-Identifier: MIT */
#include "uv/transport/handle.h"

#include <string.h>
#include <sys/ioctl.h>

#include "base/alloc.h"
#include "uv/address.h"
#include "uv/socket.h"
#include "uv/stream/state.h"

/* Bytes that the kernel did not take at once. */
typedef struct backlog {
  uv_write_t request;
  tlstream__handle *handle;
  char bytes[];
} backlog;

/* A handle that is created here, with libuv's behind it. */
typedef struct own_handle {
  tlstream__handle base;
  union {
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  } uv;
} own_handle;

static tlstream__handle *of(tlstream_transport *transport) {
  return (tlstream__handle *)(void *)transport;
}

static bool is_tcp(const tlstream__handle *handle) {
  return handle->uv->type == UV_TCP;
}

static void on_written(uv_write_t *request, int status) {
  backlog *kept = request->data;
  tlstream__handle *handle = kept->handle;
  tlstream__free(kept);
  if (status == UV_ECANCELED) return; /* the handle is closing */
  tlstream_transport_written(&handle->base, status);
}

static int keep(tlstream__handle *handle, const char *data, size_t len) {
  backlog *kept = tlstream__malloc(sizeof(*kept) + len);
  if (kept == NULL) return UV_ENOMEM;
  memcpy(kept->bytes, data, len);
  kept->handle = handle;
  kept->request.data = kept;
  uv_buf_t buf = uv_buf_init(kept->bytes, (unsigned)len);
  int status = uv_write(&kept->request, handle->uv, &buf, 1, on_written);
  if (status != 0) {
    tlstream__free(kept);
    return status;
  }
  return 1;
}

static int handle_write(tlstream_transport *transport, const void *data,
                        size_t len) {
  tlstream__handle *handle = of(transport);
  uv_buf_t buf = uv_buf_init((char *)data, (unsigned)len);
  int sent = uv_try_write(handle->uv, &buf, 1);
  if (sent == UV_EAGAIN) sent = 0;
  if (sent < 0) return sent;
  if ((size_t)sent == len) return 0;
  return keep(handle, (const char *)data + sent, len - (size_t)sent);
}

static void on_alloc(uv_handle_t *uv, size_t suggested, uv_buf_t *buf) {
  tlstream__handle *handle = uv->data;
  (void)suggested;
  void *buffer = tlstream__loop_borrow(handle->base.stream->loop);
  *buf = uv_buf_init(buffer, buffer != NULL ? TLSTREAM__BUFFER_SIZE : 0);
}

static void on_read(uv_stream_t *uv, ssize_t nread, const uv_buf_t *buf) {
  tlstream__handle *handle = uv->data;
  tlstream__loop *loop = handle->base.stream->loop;
  if (nread == UV_EOF) nread = tlstream__socket_end(uv);
  if (nread > 0) {
    tlstream_transport_input(&handle->base, buf->base, (size_t)nread);
  } else if (nread == UV_EOF) {
    uv_read_stop(uv);
    tlstream_transport_eof(&handle->base);
  } else if (nread < 0) {
    uv_read_stop(uv);
    tlstream_transport_failed(&handle->base, (int)nread);
  }
  tlstream__loop_return(loop, buf->base);
}

static int handle_read_start(tlstream_transport *transport) {
  tlstream__handle *handle = of(transport);
  handle->read_due = handle->is_held;
  return handle->is_held ? 0 : uv_read_start(handle->uv, on_alloc, on_read);
}

static void handle_read_stop(tlstream_transport *transport) {
  tlstream__handle *handle = of(transport);
  handle->read_due = false;
  uv_read_stop(handle->uv);
}

void tlstream__handle_released(tlstream__handle *handle) {
  handle->is_held = false;
  if (!handle->read_due) return;
  int status = handle_read_start(&handle->base);
  if (status != 0) tlstream_transport_failed(&handle->base, status);
}

static void on_shutdown(uv_shutdown_t *request, int status) {
  (void)request, (void)status;
}

static void handle_shutdown(tlstream_transport *transport) {
  tlstream__handle *handle = of(transport);
  uv_shutdown(&handle->shutdown, handle->uv, on_shutdown);
}

static void on_closed(uv_handle_t *uv) {
  tlstream__handle *handle = uv->data;
  if (handle->base.stream != NULL) {
    tlstream_transport_closed(&handle->base);
  } else {
    handle->dispose(handle);
  }
}

static void handle_close(tlstream_transport *transport) {
  tlstream__handle *handle = of(transport);
  handle->read_due = false;
  uv_close((uv_handle_t *)handle->uv, on_closed);
}

/* Unix sockets cannot reset, nor can TCP once its FIN has been sent. */
static void handle_reset(tlstream_transport *transport) {
  tlstream__handle *handle = of(transport);
  handle->read_due = false;
  if (!is_tcp(handle) ||
      uv_tcp_close_reset((uv_tcp_t *)handle->uv, on_closed) != 0) {
    handle_close(transport);
  }
}

static void handle_release(tlstream_transport *transport) {
  tlstream__handle *handle = of(transport);
  handle->dispose(handle);
}

/* Noted on connecting: after a reset the system no longer knows it. */
static int handle_remote_address(tlstream_transport *transport,
                                 tlstream_address *address) {
  *address = of(transport)->remote;
  return 0;
}

static int handle_descriptor(tlstream_transport *transport) {
  uv_os_fd_t fd = -1;
  int status = uv_fileno((uv_handle_t *)of(transport)->uv, &fd);
  return status == 0 ? fd : status;
}

static int handle_local_address(tlstream_transport *transport,
                                tlstream_address *address) {
  int fd = handle_descriptor(transport);
  return fd >= 0 ? tlstream__address_of(fd, address) : fd;
}

/* Bytes in libuv's queue and in the kernel's. */
static size_t handle_unsent(tlstream_transport *transport) {
  uv_stream_t *uv = of(transport)->uv;
  size_t kept = uv_stream_get_write_queue_size(uv);
  int fd = handle_descriptor(transport);
  int sending = 0;
  if (fd >= 0 && ioctl(fd, TIOCOUTQ, &sending) == 0 && sending > 0) {
    kept += (size_t)sending;
  }
  return kept;
}

static void handle_keep_alive(tlstream_transport *transport, bool keep) {
  uv_handle_t *uv = (uv_handle_t *)of(transport)->uv;
  if (keep) {
    uv_ref(uv);
  } else {
    uv_unref(uv);
  }
}

static const tlstream_transport_methods methods = {
    .write = handle_write,
    .read_start = handle_read_start,
    .read_stop = handle_read_stop,
    .shutdown = handle_shutdown,
    .close = handle_close,
    .release = handle_release,
    .remote_address = handle_remote_address,
    .local_address = handle_local_address,
    .unsent = handle_unsent,
    .keep_alive = handle_keep_alive,
    .reset = handle_reset,
    .descriptor = handle_descriptor,
};

void tlstream__handle_init(tlstream__handle *handle, uv_stream_t *uv,
                           void (*dispose)(tlstream__handle *handle)) {
  handle->base.methods = &methods;
  handle->uv = uv;
  handle->dispose = dispose;
}

static void free_own(tlstream__handle *handle) {
  tlstream__free(handle);
}

tlstream__handle *tlstream__handle_new(uv_loop_t *loop, bool tcp) {
  own_handle *made = tlstream__calloc(sizeof(*made));
  if (made == NULL) return NULL;
  int status = tcp ? uv_tcp_init(loop, &made->uv.tcp)
                   : uv_pipe_init(loop, &made->uv.pipe, 0);
  if (status != 0) {
    tlstream__free(made);
    return NULL;
  }
  made->uv.stream.data = made;
  tlstream__handle_init(&made->base, &made->uv.stream, free_own);
  return &made->base;
}

int tlstream__handle_open(tlstream__handle *handle, int fd) {
  return is_tcp(handle) ? uv_tcp_open((uv_tcp_t *)handle->uv, fd)
                        : uv_pipe_open((uv_pipe_t *)handle->uv, fd);
}

void tlstream__handle_connected(tlstream__handle *handle,
                                const tlstream_address *remote) {
  handle->remote = *remote;
  if (is_tcp(handle)) uv_tcp_nodelay((uv_tcp_t *)handle->uv, 1);
}

void tlstream__handle_discard(tlstream__handle *handle) {
  handle->base.stream = NULL;
  uv_close((uv_handle_t *)handle->uv, on_closed);
}
