/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cert/settings.h"
#include "command.h"

static const option_row options[] = {
    CERT_NAMES("a host name or an address; may be given again"),
    CERT_COMMON_NAME,
    CERT_TEXT("key", "FILE", "where the private key goes", key),
    CERT_KIND_OF_KEY,
    CERT_REUSE_KEY,
    CERT_TEXT("request", "FILE", "names and key are those of this request",
              request),
    CERT_PASSPHRASE("its first line encrypts or opens the key"),
    CERT_TEXT("cert", "FILE", "where the certificate goes", cert),
    CERT_DAYS("how long it lives [30]", DAYS_MAX),
    CERT_FORCE,
};

static const command_usage about = {
    "tlstream cert self-signed",
    NULL,
    "Make a key and a certificate signed with it. Whoever is to trust it gets "
    "the\ncertificate: tlstream connect HOST:PORT --ca FILE",
    options,
    sizeof(options) / sizeof(options[0]),
};

/* A request is for a key that is there. */
static bool has_key(const cert_settings *given) {
  return given->reuse_key || given->request != NULL;
}

static bool check(const cert_settings *given) {
  if (given->names.count == 0 && given->request == NULL) {
    return cert_refuse(&about, "for which host? --name localhost, for example");
  }
  if (given->key == NULL || given->cert == NULL) {
    return cert_refuse(&about, "where to? --key FILE and --cert FILE");
  }
  if (strcmp(given->key, given->cert) == 0) {
    return cert_refuse(&about, "the key and the certificate need a file each");
  }
  if (has_key(given) && (given->type != NULL || given->rsa != 0)) {
    return cert_refuse(&about, "--type and --rsa are for a new key");
  }
  return (has_key(given) || file_place_is_free(given->key, given->force)) &&
         file_place_is_free(given->cert, given->force);
}

int cert_self_signed_run(int argc, char **argv) {
  cert_settings given = {0};
  tlstream_key_type type = TLSTREAM_KEY_P256;
  switch (options_parse(&about, argc, argv, &given, NULL)) {
    case OPTIONS_HELP: return EXIT_DONE;
    case OPTIONS_WRONG: return EXIT_LOCAL;
    case OPTIONS_FINE: break;
  }
  return check(&given) && cert_key_type(&about, &given, &type)
             ? cert_issue(&given, has_key(&given),
                          TLSTREAM_ISSUE(.key_type = type))
             : EXIT_LOCAL;
}
