/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CONNECT_TLSA_H
#define TLSTREAM_TOOL_CONNECT_TLSA_H

#include <tlstream/tlsa.h>

#include "command.h"
#include "options.h"

typedef struct tlsa_records {
  tlstream_tlsa items[TEXTS_MAX];
  size_t count;
} tlsa_records;

/* Parse TLSA records as `dig` prints them: "3 1 1 2AB3...". Their data is kept
 * for the life of the program. False if one is none, after printing an error of
 * the command. */
bool tlsa_parse(const command *self, const texts *given, tlsa_records *out);

#endif
