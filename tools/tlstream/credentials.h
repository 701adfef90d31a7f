/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CREDENTIALS_H
#define TLSTREAM_TOOL_CREDENTIALS_H

#include "options.h"

/* What `serve` and `connect` are both told about keys, trust and versions. */
typedef struct credential_settings {
  const char *key;
  const char *cert;
  const char *passphrase_file;
  const char *ca;
  const char *alpn;
  const char *npn;
  tlstream_version tls_min;
  tlstream_version tls_max;
} credential_settings;

enum { NAMES_MAX = 32, NAMES_TEXT_MAX = 1024 };

/* "h2,http/1.1", taken apart. */
typedef struct name_list {
  const char *names[NAMES_MAX];
  size_t count;
  char text[NAMES_TEXT_MAX];
} name_list;

/* Their rows in a table of options; `at` is where in the settings they are. */
/* clang-format off */
#define CREDENTIAL_OPTIONS(at)                                                 \
  {"key", "FILE", "our private key, PEM", OPTION_TEXT,                         \
   (at) + offsetof(credential_settings, key), 0, 0},                           \
  {"cert", "FILE", "our certificate and its chain, PEM", OPTION_TEXT,          \
   (at) + offsetof(credential_settings, cert), 0, 0},                          \
  {"passphrase-file", "FILE", "its first line opens an encrypted key",         \
   OPTION_TEXT, (at) + offsetof(credential_settings, passphrase_file), 0, 0},  \
  {"ca", "FILE", "trust the authorities in it, and no others", OPTION_TEXT,    \
   (at) + offsetof(credential_settings, ca), 0, 0},                            \
  {"alpn", "A,B,...", "protocols to speak inside, best first (ALPN)",          \
   OPTION_TEXT, (at) + offsetof(credential_settings, alpn), 0, 0},             \
  {"npn", "A,B,...", "the same by NPN, which TLS 1.2 has", OPTION_TEXT,        \
   (at) + offsetof(credential_settings, npn), 0, 0},                           \
  {"tls-min", "1.2|1.3", "the oldest version to speak [1.2]", OPTION_VERSION,  \
   (at) + offsetof(credential_settings, tls_min), 0, 0},                       \
  {"tls-max", "1.2|1.3", "the newest version to speak [1.3]", OPTION_VERSION,  \
   (at) + offsetof(credential_settings, tls_max), 0, 0}
/* clang-format on */

/* Put what the user gave into `options`, make the context, and say what is
 * wrong when there is none. */
tlstream_context *credentials_context(const credential_settings *given,
                                      tlstream_context_options *options);

#endif
