/* SPDX-License-Identifier: MIT */
#include "cert/settings.h"
#include "command.h"
#include "message.h"

static const option_row options[] = {
    CERT_NAMES("a host, an address, or who it is; repeatable"),
    CERT_COMMON_NAME,
    CERT_TEXT("key", "FILE", "the private key, which is there", key),
    CERT_PASSPHRASE("its first line opens the key"),
    CERT_TEXT("request", "FILE", "where the request goes", request),
    CERT_FORCE,
};

static const command_usage about = {
    "tlstream cert request",
    NULL,
    "Make a signing request for a key that is there. Whoever is to sign it "
    "gets the\nrequest, and never the key.",
    options,
    sizeof(options) / sizeof(options[0]),
};

static bool check(const cert_settings *given) {
  if (given->names.count == 0) {
    return cert_refuse(&about, "for whom? --name example.org, for example");
  }
  if (given->key == NULL) {
    return cert_refuse(&about, "for which key? --key FILE; "
                               "`tlstream cert key` makes one");
  }
  if (given->request == NULL) {
    return cert_refuse(&about, "where to? --request FILE");
  }
  if (file_is_same(given->request, given->key)) {
    return cert_refuse(&about, "the key stays: the request needs a file");
  }
  return file_place_is_free(given->request, given->force);
}

static int issue(const cert_settings *given, const cert_inputs *inputs,
                 tlstream_issued *issued, tlstream_error *error) {
  return tlstream_issue_request(
      TLSTREAM_ISSUE_REQUEST(.common_name = given->common_name,
                             .hosts = given->names.items,
                             .host_count = given->names.count,
                             .key = inputs->key,
                             .passphrase = given->passphrase_file != NULL
                                               ? inputs->passphrase
                                               : NULL),
      issued, error);
}

static int write(const cert_settings *given, const tlstream_issued *issued) {
  const new_file_row row = {given->request, MODE_PUBLIC, issued->request,
                            issued->request_len};
  if (!new_files_write(&row, 1, given->force)) return EXIT_LOCAL;
  print_message("wrote %s, the request: for whoever is to sign it",
                escaped(given->request));
  return EXIT_DONE;
}

static int make(const cert_settings *given) {
  cert_inputs inputs;
  tlstream_issued issued = {0};
  tlstream_error error;
  int status = EXIT_LOCAL;
  cert_settings read = {.key = given->key,
                        .passphrase_file = given->passphrase_file};
  if (cert_inputs_read(&inputs, &read, /* has_key = */ true)) {
    status = issue(given, &inputs, &issued, &error) == 0 ? write(given, &issued)
                                                         : print_error(&error);
  }
  tlstream_issued_clear(&issued);
  cert_inputs_clear(&inputs);
  return status;
}

int cert_request_run(int argc, char **argv) {
  cert_settings given = {0};
  switch (options_parse(&about, argc, argv, &given, NULL)) {
    case OPTIONS_HELP: return EXIT_DONE;
    case OPTIONS_WRONG: return EXIT_LOCAL;
    case OPTIONS_FINE: break;
  }
  return check(&given) ? make(&given) : EXIT_LOCAL;
}
