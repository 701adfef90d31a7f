/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CERT_SETTINGS_H
#define TLSTREAM_TOOL_CERT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "files.h"
#include "options.h"
#include "passphrase.h"

/* What the commands of `tlstream cert` are told; each knows some of it. */
typedef struct cert_settings {
  texts names;
  const char *common_name;
  const char *purpose;
  int days;
  const char *request;
  const char *key;
  const char *passphrase_file;
  bool reuse_key;
  const char *type;
  int rsa;
  const char *cert;
  const char *ca;
  const char *ca_key;
  const char *ca_passphrase_file;
  bool force;
} cert_settings;

enum { DAYS_MAX = 3650, RSA_MIN = 2048, RSA_MAX = 8192 };

/* Rows of the tables of options. `--days` says what it is by default. */
/* clang-format off */
#define CERT_AT(member) offsetof(cert_settings, member)
#define CERT_TEXT(name, value, summary, member)                                \
  {name, value, summary, OPTION_TEXT, CERT_AT(member), 0, 0}
#define CERT_NAMES(summary)                                                    \
  {"name", "NAME", summary, OPTION_TEXTS, CERT_AT(names), 0, 0}
#define CERT_DAYS(summary, max)                                                \
  {"days", "N", summary, OPTION_NUMBER, CERT_AT(days), 1, max}
#define CERT_COMMON_NAME                                                       \
  CERT_TEXT("common-name", "TEXT", "the subject, instead of the first name",   \
            common_name)
#define CERT_KIND_OF_KEY                                                       \
  CERT_TEXT("type", "TYPE", "p256, p384 or ed25519 [p256]", type),             \
  {"rsa", "BITS", "a key of RSA instead, of 2048 to 8192 bits", OPTION_NUMBER, \
   CERT_AT(rsa), RSA_MIN, RSA_MAX}
#define CERT_REUSE_KEY                                                         \
  {"reuse-key", NULL, "the key is there already: use it", OPTION_FLAG,         \
   CERT_AT(reuse_key), 0, 0}
#define CERT_PASSPHRASE(summary)                                               \
  CERT_TEXT("passphrase-file", "FILE", summary, passphrase_file)
#define CERT_CA                                                                \
  CERT_TEXT("ca", "FILE", "the authority's certificate", ca),                  \
  CERT_TEXT("ca-key", "FILE", "the authority's key", ca_key),                  \
  CERT_TEXT("ca-passphrase-file", "FILE", "its first line opens that key",     \
            ca_passphrase_file)
#define CERT_FORCE                                                             \
  {"force", NULL, "replace what is there", OPTION_FLAG, CERT_AT(force), 0, 0}
/* clang-format on */

/* Say "COMMAND: <what>" and return false. */
bool cert_refuse(const command_usage *usage, const char *what);

/* Translate `--type` and `--rsa`, or `--for`. False when that is none. */
bool cert_key_type(const command_usage *usage, const cert_settings *given,
                   tlstream_key_type *type);
bool cert_purpose(const command_usage *usage, const cert_settings *given,
                  tlstream_issue_purpose *purpose);

/* The contents of the files that are read, and passphrases. */
typedef struct cert_inputs {
  tlstream_bytes key;
  tlstream_bytes request;
  tlstream_bytes ca_cert;
  tlstream_bytes ca_key;
  char passphrase[PASSPHRASE_MAX];
  char ca_passphrase[PASSPHRASE_MAX];
} cert_inputs;

/* Read what is given; the key only if it is there already. False when that
 * failed, and then the reason has been said; to be cleared in any case. */
bool cert_inputs_read(cert_inputs *inputs, const cert_settings *given,
                      bool has_key);
void cert_inputs_clear(cert_inputs *inputs);

/* Make what is wanted, write it, and tell of it; `kind` says what the settings
 * do not. Returns an exit status. */
int cert_issue(const cert_settings *given, bool has_key,
               const tlstream_issue_options *kind);

/* What is for everybody to read, and what is not; see new_file_write(). */
enum { MODE_PUBLIC = 0044, MODE_PRIVATE = 0 };

#endif
