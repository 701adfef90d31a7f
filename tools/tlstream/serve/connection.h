/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_SERVE_CONNECTION_H
#define TLSTREAM_TOOL_SERVE_CONNECTION_H

#include <tlstream/tlstream.h>

/* Send the greeting to a client, then echo its data, and log the connection on
 * stderr; when `quiet`, only failures. */
void connection_start(tlstream *stream, bool quiet);

#endif
