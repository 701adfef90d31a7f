/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_SERVE_TICKETS_H
#define TLSTREAM_TOOL_SERVE_TICKETS_H

#include <stdbool.h>

#include <tlstream/tlstream.h>

/* The keys in a file, which stay until it is read again, or, if `path` is NULL,
 * a ring that rotates by itself. NULL after printing the reason; the caller's.
 * `again` is true if the file has been read before. */
tlstream_ticket_keys *tickets_load(const char *path, bool again);

#endif
