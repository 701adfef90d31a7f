/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cert/settings.h"
#include "command.h"

static const option_row options[] = {
    CERT_TEXT("name", "TEXT", "what it is called", common_name),
    CERT_TEXT("key", "FILE", "where its private key goes", key),
    CERT_KIND_OF_KEY,
    CERT_REUSE_KEY,
    CERT_PASSPHRASE("its first line encrypts or opens the key"),
    CERT_TEXT("cert", "FILE", "where its certificate goes", cert),
    CERT_CA,
    CERT_DAYS("how long it lives [3650]", DAYS_MAX),
    CERT_FORCE,
};

static const command_usage about = {
    "tlstream cert ca",
    NULL,
    "Make a certificate authority: what it signs is trusted by whoever trusts "
    "its\ncertificate. With --ca and --ca-key it is signed by another one.",
    options,
    sizeof(options) / sizeof(options[0]),
};

static bool check(const cert_settings *given) {
  if (given->common_name == NULL) {
    return cert_refuse(&about, "what is it called? --name 'Example CA'");
  }
  if (given->key == NULL || given->cert == NULL) {
    return cert_refuse(&about, "where to? --key FILE and --cert FILE");
  }
  if (strcmp(given->key, given->cert) == 0) {
    return cert_refuse(&about, "the key and the certificate need a file each");
  }
  if ((given->ca != NULL) != (given->ca_key != NULL)) {
    return cert_refuse(&about, "give --ca and --ca-key, or neither");
  }
  if (given->reuse_key && (given->type != NULL || given->rsa != 0)) {
    return cert_refuse(&about, "--type and --rsa are for a new key");
  }
  return (given->reuse_key || file_place_is_free(given->key, given->force)) &&
         file_place_is_free(given->cert, given->force);
}

int cert_ca_run(int argc, char **argv) {
  cert_settings given = {0};
  tlstream_key_type type = TLSTREAM_KEY_P256;
  switch (options_parse(&about, argc, argv, &given, NULL)) {
    case OPTIONS_HELP: return EXIT_DONE;
    case OPTIONS_WRONG: return EXIT_LOCAL;
    case OPTIONS_FINE: break;
  }
  return check(&given) && cert_key_type(&about, &given, &type)
             ? cert_issue(&given, given.reuse_key,
                          TLSTREAM_ISSUE(.is_ca = true, .key_type = type))
             : EXIT_LOCAL;
}
