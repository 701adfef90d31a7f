/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_CLIENT_DIAL_H
#define TLSTREAM_UV_CLIENT_DIAL_H

/*
 * From a name to a connected transport: the name is looked up, its addresses
 * are tried a quarter of a second apart, earlier attempts go on meanwhile, and
 * the first connection becomes the stream's transport (RFC 8305). One deadline
 * covers all of it.
 */
#include "uv/stream/state.h"

/* Begin; the stream gets its transport, or fails, from the loop. Returns 0 or a
 * code. */
int tlstream__dial_tcp(tlstream *stream, const char *host, int port,
                       unsigned timeout_ms, tlstream_error *error);
int tlstream__dial_pipe(tlstream *stream, const char *path, unsigned timeout_ms,
                        tlstream_error *error);

#endif
