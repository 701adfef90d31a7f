/* SPDX-License-Identifier: MIT */
#include "cert/cert.h"
#include "cert/make.h"

static const option_row options[] = {
    CERT_TEXT("name", "TEXT", "the name of the authority", common_name),
    CERT_TEXT("key", "FILE", "the private key to write", key),
    CERT_KIND_OF_KEY,
    CERT_REUSE_KEY,
    CERT_PASSPHRASE("its first line encrypts or decrypts the key"),
    CERT_TEXT("cert", "FILE", "the certificate to write", cert),
    CERT_CA,
    CERT_DAYS("days of validity [3650]", DAYS_MAX),
    CERT_FORCE,
};

static bool check(void *settings) {
  const cert_settings *given = settings;
  if (given->common_name == NULL) {
    return command_error(&cert_ca_command, "missing name: --name 'Example CA'");
  }
  if ((given->ca != NULL) != (given->ca_key != NULL)) {
    return command_error(&cert_ca_command,
                         "give --ca and --ca-key, or neither");
  }
  return cert_check_own(&cert_ca_command, given);
}

static int make(const cert_settings *given, const cert_inputs *inputs,
                tlstream_issued *issued, tlstream_error *error) {
  return cert_issue(given, inputs, TLSTREAM_ISSUE(.is_ca = true), issued,
                    error);
}

static int run(void *settings) {
  return cert_make(settings, make);
}

const command cert_ca_command = {
    .path = "tlstream cert ca",
    .summary = "make a certificate authority",
    .description = "Make a certificate authority. Programs that trust its "
                   "certificate trust what it\nsigns. With --ca and --ca-key, "
                   "another authority signs it.",
    .options = options,
    .option_count = COUNT_OF(options),
    .settings_size = sizeof(cert_settings),
    .check = check,
    .run = run,
};
