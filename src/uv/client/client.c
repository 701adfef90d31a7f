/* SPDX-License-Identifier: MIT */
#include <tlstream/client.h>

#include <unistd.h>

#include "base/error.h"
#include "base/options.h"
#include "uv/client/dial.h"
#include "uv/stream/state.h"
#include "uv/transport/handle.h"
#include "uv/uv_error.h"

/* The name that the certificate must be for: `verify_name`, else `servername`,
 * else the host. */
static const char *name_to_verify(const tlstream_connect_options *options) {
  if (options->verify_name != NULL) return options->verify_name;
  if (options->servername != NULL && options->servername[0] != '\0') {
    return options->servername;
  }
  return options->path == NULL ? options->host : NULL;
}

static tlstream_pair *make_pair(uv_loop_t *uv,
                                const tlstream_connect_options *options,
                                tlstream_error *error) {
  return tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_CLIENT, .context = options->context,
                    .verify_name = name_to_verify(options),
                    .servername = options->servername, .tlsa = options->tlsa,
                    .tlsa_count = options->tlsa_count,
                    .session = options->session, .port = options->port,
                    .timeouts = options->timeouts),
      uv_now(uv), error);
}

/* Returns 0, or a libuv code; then the socket is closed. */
static int use_socket(tlstream *stream, int fd, const tlstream_address *peer) {
  bool is_tcp = peer->port != 0;
  tlstream__handle *handle = tlstream__handle_new(stream->uv, is_tcp);
  int status = handle != NULL ? tlstream__handle_open(handle, fd) : UV_ENOMEM;
  if (status != 0) {
    close(fd);
    if (handle != NULL) tlstream__handle_discard(handle);
    return status;
  }
  tlstream__handle_connected(handle, peer);
  tlstream__stream_begin(stream, &handle->base);
  return 0;
}

static void on_dialed(int fd, const tlstream_address *peer,
                      const tlstream_error *error, void *data) {
  tlstream *stream = data;
  tlstream_error refusal;
  stream->connector = NULL;
  int status = error == NULL ? use_socket(stream, fd, peer) : 0;
  if (status != 0) {
    tlstream__uv_error(&refusal, TLSTREAM_ERR_CONNECT, status,
                       "cannot use the connection");
    error = &refusal;
  }
  if (error != NULL) tlstream__stream_fail(stream, error);
}

static int dial(tlstream *stream, const tlstream_connect_options *options,
                tlstream_error *error) {
  tlstream_dialer *dialer =
      tlstream_dial(stream->uv,
                    TLSTREAM_DIAL(.host = options->host, .port = options->port,
                                  .path = options->path,
                                  .connect_ms = options->timeouts.connect_ms),
                    on_dialed, stream, error);
  if (dialer == NULL) return -1;
  stream->connector = tlstream__dialer_connector(dialer);
  return 0;
}

static tlstream *make_stream(uv_loop_t *uv,
                             const tlstream_connect_options *options,
                             tlstream_error *error) {
  tlstream_pair *pair = make_pair(uv, options, error);
  if (pair == NULL) return NULL;
  tlstream *stream = tlstream__stream_new(uv, pair, NULL, NULL);
  if (stream == NULL) {
    tlstream_pair_free(pair);
    tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
    return NULL;
  }
  if (options->high_water_mark != 0) {
    stream->high_water = options->high_water_mark;
  }
  stream->allow_half_open = options->allow_half_open;
  return stream;
}

tlstream *tlstream_connect(uv_loop_t *loop,
                           const tlstream_connect_options *options,
                           const tlstream_events *events, void *data,
                           tlstream_error *error) {
  tlstream_connect_options known = {0};
  tlstream__error_clear(error);
  if (tlstream__options_copy(&known, sizeof(known), options, "connect",
                             error) != 0) {
    return NULL;
  }
  if (known.host == NULL) known.host = "localhost";
  tlstream *stream = make_stream(loop, &known, error);
  if (stream == NULL) return NULL;
  if (dial(stream, &known, error) != 0) {
    tlstream__stream_discard(stream);
    return NULL;
  }
  if (events != NULL) stream->events = events;
  stream->data = data;
  tlstream__stream_note_events(stream);
  return stream;
}
