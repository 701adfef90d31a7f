/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CREDENTIALS_H
#define TLSTREAM_TOOL_CREDENTIALS_H

#include <tlstream/tlstream.h>

#include "options.h"

/* The settings of `serve` and `connect` about keys, trust and versions. */
typedef struct credential_settings {
  const char *key;
  const char *cert;
  const char *pfx;
  const char *passphrase_file;
  const char *ca;
  texts crls;
  const char *psk;
  const char *keylog;
  const char *policy;
  const char *ciphers;
  const char *groups;
  texts alpn;
  texts npn;
  const option_choice *tls_min;
  const option_choice *tls_max;
} credential_settings;

extern const option_choice tls_versions[];

/* Their rows in a table of options; `at` is their offset in the settings. */
/* clang-format off */
#define CREDENTIAL_OPTIONS(at)                                                 \
  TEXT_OPTION("key", "FILE", "the private key, PEM",                           \
              (at) + offsetof(credential_settings, key)),                      \
  TEXT_OPTION("cert", "FILE", "the certificate and its chain, PEM",            \
              (at) + offsetof(credential_settings, cert)),                     \
  TEXT_OPTION("pfx", "FILE", "the same in one file, PKCS #12",                 \
              (at) + offsetof(credential_settings, pfx)),                      \
  TEXT_OPTION("passphrase-file", "FILE",                                       \
              "its first line decrypts the key",                         \
              (at) + offsetof(credential_settings, passphrase_file)),          \
  TEXT_OPTION("ca", "FILE", "trust only the authorities in this file",      \
              (at) + offsetof(credential_settings, ca)),                       \
  TEXTS_OPTION("crl", "FILE", "refuse what these lists revoke, PEM",           \
               (at) + offsetof(credential_settings, crls)),                    \
  TEXT_OPTION("psk", "FILE", "pre-shared keys, lines of IDENTITY:HEX",         \
              (at) + offsetof(credential_settings, psk)),                      \
  TEXT_OPTION("keylog", "FILE", "log the keys for Wireshark; insecure",        \
              (at) + offsetof(credential_settings, keylog)),                   \
  TEXT_OPTION("policy", "NAME", "versions and algorithms by name [default]",   \
              (at) + offsetof(credential_settings, policy)),                   \
  TEXT_OPTION("ciphers", "A:B:...", "cipher suites, most preferred first",     \
              (at) + offsetof(credential_settings, ciphers)),                  \
  TEXT_OPTION("groups", "A:B:...", "groups for the key exchange",              \
              (at) + offsetof(credential_settings, groups)),                   \
  LIST_OPTION("alpn", "A,B,...",                                               \
              "protocols by ALPN, most preferred first",                  \
              (at) + offsetof(credential_settings, alpn)),                     \
  LIST_OPTION("npn", "A,B,...", "the same by NPN, for TLS 1.2",          \
              (at) + offsetof(credential_settings, npn)),                      \
  CHOICE_OPTION("tls-min", "1.2|1.3", "the lowest version to allow [1.2]",     \
                (at) + offsetof(credential_settings, tls_min), tls_versions),  \
  CHOICE_OPTION("tls-max", "1.2|1.3", "the highest version to allow [1.3]",     \
                (at) + offsetof(credential_settings, tls_max), tls_versions)
/* clang-format on */

/* Make a context of the settings and the policy. NULL on failure, after
 * printing the reason. */
tlstream_context *credentials_context(const credential_settings *given,
                                      const tlstream_context_options *policy);

/* Say so if the keys of connections are logged. */
void credentials_warn(const credential_settings *given);

/* True if all of its files can be read a second time. False, after saying which
 * cannot, for a pipe: waiting for its other end would stop everything. */
bool credentials_can_be_read_again(const credential_settings *given);

#endif
