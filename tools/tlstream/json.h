/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_JSON_H
#define TLSTREAM_TOOL_JSON_H

#include <stdio.h>

/* Print text as a JSON string, NULL as null. */
void json_string(FILE *out, const char *text);

#endif
