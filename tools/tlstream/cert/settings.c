/* SPDX-License-Identifier: MIT */
#include "cert/settings.h"

#include <string.h>

#include "files.h"

const option_choice cert_key_types[] = {{"p256", TLSTREAM_KEY_P256},
                                        {"p384", TLSTREAM_KEY_P384},
                                        {"ed25519", TLSTREAM_KEY_ED25519},
                                        {"rsa", TLSTREAM_KEY_RSA},
                                        {NULL, 0}};

/* A request, read or written, is for an existing key. */
bool cert_has_key(const cert_settings *given) {
  return given->reuse_key || given->request != NULL ||
         given->new_request != NULL;
}

tlstream_key_type cert_key_type(const cert_settings *given) {
  return option_choice_value(given->type, TLSTREAM_KEY_P256);
}

bool cert_check_key_type(const command *self, const cert_settings *given) {
  if (given->type == NULL && given->bits == 0) return true;
  if (cert_has_key(given)) {
    return command_error(self, "--type and --bits are for a new key");
  }
  return given->bits == 0 || cert_key_type(given) == TLSTREAM_KEY_RSA ||
         command_error(self, "--bits is the size of an RSA key: --type rsa");
}

bool cert_check_own(const command *self, const cert_settings *given) {
  if (given->key == NULL || given->cert == NULL) {
    return command_error(self, "missing output: --key FILE and --cert FILE");
  }
  if (strcmp(given->key, given->cert) == 0) {
    return command_error(self, "--key and --cert must be different files");
  }
  if (!cert_check_key_type(self, given)) return false;
  return (cert_has_key(given) ||
          file_place_is_free(given->key, given->force)) &&
         file_place_is_free(given->cert, given->force);
}
