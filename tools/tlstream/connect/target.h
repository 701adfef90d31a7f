/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CONNECT_TARGET_H
#define TLSTREAM_TOOL_CONNECT_TARGET_H

#include "command.h"

typedef struct endpoint {
  char host[256];
  int port;
} endpoint;

/* Parse HOST:PORT or [IPv6]:PORT. False if `word` is neither, after printing an
 * error of the command. */
bool target_parse(const command *self, const char *word, endpoint *target);

#endif
