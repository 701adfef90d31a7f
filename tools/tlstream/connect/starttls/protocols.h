/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CONNECT_STARTTLS_PROTOCOLS_H
#define TLSTREAM_TOOL_CONNECT_STARTTLS_PROTOCOLS_H

#include "command.h"
#include "connect/starttls/reply.h"

/* Find a protocol by name. NULL after printing an error of the command. */
const starttls_protocol *starttls_find(const command *self, const char *name);

#endif
