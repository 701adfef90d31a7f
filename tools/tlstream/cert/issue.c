/* SPDX-License-Identifier: MIT */
/* What the commands that make certificates have in common. */
#include <stdio.h>

#include "cert/settings.h"
#include "command.h"
#include "message.h"
#include "print.h"

static void report(const cert_settings *given, const tlstream_issued *issued) {
  tlstream_certificate *made =
      tlstream_certificate_parse(issued->cert, issued->cert_len, NULL);
  if (issued->key != NULL) {
    print_message("wrote %s, the private key: keep it to yourself",
                  escaped(given->key));
  }
  fprintf(stderr, "wrote %s, the certificate: for ", escaped(given->cert));
  if (made != NULL) print_names(stderr, made);
  print_message(", until %s", made != NULL ? tlstream_certificate_valid_to(made)
                                           : "(unknown)");
  tlstream_certificate_unref(made);
}

static int write(const cert_settings *given, const tlstream_issued *issued) {
  const new_file_row rows[] = {
      {given->cert, MODE_PUBLIC, issued->cert, issued->cert_len},
      {given->key, MODE_PRIVATE, issued->key, issued->key_len}};
  size_t count = issued->key != NULL ? 2 : 1;
  if (!new_files_write(rows, count, given->force)) return EXIT_LOCAL;
  report(given, issued);
  return EXIT_DONE;
}

/* With --force, a slip could cost a key that there is no other copy of. */
static bool spares_inputs(const cert_settings *given, bool has_key) {
  const char *inputs[] = {has_key ? given->key : NULL, given->request,
                          given->ca, given->ca_key};
  for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
    bool is_hit = inputs[i] != NULL && (file_is_same(inputs[i], given->cert) ||
                                        (!has_key && given->key != NULL &&
                                         file_is_same(inputs[i], given->key)));
    if (!is_hit) continue;
    print_message("%s is needed, and stays as it is", escaped(inputs[i]));
    return false;
  }
  return true;
}

static int issue(const cert_settings *given, const cert_inputs *inputs,
                 const tlstream_issue_options *kind, tlstream_issued *issued,
                 tlstream_error *error) {
  tlstream_issue_options options = *kind;
  options.common_name = given->common_name;
  options.hosts = given->names.items;
  options.host_count = given->names.count;
  options.days = given->days;
  options.rsa_bits = given->rsa;
  options.request = inputs->request;
  options.key = inputs->key;
  options.ca_cert = inputs->ca_cert;
  options.ca_key = inputs->ca_key;
  if (given->passphrase_file != NULL) options.passphrase = inputs->passphrase;
  if (given->ca_passphrase_file != NULL) {
    options.ca_passphrase = inputs->ca_passphrase;
  }
  return tlstream_issue(&options, issued, error);
}

int cert_issue(const cert_settings *given, bool has_key,
               const tlstream_issue_options *kind) {
  cert_inputs inputs;
  tlstream_issued issued = {0};
  tlstream_error error;
  int status = EXIT_LOCAL;
  if (!spares_inputs(given, has_key)) return EXIT_LOCAL;
  if (cert_inputs_read(&inputs, given, has_key)) {
    status = issue(given, &inputs, kind, &issued, &error) == 0
                 ? write(given, &issued)
                 : print_error(&error);
  }
  tlstream_issued_clear(&issued);
  cert_inputs_clear(&inputs);
  return status;
}
