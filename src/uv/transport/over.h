/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_TRANSPORT_OVER_H
#define TLSTREAM_UV_TRANSPORT_OVER_H

/* Streams over something that exists already: what upgrade.c, over.c,
 * over_stream.c and adopt.c have in common. */
#include <tlstream/transport.h>

#include "uv/stream/state.h"

/* Make the stream that `options` describe, with the head in it, and no
 * transport yet. NULL on failure. `comes_back`: what follows the peer's goodbye
 * is kept. */
tlstream *tlstream__over_new(uv_loop_t *loop,
                             const tlstream_over_options *options,
                             bool comes_back, tlstream_error *error);

/* Give a server's stream the bytes that were read before it was made. Returns 0
 * or an error. */
int tlstream__over_head(tlstream *stream, tlstream_bytes head,
                        tlstream_error *error);

#endif
