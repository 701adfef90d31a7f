/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_CLIENT_DIAL_H
#define TLSTREAM_UV_CLIENT_DIAL_H

/*
 * From a name to a connected socket: the name is looked up, its addresses are
 * tried a quarter of a second apart, earlier attempts go on meanwhile, and the
 * first connection is used (RFC 8305). One deadline covers all of it.
 */
#include <tlstream/dial.h>

#include "uv/stream/state.h"

/* For a stream to cancel it: the callback is then not called. */
tlstream__connector *tlstream__dialer_connector(tlstream_dialer *dialer);

#endif
