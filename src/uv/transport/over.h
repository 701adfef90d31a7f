/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_TRANSPORT_OVER_H
#define TLSTREAM_UV_TRANSPORT_OVER_H

/* Streams over a connection that exists: what upgrade.c, over.c, tunnel.c and
 * adopt.c have in common. */
#include <tlstream/transport.h>

#include "uv/stream/state.h"

/* Create the stream that `options` describe, with the head as input, and
 * without a transport. NULL on failure. `comes_back`: what follows the peer's
 * close_notify is kept. */
tlstream *tlstream__over_new(uv_loop_t *loop,
                             const tlstream_over_options *options,
                             bool comes_back, tlstream_error *error);

/* Pass the bytes that were read before the stream existed to a server's stream.
 * Returns 0 or an error. */
int tlstream__over_head(tlstream *stream, tlstream_bytes head,
                        tlstream_error *error);

#endif
