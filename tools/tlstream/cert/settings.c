/* SPDX-License-Identifier: MIT */
#include "cert/settings.h"

#include <string.h>

#include "message.h"

bool cert_refuse(const command_usage *usage, const char *what) {
  print_message("%s: %s", usage->command, what);
  return false;
}

bool cert_key_type(const command_usage *usage, const cert_settings *given,
                   tlstream_key_type *type) {
  const char *name = given->type;
  if (given->rsa != 0 && name != NULL) {
    return cert_refuse(usage, "give --type or --rsa, not both");
  }
  if (given->rsa != 0) {
    *type = TLSTREAM_KEY_RSA;
  } else if (name == NULL || strcmp(name, "p256") == 0) {
    *type = TLSTREAM_KEY_P256;
  } else if (strcmp(name, "p384") == 0) {
    *type = TLSTREAM_KEY_P384;
  } else if (strcmp(name, "ed25519") == 0) {
    *type = TLSTREAM_KEY_ED25519;
  } else {
    print_message(
        "%s: --type is p256, p384 or ed25519, not '%s'; --rsa BITS is for RSA",
        usage->command, escaped(name));
    return false;
  }
  return true;
}

bool cert_purpose(const command_usage *usage, const cert_settings *given,
                  tlstream_issue_purpose *purpose) {
  const char *name = given->purpose;
  if (name == NULL || strcmp(name, "server") == 0) {
    *purpose = TLSTREAM_FOR_SERVERS;
  } else if (strcmp(name, "client") == 0) {
    *purpose = TLSTREAM_FOR_CLIENTS;
  } else if (strcmp(name, "both") == 0) {
    *purpose = TLSTREAM_FOR_BOTH;
  } else {
    print_message("%s: --for is server, client or both, not '%s'",
                  usage->command, escaped(name));
    return false;
  }
  return true;
}

static bool read_input(const char *path, tlstream_bytes *out) {
  char *bytes = NULL;
  size_t len = 0;
  if (path == NULL) return true;
  if (!file_read(path, &bytes, &len)) return false;
  *out = (tlstream_bytes){bytes, len};
  return true;
}

bool cert_inputs_read(cert_inputs *inputs, const cert_settings *given,
                      bool has_key) {
  memset(inputs, 0, sizeof(*inputs));
  bool fine = read_input(has_key ? given->key : NULL, &inputs->key) &&
              read_input(given->request, &inputs->request) &&
              read_input(given->ca, &inputs->ca_cert) &&
              read_input(given->ca_key, &inputs->ca_key) &&
              passphrase_read(given->passphrase_file, inputs->passphrase) &&
              passphrase_read(given->ca_passphrase_file, inputs->ca_passphrase);
  if (!fine) return false;
  if (has_key) warn_if_readable_by_all(given->key);
  if (given->ca_key != NULL) warn_if_readable_by_all(given->ca_key);
  return true;
}

void cert_inputs_clear(cert_inputs *inputs) {
  file_release((char *)inputs->key.data, inputs->key.len);
  file_release((char *)inputs->request.data, inputs->request.len);
  file_release((char *)inputs->ca_cert.data, inputs->ca_cert.len);
  file_release((char *)inputs->ca_key.data, inputs->ca_key.len);
  wipe(inputs, sizeof(*inputs));
}
