/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CERT_SETTINGS_H
#define TLSTREAM_TOOL_CERT_SETTINGS_H

#include <tlstream/tlstream.h>

#include "command.h"
#include "options.h"

/* The settings of the commands of `tlstream cert`; each uses some of them. */
typedef struct cert_settings {
  texts names;
  const char *common_name;
  const option_choice *purpose;
  int days;
  const char *request;     /* a file to read */
  const char *new_request; /* a file to write */
  const char *key;
  const char *passphrase_file;
  bool reuse_key;
  const option_choice *type;
  int bits;
  const char *cert;
  const char *ca;
  const char *ca_key;
  const char *ca_passphrase_file;
  bool force;
} cert_settings;

enum { DAYS_MAX = 3650, BITS_MIN = 2048, BITS_MAX = 8192 };

extern const option_choice cert_key_types[];

/* Rows of the tables of options. The summary of `--days` has its default. */
/* clang-format off */
#define CERT_AT(member) offsetof(cert_settings, member)
#define CERT_TEXT(name, value, summary, member)                                \
  TEXT_OPTION(name, value, summary, CERT_AT(member))
#define CERT_NAMES(summary)                                                    \
  TEXTS_OPTION("name", "NAME", summary, CERT_AT(names))
#define CERT_DAYS(summary, max)                                                \
  NUMBER_OPTION("days", "N", summary, CERT_AT(days), 1, max)
#define CERT_COMMON_NAME                                                       \
  CERT_TEXT("common-name", "TEXT", "the subject, instead of the first name",   \
            common_name)
#define CERT_KIND_OF_KEY                                                       \
  CHOICE_OPTION("type", "TYPE", "p256, p384, ed25519 or rsa [p256]",           \
                CERT_AT(type), cert_key_types),                                \
  NUMBER_OPTION("bits", "N", "the size of an RSA key, 2048 to 8192 [3072]",    \
                CERT_AT(bits), BITS_MIN, BITS_MAX)
#define CERT_REUSE_KEY                                                         \
  FLAG_OPTION("reuse-key", "use the existing key in --key",                 \
              CERT_AT(reuse_key))
#define CERT_PASSPHRASE(summary)                                               \
  CERT_TEXT("passphrase-file", "FILE", summary, passphrase_file)
#define CERT_CA                                                                \
  CERT_TEXT("ca", "FILE", "the authority's certificate", ca),                  \
  CERT_TEXT("ca-key", "FILE", "the authority's key", ca_key),                  \
  CERT_TEXT("ca-passphrase-file", "FILE", "its first line decrypts that key",     \
            ca_passphrase_file)
#define CERT_FORCE                                                             \
  FLAG_OPTION("force", "replace existing files", CERT_AT(force))
/* clang-format on */

/* True if --key names an existing key, false if a new one is made. */
bool cert_has_key(const cert_settings *given);

/* The kind of the new key. */
tlstream_key_type cert_key_type(const cert_settings *given);

/* Check the options for the kind of the new key. As all checks: false after
 * printing what is wrong. */
bool cert_check_key_type(const command *self, const cert_settings *given);

/* Check the options of a command that makes a certificate for its own key. */
bool cert_check_own(const command *self, const cert_settings *given);

#endif
