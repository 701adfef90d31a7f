/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CONNECT_STARTTLS_NAME_H
#define TLSTREAM_TOOL_CONNECT_STARTTLS_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

enum { STARTTLS_NAME_MAX = 256 };

/* True if it can be sent in every protocol: nothing that ends a line, an
 * argument or an XML attribute. */
bool starttls_name_is_valid(const char *name);

/* Write a name for this machine that mail servers take: its full name if it has
 * one, otherwise the address of this connection, "[127.0.0.1]" (RFC 5321,
 * 4.1.4). */
void starttls_own_name(const uv_stream_t *stream, char name[STARTTLS_NAME_MAX]);

#endif
