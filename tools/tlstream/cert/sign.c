/* SPDX-License-Identifier: MIT */
#include "cert/cert.h"
#include "cert/make.h"
#include "files.h"

/* Systems that people carry about believe in nothing that lives longer. */
enum { DAYS_LEAF_MAX = 825 };

static const option_choice purposes[] = {{"server", TLSTREAM_FOR_SERVERS},
                                         {"client", TLSTREAM_FOR_CLIENTS},
                                         {"both", TLSTREAM_FOR_BOTH},
                                         {NULL, 0}};

static const option_row options[] = {
    CERT_TEXT("request", "FILE", "what is to be signed", request),
    CERT_CA,
    CERT_TEXT("cert", "FILE", "where the certificate goes", cert),
    CHOICE_OPTION("for", "WHOM", "server, client or both [server]",
                  CERT_AT(purpose), purposes),
    CERT_NAMES("for this name, whatever is requested; repeatable"),
    CERT_COMMON_NAME,
    CERT_DAYS("how long it lives [30]", DAYS_LEAF_MAX),
    CERT_FORCE,
};

static bool check(void *settings) {
  const cert_settings *given = settings;
  if (given->request == NULL) {
    return command_error(&cert_sign_command, "what? --request FILE");
  }
  if (given->ca == NULL || given->ca_key == NULL) {
    return command_error(&cert_sign_command,
                         "with which authority? --ca FILE and --ca-key FILE");
  }
  if (given->cert == NULL) {
    return command_error(&cert_sign_command, "where to? --cert FILE");
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
    .summary = "make a certificate of a request",
    .description = "Make a certificate of a request, with the authority's key. "
                   "Names and subject are\nthe request's, unless --name or "
                   "--common-name is given; nothing else it asks for\nis taken "
                   "over.",
    .options = options,
    .option_count = COUNT_OF(options),
    .settings_size = sizeof(cert_settings),
    .check = check,
    .run = run,
};
