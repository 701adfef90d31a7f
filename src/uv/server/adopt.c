/* SPDX-License-Identifier: MIT */
/* Connections that the user has accepted. */
#include "base/error.h"
#include "uv/server/state.h"
#include "uv/transport/over.h"
#include "uv/transport/takeover.h"

/* A connection to the listening socket waits in the kernel's backlog until a
 * slot is free. An adopted one has been accepted, so it can only be refused. */
static int check_limits(const tlstream_server *server, tlstream_error *error) {
  if (tlstream__server_is_full(server)) {
    return tlstream__error_plain(error, TLSTREAM_ERR_SERVER_FULL);
  }
  if (tlstream__server_has_slot(server)) return 0;
  return tlstream__error_set(error, TLSTREAM_ERR_SERVER_FULL,
                             "%zu handshakes are under way, and there may be "
                             "no more at once",
                             server->streams[TLSTREAM__PHASE_HANDSHAKE].count);
}

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
  return code != 0 ? code : check_limits(server, error);
}

static int begin(tlstream *stream, uv_stream_t *handle, tlstream_bytes head,
                 tlstream_handle_release_cb release, tlstream_error *error) {
  void *data = handle->data;
  tlstream__handle *taken = NULL;
  int code = tlstream__over_head(stream, head, error);
  if (code == 0) code = tlstream__takeover(handle, release, &taken, error);
  if (code != 0) return code;
  stream->data = data;
  tlstream__server_evict_oldest(stream->owner_data);
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
