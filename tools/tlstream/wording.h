/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_WORDING_H
#define TLSTREAM_TOOL_WORDING_H

#include <stddef.h>

/* Copy a sentence of the library, in which the fields of its options have the
 * names that they have in C, with the names of the command's options. Text in
 * double quotes comes from elsewhere and stays as it is. */
void wording_of_command(const char *sentence, char *out, size_t cap);

#endif
