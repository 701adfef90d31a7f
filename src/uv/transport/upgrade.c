/* SPDX-License-Identifier: MIT */
/* TLS on a libuv handle that is in use, and back to plain text. */
#include <tlstream/upgrade.h>

#include "base/error.h"
#include "base/options.h"
#include "uv/transport/over.h"
#include "uv/transport/takeover.h"

static tlstream *make_stream(uv_loop_t *loop,
                             const tlstream_upgrade_options *options,
                             tlstream_error *error) {
  const tlstream_over_options over = {
      .role = options->role,
      .context = options->context,
      .verify_name = options->verify_name,
      .servername = options->servername,
      .tlsa = options->tlsa,
      .tlsa_count = options->tlsa_count,
      .session = options->session,
      .port = options->port,
      .head = options->head,
      .timeouts = options->timeouts,
      .high_water_mark = options->high_water_mark,
      .allow_half_open = options->allow_half_open,
      .choose_context = options->choose_context,
      .external_sessions = options->external_sessions,
  };
  return tlstream__over_new(loop, &over, options->return_handle, error);
}

static int check(const uv_stream_t *handle,
                 const tlstream_upgrade_options *options,
                 tlstream_error *error) {
  if (options->return_handle && options->release == NULL) {
    return tlstream__error_set(
        error, TLSTREAM_ERR_INVALID_ARGUMENT,
        "`return_handle` needs `release`, for when the handle is not taken");
  }
  return tlstream__takeover_check(handle, error);
}

tlstream *tlstream_upgrade(uv_stream_t *handle,
                           const tlstream_upgrade_options *options,
                           const tlstream_events *events, void *data,
                           tlstream_error *error) {
  tlstream_upgrade_options known = {0};
  tlstream__error_clear(error);
  if (tlstream__options_copy(&known, sizeof(known), options, "upgrade",
                             error) != 0 ||
      check(handle, &known, error) != 0) {
    return NULL;
  }
  tlstream *stream = make_stream(handle->loop, &known, error);
  if (stream == NULL) return NULL;
  tlstream__handle *taken = NULL;
  if (tlstream__takeover(handle, known.release, &taken, error) != 0) {
    tlstream__stream_discard(stream);
    return NULL;
  }
  if (known.return_handle) stream->hand_back = TLSTREAM__HAND_BACK_WANTED;
  stream->fin_after_loss = known.insecure_fin_after_loss;
  tlstream_set_events(stream, events, data);
  tlstream__stream_begin(stream, &taken->base);
  return stream;
}

uv_stream_t *tlstream_take_handle(tlstream *stream, tlstream_bytes *trailing) {
  tlstream_bytes behind = {0};
  uv_stream_t *uv = NULL;
  if (stream->hand_back == TLSTREAM__HAND_BACK_DONE &&
      stream->transport != NULL) {
    behind.data = tlstream__pair_trailing(stream->pair, &behind.len);
    uv = tlstream__takeover_end((tlstream__handle *)(void *)stream->transport);
    stream->transport = NULL;
  }
  if (trailing != NULL) *trailing = behind;
  return uv;
}
