/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CERT_MAKE_H
#define TLSTREAM_TOOL_CERT_MAKE_H

#include "cert/settings.h"
#include "passphrase.h"

/* The contents of the files that a command reads; empty if not given. */
typedef struct cert_inputs {
  tlstream_bytes key;
  tlstream_bytes request;
  tlstream_bytes ca_cert;
  tlstream_bytes ca_key;
  const char *passphrase; /* NULL, or the line below */
  const char *ca_passphrase;
  char passphrase_line[PASSPHRASE_MAX];
  char ca_passphrase_line[PASSPHRASE_MAX];
} cert_inputs;

/* Makes a key, a request or a certificate. Returns 0 or a negative code. */
typedef int cert_maker(const cert_settings *given, const cert_inputs *inputs,
                       tlstream_issued *issued, tlstream_error *error);

/* Read the inputs, call `make`, write what it issued and print what was
 * written. Returns an exit status. */
int cert_make(const cert_settings *given, cert_maker *make);

/* Call tlstream_issue() with `options` completed from the settings and the
 * inputs. */
int cert_issue(const cert_settings *given, const cert_inputs *inputs,
               tlstream_issue_options *options, tlstream_issued *issued,
               tlstream_error *error);

#endif
