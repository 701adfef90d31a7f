/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_PSK_H
#define TLSTREAM_TOOL_PSK_H

#include <stdbool.h>
#include <stddef.h>

#include <tlstream/tlstream.h>

/* Pre-shared keys from a file. Zeroed: none. */
typedef struct psk_file {
  char *bytes; /* of the file, decoded in place; owned */
  size_t len;
  tlstream_psk *list; /* owned; points into `bytes` */
  size_t count;
} psk_file;

/* Read lines of IDENTITY:KEY, the key in hexadecimal, as psktool(1) of GnuTLS
 * writes them. False on failure, after printing the reason. */
bool psk_file_read(psk_file *file, const char *path);

/* Wipe and release. */
void psk_file_clear(psk_file *file);

#endif
