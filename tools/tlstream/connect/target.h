/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CONNECT_TARGET_H
#define TLSTREAM_TOOL_CONNECT_TARGET_H

#include "command.h"

typedef struct endpoint {
  char host[256];
  int port;
} endpoint;

/* Parse HOST, HOST:PORT, [IPv6]:PORT or a URL, in which PORT is a number or the
 * name of a service. Without it, the port is that of `service`. False if `word`
 * is none of them, after printing an error of the command. */
bool target_parse(const command *self, const char *word, const char *service,
                  endpoint *target);

#endif
