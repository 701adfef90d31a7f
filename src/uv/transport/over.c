/* SPDX-License-Identifier: MIT */
#include "uv/transport/over.h"

#include <tlstream/pair_ending.h>

#include "base/error.h"
#include "base/options.h"

enum { HEAD_MAX = 64 * 1024 };

int tlstream__over_head(tlstream *stream, tlstream_bytes head,
                        tlstream_error *error) {
  if (head.len > HEAD_MAX) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "`head` has at most %d bytes: more cannot come "
                               "before a server has spoken",
                               HEAD_MAX);
  }
  tlstream__pair_lend_input(stream->pair, head.data, head.len);
  tlstream__pair_settle_input(stream->pair);
  return tlstream_pair_error(stream->pair) == NULL
             ? 0
             : tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
}

/* CVE-2021-23222 and similar: what follows a server's go-ahead for TLS was not
 * encrypted, and anyone on the way may have injected it. */
static int refuse_injection(tlstream_error *error, size_t len) {
  return tlstream__error_set(
      error, TLSTREAM_ERR_PLAINTEXT_INJECTED,
      "the server, or an attacker on the way, sent %zu bytes of plain text "
      "behind the go-ahead for TLS: none of it is to be trusted",
      len);
}

static tlstream *make_stream(uv_loop_t *loop,
                             const tlstream_over_options *options,
                             bool comes_back, tlstream_error *error) {
  bool is_client = options->role == TLSTREAM_ROLE_CLIENT;
  const char *verify_name =
      options->verify_name != NULL ? options->verify_name : options->servername;
  tlstream_pair *pair = tlstream_pair_new(
      TLSTREAM_PAIR(.role = options->role, .context = options->context,
                    .verify_name = is_client ? verify_name : NULL,
                    .servername = is_client ? options->servername : NULL,
                    .tlsa = options->tlsa, .tlsa_count = options->tlsa_count,
                    .session = options->session, .port = options->port,
                    .choose_context = options->choose_context,
                    .external_sessions = options->external_sessions,
                    .timeouts = options->timeouts, .keep_trailing = comes_back),
      uv_now(loop), error);
  if (pair == NULL) return NULL;
  tlstream *stream = tlstream__stream_new(loop, pair, NULL, NULL);
  if (stream == NULL) {
    tlstream_pair_free(pair);
    tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  return stream;
}

tlstream *tlstream__over_new(uv_loop_t *loop,
                             const tlstream_over_options *options,
                             bool comes_back, tlstream_error *error) {
  if (options->role == TLSTREAM_ROLE_CLIENT && options->head.len > 0) {
    refuse_injection(error, options->head.len);
    return NULL;
  }
  tlstream *stream = make_stream(loop, options, comes_back, error);
  if (stream == NULL) return NULL;
  if (tlstream__over_head(stream, options->head, error) != 0) {
    tlstream__stream_discard(stream);
    return NULL;
  }
  if (options->high_water_mark != 0) {
    stream->high_water = options->high_water_mark;
  }
  stream->allow_half_open = options->allow_half_open;
  return stream;
}

static int check(const tlstream_transport *transport, tlstream_error *error) {
  const tlstream_transport_methods *methods = transport->methods;
  if (methods == NULL || methods->write == NULL ||
      methods->read_start == NULL || methods->read_stop == NULL ||
      methods->close == NULL) {
    return tlstream__error_set(
        error, TLSTREAM_ERR_INVALID_ARGUMENT,
        "a transport needs the methods write, read_start, read_stop and close");
  }
  if (transport->stream == NULL) return 0;
  return tlstream__error_set(error, TLSTREAM_ERR_WRONG_STATE,
                             "the transport carries a stream already");
}

tlstream *tlstream_over(uv_loop_t *loop, tlstream_transport *transport,
                        const tlstream_over_options *options,
                        const tlstream_events *events, void *data,
                        tlstream_error *error) {
  tlstream_over_options known = {0};
  tlstream__error_clear(error);
  if (tlstream__options_copy(&known, sizeof(known), options, "over", error) !=
          0 ||
      check(transport, error) != 0) {
    return NULL;
  }
  tlstream *stream = tlstream__over_new(loop, &known, false, error);
  if (stream == NULL) return NULL;
  tlstream_set_events(stream, events, data);
  tlstream__stream_begin(stream, transport);
  return stream;
}
