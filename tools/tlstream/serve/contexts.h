/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_SERVE_CONTEXTS_H
#define TLSTREAM_TOOL_SERVE_CONTEXTS_H

#include <tlstream/tlstream.h>

#include "serve/settings.h"

/* Make the context for clients that no --context is for. `made` is the
 * certificate to use if none is given. NULL after printing why not. */
tlstream_context *contexts_make(const serve_settings *given,
                                const tlstream_issued *made);

/* Add those of --context to the server. Returns an exit status. */
int contexts_add(const serve_settings *given, tlstream_server *server);

#endif
