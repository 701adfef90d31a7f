/* SPDX-License-Identifier: MIT */
#include "credentials.h"

#include <stdio.h>
#include <string.h>

#include "message.h"
#include "passphrase.h"

static bool split(const char *option, const char *given, name_list *list) {
  if (given == NULL) return true;
  snprintf(list->text, sizeof(list->text), "%s", given);
  char *at = list->text;
  while (at != NULL && list->count < NAMES_MAX) {
    char *comma = strchr(at, ',');
    if (comma != NULL) *comma = '\0';
    list->names[list->count++] = at;
    at = comma != NULL ? comma + 1 : NULL;
  }
  if (at == NULL && strlen(given) < sizeof(list->text)) return true;
  print_message("--%s: more than %d names, or more than %d bytes", option,
                NAMES_MAX, NAMES_TEXT_MAX - 1);
  return false;
}

tlstream_context *credentials_context(const credential_settings *given,
                                      tlstream_context_options *options) {
  char passphrase[PASSPHRASE_MAX];
  name_list alpn = {.count = 0};
  name_list npn = {.count = 0};
  tlstream_error error;
  if (!split("alpn", given->alpn, &alpn) || !split("npn", given->npn, &npn)) {
    return NULL;
  }
  options->alpn =
      (tlstream_protocols){.names = alpn.names, .count = alpn.count};
  options->npn = (tlstream_protocols){.names = npn.names, .count = npn.count};
  options->ca_file = given->ca;
  options->min_version = given->tls_min;
  options->max_version = given->tls_max;
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
