/* SPDX-License-Identifier: MIT */
#include "cert/cert.h"
#include "cert/make.h"
#include "files.h"

static const option_row options[] = {
    CERT_NAMES("a host, address, e-mail or URI; repeatable"),
    CERT_COMMON_NAME,
    CERT_TEXT("key", "FILE", "the existing private key", key),
    CERT_PASSPHRASE("its first line decrypts the key"),
    CERT_TEXT("request", "FILE", "the file to write", new_request),
    CERT_FORCE,
};

static bool check(void *settings) {
  const cert_settings *given = settings;
  if (given->names.count == 0) {
    return command_error(&cert_request_command,
                         "missing name: --name example.org");
  }
  if (given->key == NULL) {
    return command_error(&cert_request_command,
                         "missing --key FILE; `tlstream cert key` makes a key");
  }
  if (given->new_request == NULL) {
    return command_error(&cert_request_command,
                         "missing output: --request FILE");
  }
  return file_place_is_free(given->new_request, given->force);
}

static int make(const cert_settings *given, const cert_inputs *inputs,
                tlstream_issued *issued, tlstream_error *error) {
  return tlstream_issue_request(
      TLSTREAM_ISSUE_REQUEST(.common_name = given->common_name,
                             .hosts = given->names.items,
                             .host_count = given->names.count,
                             .key = inputs->key,
                             .passphrase = inputs->passphrase),
      issued, error);
}

static int run(void *settings) {
  return cert_make(settings, make);
}

const command cert_request_command = {
    .path = "tlstream cert request",
    .summary = "make a request for an authority to sign",
    .description = "Make a signing request for an existing key. The authority "
                   "gets the request,\nnever the key.",
    .options = options,
    .option_count = COUNT_OF(options),
    .settings_size = sizeof(cert_settings),
    .check = check,
    .run = run,
};
