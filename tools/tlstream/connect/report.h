/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CONNECT_REPORT_H
#define TLSTREAM_TOOL_CONNECT_REPORT_H

/*
 * A connection as one JSON object: what is known of it, and the error, if it
 * failed. --json prints it on stdout, --info writes it to a file.
 */
#include <stdbool.h>

#include <tlstream/tlstream.h>

typedef struct report_settings {
  bool json;
  const char *info; /* a path, or NULL */
} report_settings;

/* Begin: from now on messages are remembered, because the last one says why a
 * connection failed. False if the file cannot be written, after printing the
 * reason. */
bool report_open(const report_settings *given, const char *host, int port);

/* Note what is known of the connection; the file gets it at once. */
void report_connection(const tlstream *stream);

/* The connection is over, with this exit status. Write what there is to write.
 * Returns the exit status, which is another if that fails. */
int report_close(int status);

#endif
