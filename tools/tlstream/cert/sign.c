/* SPDX-License-Identifier: MIT */
#include "cert/settings.h"
#include "command.h"

/* Systems that people carry about believe in nothing that lives longer. */
enum { DAYS_LEAF_MAX = 825 };

static const option_row options[] = {
    CERT_TEXT("request", "FILE", "what is to be signed", request),
    CERT_CA,
    CERT_TEXT("cert", "FILE", "where the certificate goes", cert),
    CERT_TEXT("for", "WHOM", "server, client or both [server]", purpose),
    CERT_NAMES("for this name, whatever is requested; repeatable"),
    CERT_COMMON_NAME,
    CERT_DAYS("how long it lives [30]", DAYS_LEAF_MAX),
    CERT_FORCE,
};

static const command_usage about = {
    "tlstream cert sign",
    NULL,
    "Make a certificate of a request, with the authority's key. Names and "
    "subject are\nthe request's, unless --name or --common-name is given; "
    "nothing else it asks for\nis taken over.",
    options,
    sizeof(options) / sizeof(options[0]),
};

static bool check(const cert_settings *given) {
  if (given->request == NULL) {
    return cert_refuse(&about, "what? --request FILE");
  }
  if (given->ca == NULL || given->ca_key == NULL) {
    return cert_refuse(&about, "with which authority? --ca FILE and "
                               "--ca-key FILE");
  }
  if (given->cert == NULL) return cert_refuse(&about, "where to? --cert FILE");
  return file_place_is_free(given->cert, given->force);
}

int cert_sign_run(int argc, char **argv) {
  cert_settings given = {0};
  tlstream_issue_purpose purpose = TLSTREAM_FOR_SERVERS;
  switch (options_parse(&about, argc, argv, &given, NULL)) {
    case OPTIONS_HELP: return EXIT_DONE;
    case OPTIONS_WRONG: return EXIT_LOCAL;
    case OPTIONS_FINE: break;
  }
  return check(&given) && cert_purpose(&about, &given, &purpose)
             ? cert_issue(&given, /* has_key = */ false,
                          TLSTREAM_ISSUE(.purpose = purpose))
             : EXIT_LOCAL;
}
