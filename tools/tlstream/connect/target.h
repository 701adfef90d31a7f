/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CONNECT_TARGET_H
#define TLSTREAM_TOOL_CONNECT_TARGET_H

#include "command.h"

typedef struct endpoint {
  char host[256];
  int port;
} endpoint;

/* Take HOST:PORT or [IPv6]:PORT apart. False when it is neither, and then the
 * reason has been said in the name of the command. */
bool target_parse(const command *self, const char *word, endpoint *target);

#endif
