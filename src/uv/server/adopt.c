/* SPDX-License-Identifier: MIT */
/* Connections that the user has accepted. */
#include "base/error.h"
#include "uv/server/state.h"
#include "uv/transport/over.h"
#include "uv/transport/takeover.h"

static int check(const tlstream_server *server, const uv_stream_t *handle,
                 tlstream_error *error) {
  if (server->life != TLSTREAM__SERVER_OPEN) {
    return tlstream__error_set(error, TLSTREAM_ERR_CLOSED,
                               "the server is closing");
  }
  if (handle->loop != server->loop->uv) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "the handle is on another loop");
  }
  int code = tlstream__takeover_check(handle, error);
  if (code != 0) return code;
  return tlstream__server_is_full(server)
             ? tlstream__error_plain(error, TLSTREAM_ERR_SERVER_FULL)
             : 0;
}

static int begin(tlstream *stream, uv_stream_t *handle, tlstream_bytes head,
                 tlstream_handle_release_cb release, tlstream_error *error) {
  void *data = handle->data;
  tlstream__handle *taken = NULL;
  int code = tlstream__over_head(stream, head, error);
  if (code == 0) code = tlstream__takeover(handle, release, &taken, error);
  if (code != 0) return code;
  stream->data = data;
  tlstream__server_begin(stream, taken);
  return 0;
}

int tlstream_server_adopt(tlstream_server *server, uv_stream_t *handle,
                          tlstream_bytes head,
                          tlstream_handle_release_cb release,
                          tlstream_error *error) {
  tlstream__error_clear(error);
  int code = check(server, handle, error);
  if (code != 0) return code;
  tlstream *stream = tlstream__server_stream(server);
  if (stream == NULL) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  code = begin(stream, handle, head, release, error);
  if (code != 0) tlstream__stream_discard(stream);
  return code;
}
