/* SPDX-License-Identifier: MIT */
#include "cert/settings.h"
#include "command.h"
#include "message.h"

static const option_row options[] = {
    CERT_TEXT("key", "FILE", "where it goes", key),
    CERT_KIND_OF_KEY,
    CERT_PASSPHRASE("its first line encrypts the key"),
    CERT_FORCE,
};

static const command_usage about = {
    "tlstream cert key",
    NULL,
    "Make a private key. Only its owner can read the file.",
    options,
    sizeof(options) / sizeof(options[0]),
};

static int make(const cert_settings *given, tlstream_key_type type) {
  char passphrase[PASSPHRASE_MAX];
  tlstream_issued issued = {0};
  tlstream_error error;
  if (!passphrase_read(given->passphrase_file, passphrase)) return EXIT_LOCAL;
  int code = tlstream_issue_key(
      TLSTREAM_ISSUE_KEY(.type = type, .rsa_bits = given->rsa,
                         .passphrase = given->passphrase_file != NULL
                                           ? passphrase
                                           : NULL),
      &issued, &error);
  wipe(passphrase, sizeof(passphrase));
  if (code != 0) return print_error(&error);
  bool fine = new_files_write(
      &(new_file_row){given->key, MODE_PRIVATE, issued.key, issued.key_len}, 1,
      given->force);
  if (fine) {
    print_message("wrote %s, the private key: keep it to yourself",
                  escaped(given->key));
  }
  tlstream_issued_clear(&issued);
  return fine ? EXIT_DONE : EXIT_LOCAL;
}

int cert_key_run(int argc, char **argv) {
  cert_settings given = {0};
  tlstream_key_type type = TLSTREAM_KEY_P256;
  switch (options_parse(&about, argc, argv, &given, NULL)) {
    case OPTIONS_HELP: return EXIT_DONE;
    case OPTIONS_WRONG: return EXIT_LOCAL;
    case OPTIONS_FINE: break;
  }
  bool fine = given.key != NULL || cert_refuse(&about, "where to? --key FILE");
  fine = fine && cert_key_type(&about, &given, &type) &&
         file_place_is_free(given.key, given.force);
  return fine ? make(&given, type) : EXIT_LOCAL;
}
