/* SPDX-License-Identifier: MIT */
#include "cert/cert.h"
#include "cert/make.h"
#include "files.h"

static const option_row options[] = {
    CERT_TEXT("key", "FILE", "the file to write", key),
    CERT_KIND_OF_KEY,
    CERT_PASSPHRASE("its first line encrypts the key"),
    CERT_FORCE,
};

static bool check(void *settings) {
  const cert_settings *given = settings;
  if (given->key == NULL) {
    return command_error(&cert_key_command, "missing output: --key FILE");
  }
  return cert_check_key_type(&cert_key_command, given) &&
         file_place_is_free(given->key, given->force);
}

static int make(const cert_settings *given, const cert_inputs *inputs,
                tlstream_issued *issued, tlstream_error *error) {
  return tlstream_issue_key(
      TLSTREAM_ISSUE_KEY(.type = cert_key_type(given), .rsa_bits = given->bits,
                         .passphrase = inputs->passphrase),
      issued, error);
}

static int run(void *settings) {
  return cert_make(settings, make);
}

const command cert_key_command = {
    .path = "tlstream cert key",
    .summary = "make a private key",
    .description = "Make a private key. Only its owner can read the file.",
    .options = options,
    .option_count = COUNT_OF(options),
    .settings_size = sizeof(cert_settings),
    .check = check,
    .run = run,
};
