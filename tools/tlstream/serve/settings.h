/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_SERVE_SETTINGS_H
#define TLSTREAM_TOOL_SERVE_SETTINGS_H

#include <stdbool.h>

#include "credentials.h"
#include "options.h"

/* The options of `tlstream serve`. */
typedef struct serve_settings {
  const char *host;
  int port;
  const char *path;
  credential_settings credentials;
  texts contexts;
  const char *ticket_keys;
  bool request_cert;
  bool require_cert;
  bool verify_if_given;
  const char *ocsp;
  bool watch;
  int max_connections;
  bool json;
  bool quiet;
} serve_settings;

#endif
