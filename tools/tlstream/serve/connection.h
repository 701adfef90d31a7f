/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_SERVE_CONNECTION_H
#define TLSTREAM_TOOL_SERVE_CONNECTION_H

#include <tlstream/tlstream.h>

/* Greet a client, echo from then on, and tell about it on stderr; when `quiet`,
 * only if it fails. */
void connection_start(tlstream *stream, bool quiet);

#endif
