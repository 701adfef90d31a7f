/* SPDX-License-Identifier: MIT */
#include "cert/cert.h"
#include "cert/make.h"
#include "files.h"

/* Apple's systems reject certificates that are valid for longer. */
enum { DAYS_LEAF_MAX = 825 };

static const option_choice purposes[] = {{"server", TLSTREAM_FOR_SERVERS},
                                         {"client", TLSTREAM_FOR_CLIENTS},
                                         {"both", TLSTREAM_FOR_BOTH},
                                         {NULL, 0}};

static const option_row options[] = {
    CERT_TEXT("request", "FILE", "the request to sign", request),
    CERT_CA,
    CERT_TEXT("cert", "FILE", "the certificate to write", cert),
    CHOICE_OPTION("for", "PURPOSE", "server, client or both [server]",
                  CERT_AT(purpose), purposes),
    CERT_NAMES("this name instead of those requested; repeatable"),
    CERT_COMMON_NAME,
    CERT_DAYS("days of validity [30]", DAYS_LEAF_MAX),
    CERT_FORCE,
};

static bool check(void *settings) {
  const cert_settings *given = settings;
  if (given->request == NULL) {
    return command_error(&cert_sign_command, "missing request: --request FILE");
  }
  if (given->ca == NULL || given->ca_key == NULL) {
    return command_error(&cert_sign_command,
                         "missing authority: --ca FILE and --ca-key FILE");
  }
  if (given->cert == NULL) {
    return command_error(&cert_sign_command, "missing output: --cert FILE");
  }
  return file_place_is_free(given->cert, given->force);
}

static int make(const cert_settings *given, const cert_inputs *inputs,
                tlstream_issued *issued, tlstream_error *error) {
  return cert_issue(given, inputs,
                    TLSTREAM_ISSUE(.purpose = option_choice_value(
                                       given->purpose, TLSTREAM_FOR_SERVERS)),
                    issued, error);
}

static int run(void *settings) {
  return cert_make(settings, make);
}

const command cert_sign_command = {
    .path = "tlstream cert sign",
    .summary = "make a certificate from a request",
    .description = "Make a certificate from a request, with the authority's "
                   "key. Subject and\nnames are those of the request, unless "
                   "--name or --common-name is given; other\nrequested "
                   "extensions are ignored.",
    .options = options,
    .option_count = COUNT_OF(options),
    .settings_size = sizeof(cert_settings),
    .check = check,
    .run = run,
};
