/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_SERVE_SERVE_H
#define TLSTREAM_TOOL_SERVE_SERVE_H

#include "command.h"

extern const command serve_command;

#endif
