/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CONNECT_RESUME_H
#define TLSTREAM_TOOL_CONNECT_RESUME_H

/* Sessions in files: --session-in and --session-out. */
#include <stdbool.h>

#include <tlstream/tlstream.h>

typedef struct resume_settings {
  const char *in;  /* a path, or NULL */
  const char *out; /* a path, or NULL */
} resume_settings;

/* Read the session to offer; it stays NULL without --session-in. False on
 * failure, after printing the reason, as below. */
bool resume_read(const resume_settings *given, tlstream_session **out);

/* Replace the file of --session-out, which only its owner can read. */
bool resume_write(const resume_settings *given,
                  const tlstream_session *session);

#endif
