/* SPDX-License-Identifier: MIT */
#include "uv/handle.h"

#include <string.h>

#include "base/alloc.h"
#include "uv/address.h"
#include "uv/loop.h"

/* What the kernel did not take at once. */
typedef struct backlog {
  uv_write_t request;
  tlstream__handle *handle;
  char bytes[];
} backlog;

static tlstream__handle *of(tlstream__transport *transport) {
  return (tlstream__handle *)(void *)transport;
}

static void on_written(uv_write_t *request, int status) {
  backlog *kept = request->data;
  tlstream__handle *handle = kept->handle;
  tlstream__free(kept);
  if (status == UV_ECANCELED) return; /* we are closing */
  tlstream__transport_written(handle->base.stream, status);
}

static int keep(tlstream__handle *handle, const char *data, size_t len) {
  backlog *kept = tlstream__malloc(sizeof(*kept) + len);
  if (kept == NULL) return UV_ENOMEM;
  memcpy(kept->bytes, data, len);
  kept->handle = handle;
  kept->request.data = kept;
  uv_buf_t buf = uv_buf_init(kept->bytes, (unsigned)len);
  int status =
      uv_write(&kept->request, &handle->uv.stream, &buf, 1, on_written);
  if (status != 0) {
    tlstream__free(kept);
    return status;
  }
  return 1;
}

static int handle_write(tlstream__transport *transport, const void *data,
                        size_t len) {
  tlstream__handle *handle = of(transport);
  uv_buf_t buf = uv_buf_init((char *)data, (unsigned)len);
  int sent = uv_try_write(&handle->uv.stream, &buf, 1);
  if (sent == UV_EAGAIN) sent = 0;
  if (sent < 0) return sent;
  if ((size_t)sent == len) return 0;
  return keep(handle, (const char *)data + sent, len - (size_t)sent);
}

static void on_alloc(uv_handle_t *uv, size_t suggested, uv_buf_t *buf) {
  tlstream__handle *handle = uv->data;
  (void)suggested;
  void *buffer = tlstream__transport_borrow(handle->base.stream);
  *buf = uv_buf_init(buffer, buffer != NULL ? TLSTREAM__BUFFER_SIZE : 0);
}

static void on_read(uv_stream_t *uv, ssize_t nread, const uv_buf_t *buf) {
  tlstream__handle *handle = uv->data;
  tlstream *stream = handle->base.stream;
  if (nread > 0) {
    tlstream__transport_input(stream, buf->base, (size_t)nread);
  } else if (nread == UV_EOF) {
    uv_read_stop(uv);
    tlstream__transport_eof(stream);
  } else if (nread < 0) {
    uv_read_stop(uv);
    tlstream__transport_read_failed(stream, (int)nread);
  }
  tlstream__transport_return(stream, buf->base);
}

static int handle_read_start(tlstream__transport *transport) {
  return uv_read_start(&of(transport)->uv.stream, on_alloc, on_read);
}

static void handle_read_stop(tlstream__transport *transport) {
  uv_read_stop(&of(transport)->uv.stream);
}

static void on_shutdown(uv_shutdown_t *request, int status) {
  (void)request, (void)status;
}

static void handle_shutdown(tlstream__transport *transport) {
  tlstream__handle *handle = of(transport);
  uv_shutdown(&handle->shutdown, &handle->uv.stream, on_shutdown);
}

static void on_closed(uv_handle_t *uv) {
  tlstream__handle *handle = uv->data;
  if (handle->base.stream != NULL) {
    tlstream__transport_closed(handle->base.stream);
  } else {
    tlstream__free(handle);
  }
}

static void handle_close(tlstream__transport *transport) {
  uv_close(&of(transport)->uv.any, on_closed);
}

static void handle_release(tlstream__transport *transport) {
  tlstream__free(of(transport));
}

static int handle_remote_address(tlstream__transport *transport,
                                 tlstream_address *address) {
  tlstream__handle *handle = of(transport);
  if (handle->is_tcp) {
    return tlstream__address_of_peer(&handle->uv.tcp, address);
  }
  return tlstream__address_of_pipe_peer(&handle->uv.pipe, address);
}

static int handle_local_address(tlstream__transport *transport,
                                tlstream_address *address) {
  tlstream__handle *handle = of(transport);
  if (handle->is_tcp) {
    return tlstream__address_of_tcp(&handle->uv.tcp, address);
  }
  return tlstream__address_of_pipe(&handle->uv.pipe, address);
}

static const tlstream__transport_methods methods = {
    .write = handle_write,
    .read_start = handle_read_start,
    .read_stop = handle_read_stop,
    .shutdown = handle_shutdown,
    .close = handle_close,
    .release = handle_release,
    .remote_address = handle_remote_address,
    .local_address = handle_local_address,
};

tlstream__handle *tlstream__handle_new(uv_loop_t *loop, bool is_tcp) {
  tlstream__handle *handle = tlstream__calloc(sizeof(*handle));
  if (handle == NULL) return NULL;
  handle->base.methods = &methods;
  handle->is_tcp = is_tcp;
  int status = is_tcp ? uv_tcp_init(loop, &handle->uv.tcp)
                      : uv_pipe_init(loop, &handle->uv.pipe, 0);
  if (status != 0) {
    tlstream__free(handle);
    return NULL;
  }
  handle->uv.any.data = handle;
  return handle;
}

void tlstream__handle_connected(tlstream__handle *handle) {
  if (handle->is_tcp) uv_tcp_nodelay(&handle->uv.tcp, 1);
}

void tlstream__handle_discard(tlstream__handle *handle) {
  handle->base.stream = NULL;
  uv_close(&handle->uv.any, on_closed);
}
