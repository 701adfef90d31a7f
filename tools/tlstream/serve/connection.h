/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_VISITOR_H
#define TLSTREAM_TOOL_VISITOR_H

#include <tlstream/tlstream.h>

/* Greet a client, echo from then on, and tell about it on stderr; when `quiet`,
 * only if it fails. */
void visitor_welcome(tlstream *stream, bool quiet);

#endif
