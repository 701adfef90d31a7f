/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_TRANSPORT_TAKEOVER_H
#define TLSTREAM_UV_TRANSPORT_TAKEOVER_H

/*
 * Taking over a libuv stream that the user has read from and written to, and
 * giving it back. See docs/decisions/0011-handles-move.md.
 */
#include "uv/transport/handle.h"

/* 0 if TLS can start on the handle, or an error that explains why not. */
int tlstream__takeover_check(const uv_stream_t *uv, tlstream_error *error);

/* Have the check say from now on that it is taken. */
void tlstream__takeover_mark(uv_stream_t *uv);

/* Take it over; `release` may be NULL. Returns 0 or an error, after which
 * nothing has changed. */
int tlstream__takeover(uv_stream_t *uv, tlstream_handle_release_cb release,
                       tlstream__handle **out, tlstream_error *error);

/* Give it back as it was, not reading. No write of ours may be pending. */
uv_stream_t *tlstream__takeover_end(tlstream__handle *handle);

#endif
