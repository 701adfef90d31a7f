/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_TRANSPORT_TAKEOVER_H
#define TLSTREAM_UV_TRANSPORT_TAKEOVER_H

/*
 * Taking a libuv stream over from its user, who has read from it and written to
 * it, and giving it back. See docs/decisions/0011-handles-move.md.
 */
#include "uv/transport/handle.h"

/* Can TLS be spoken on it? 0 or an error, and then it says why not. */
int tlstream__takeover_check(const uv_stream_t *uv, tlstream_error *error);

/* Take it over; `release` may be NULL. Returns 0 or an error, and then nothing
 * has changed. */
int tlstream__takeover(uv_stream_t *uv, tlstream_handle_release_cb release,
                       tlstream__handle **out, tlstream_error *error);

/* Give it back as it was, not reading. Nothing of ours may be on its way. */
uv_stream_t *tlstream__takeover_end(tlstream__handle *handle);

#endif
