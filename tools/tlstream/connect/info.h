/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CONNECT_INFO_H
#define TLSTREAM_TOOL_CONNECT_INFO_H

#include <tlstream/tlstream.h>

/* Print a secure stream's protocol, cipher and peer on stderr. */
void print_info(const tlstream *stream);

#endif
