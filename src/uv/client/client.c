/* SPDX-License-Identifier: MIT */
#include <tlstream/client.h>

#include "base/error.h"
#include "base/options.h"
#include "uv/client/dial.h"
#include "uv/stream/state.h"

enum { CONNECT_TIMEOUT = 10000 };

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
  return tlstream_pair_new(TLSTREAM_PAIR(.role = TLSTREAM_ROLE_CLIENT,
                                         .context = options->context,
                                         .verify_name = name_to_verify(options),
                                         .servername = options->servername,
                                         .timeouts = options->timeouts),
                           uv_now(uv), error);
}

static int dial(tlstream *stream, const tlstream_connect_options *options,
                tlstream_error *error) {
  unsigned timeout = options->timeouts.connect_ms != 0
                         ? options->timeouts.connect_ms
                         : CONNECT_TIMEOUT;
  if (options->path != NULL) {
    return tlstream__dial_pipe(stream, options->path, timeout, error);
  }
  return tlstream__dial_tcp(stream, options->host, options->port, timeout,
                            error);
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
  return stream;
}
