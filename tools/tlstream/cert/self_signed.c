/* SPDX-License-Identifier: MIT */
#include "cert/cert.h"
#include "cert/make.h"

static const option_row options[] = {
    CERT_NAMES("a host name or an address; may be given again"),
    CERT_COMMON_NAME,
    CERT_TEXT("key", "FILE", "the private key to write", key),
    CERT_KIND_OF_KEY,
    CERT_REUSE_KEY,
    CERT_TEXT("request", "FILE", "take the names from this request", request),
    CERT_PASSPHRASE("its first line encrypts or decrypts the key"),
    CERT_TEXT("cert", "FILE", "the certificate to write", cert),
    CERT_DAYS("days of validity [30]", DAYS_MAX),
    CERT_FORCE,
};

static bool check(void *settings) {
  const cert_settings *given = settings;
  if (given->names.count == 0 && given->request == NULL) {
    return command_error(&cert_self_signed_command,
                         "missing name: --name localhost");
  }
  return cert_check_own(&cert_self_signed_command, given);
}

static int make(const cert_settings *given, const cert_inputs *inputs,
                tlstream_issued *issued, tlstream_error *error) {
  return cert_issue(given, inputs, TLSTREAM_ISSUE(.is_ca = false), issued,
                    error);
}

static int run(void *settings) {
  return cert_make(settings, make);
}

const command cert_self_signed_command = {
    .path = "tlstream cert self-signed",
    .summary = "make a key and a certificate signed with it",
    .description =
        "Make a key and a certificate signed with it. Clients trust "
        "it by the\ncertificate: tlstream connect HOST:PORT --ca FILE",
    .options = options,
    .option_count = COUNT_OF(options),
    .settings_size = sizeof(cert_settings),
    .check = check,
    .run = run,
};
