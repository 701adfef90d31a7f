/* SPDX-License-Identifier: MIT */
#include "credentials.h"

#include <sys/stat.h>

#include "message.h"
#include "passphrase.h"

const option_choice tls_versions[] = {
    {"1.2", TLSTREAM_TLS_1_2}, {"1.3", TLSTREAM_TLS_1_3}, {NULL, 0}};

static tlstream_protocols protocols(const texts *names) {
  return (tlstream_protocols){.names = names->items, .count = names->count};
}

static bool is_regular(const char *path) {
  struct stat status;
  /* What cannot be found is reported when it is opened. */
  if (path == NULL || stat(path, &status) != 0 || S_ISREG(status.st_mode)) {
    return true;
  }
  print_message("%s is not a regular file and is not read a second time",
                escaped(path));
  return false;
}

bool credentials_can_be_read_again(const credential_settings *given) {
  return is_regular(given->key) && is_regular(given->cert) &&
         is_regular(given->passphrase_file) && is_regular(given->ca);
}

tlstream_context *credentials_context(const credential_settings *given,
                                      tlstream_context_options *options) {
  char passphrase[PASSPHRASE_MAX];
  tlstream_error error;
  options->alpn = protocols(&given->alpn);
  options->npn = protocols(&given->npn);
  options->ca_file = given->ca;
  options->min_version = option_choice_value(given->tls_min, 0);
  options->max_version = option_choice_value(given->tls_max, 0);
  if (given->key != NULL || given->cert != NULL) {
    options->key_file = given->key;
    options->cert_file = given->cert;
  }
  if (!passphrase_read(given->passphrase_file, passphrase)) return NULL;
  if (given->passphrase_file != NULL) options->passphrase = passphrase;
  tlstream_context *context = tlstream_context_new(options, &error);
  options->passphrase = NULL;
  wipe(passphrase, sizeof(passphrase));
  if (context == NULL) {
    print_error(&error);
  } else if (given->key != NULL) {
    warn_if_readable_by_all(given->key);
  }
  return context;
}
