/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_TRANSPORT_H
#define TLSTREAM_UV_TRANSPORT_H

/* What transports of our own have beyond those of users. */
#include <tlstream/transport.h>

/* A large buffer to read into, lent by the stream's loop, or NULL; goes back
 * when the input has been told. */
void *tlstream__transport_borrow(tlstream *stream);
void tlstream__transport_return(tlstream *stream, void *buffer);

#endif
