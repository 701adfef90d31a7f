/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CONNECT_CONNECT_H
#define TLSTREAM_TOOL_CONNECT_CONNECT_H

#include "command.h"

extern const command connect_command;

#endif
