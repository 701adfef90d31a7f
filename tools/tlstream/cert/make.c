/* SPDX-License-Identifier: MIT */
/* What the commands that make keys, requests and certificates share. */
#include "cert/make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "message.h"
#include "print.h"
#include "read.h"

/* Read access besides that of the owner; see new_file_write(). */
enum { MODE_PUBLIC = 0044, MODE_PRIVATE = 0 };

/* A file, and where its contents go. */
typedef struct input_row {
  const char *path; /* NULL: not given */
  tlstream_bytes *out;
} input_row;

static bool copy_input(const tlstream_bytes *from, tlstream_bytes *out) {
  char *copy = malloc(from->len + 1);
  if (copy == NULL) return print_message("out of memory"), false;
  if (from->len > 0) memcpy(copy, from->data, from->len);
  out->data = copy;
  out->len = from->len;
  return true;
}

/* A pipe may hold what two of them name, a certificate and its key, and can be
 * read only once. */
static bool read_input(const input_row *rows, size_t which) {
  char *bytes = NULL;
  size_t len = 0;
  const char *path = rows[which].path;
  if (path == NULL) return true;
  for (size_t i = 0; i < which; i++) {
    if (rows[i].path != NULL && file_is_same_pipe(rows[i].path, path)) {
      return copy_input(rows[i].out, rows[which].out);
    }
  }
  if (!file_read(path, &bytes, &len)) return false;
  *rows[which].out = (tlstream_bytes){bytes, len};
  return true;
}

static bool read_passphrase(const char *path, char line[PASSPHRASE_MAX],
                            const char **out) {
  *out = path != NULL ? line : NULL;
  return passphrase_read(path, line);
}

/* The passphrases first: each is one line, and what follows may be a key. */
static bool read_inputs(cert_inputs *inputs, const cert_settings *given) {
  const char *key = cert_has_key(given) ? given->key : NULL;
  const input_row rows[] = {{key, &inputs->key},
                            {given->request, &inputs->request},
                            {given->ca, &inputs->ca_cert},
                            {given->ca_key, &inputs->ca_key}};
  bool fine =
      read_passphrase(given->passphrase_file, inputs->passphrase_line,
                      &inputs->passphrase) &&
      read_passphrase(given->ca_passphrase_file, inputs->ca_passphrase_line,
                      &inputs->ca_passphrase);
  for (size_t i = 0; fine && i < COUNT_OF(rows); i++)
    fine = read_input(rows, i);
  if (!fine) return false;
  if (key != NULL) warn_if_readable_by_all(key);
  if (given->ca_key != NULL) warn_if_readable_by_all(given->ca_key);
  return true;
}

static void clear_inputs(cert_inputs *inputs) {
  file_release((char *)inputs->key.data, inputs->key.len);
  file_release((char *)inputs->request.data, inputs->request.len);
  file_release((char *)inputs->ca_cert.data, inputs->ca_cert.len);
  file_release((char *)inputs->ca_key.data, inputs->ca_key.len);
  wipe(inputs, sizeof(*inputs));
}

static void report_cert(const char *path, const tlstream_issued *issued) {
  tlstream_certificate *made =
      tlstream_certificate_parse(issued->cert, issued->cert_len, NULL);
  fprintf(stderr, "wrote %s, the certificate: for ", escaped(path));
  if (made != NULL) print_names(stderr, made);
  print_message(", until %s", made != NULL ? tlstream_certificate_valid_to(made)
                                           : "(unknown)");
  tlstream_certificate_unref(made);
}

static void report(const cert_settings *given, const tlstream_issued *issued) {
  if (issued->key != NULL) {
    print_message("wrote %s, the private key: keep it secret",
                  escaped(given->key));
  }
  if (issued->request != NULL) {
    print_message("wrote %s, the request: send it to the authority",
                  escaped(given->new_request));
  }
  if (issued->cert != NULL) report_cert(given->cert, issued);
}

static int write_issued(const cert_settings *given,
                        const tlstream_issued *issued) {
  const new_file_row all[] = {
      {given->cert, MODE_PUBLIC, issued->cert, issued->cert_len},
      {given->new_request, MODE_PUBLIC, issued->request, issued->request_len},
      {given->key, MODE_PRIVATE, issued->key, issued->key_len}};
  new_file_row rows[COUNT_OF(all)];
  size_t count = 0;
  for (size_t i = 0; i < COUNT_OF(all); i++) {
    if (all[i].bytes != NULL) rows[count++] = all[i];
  }
  if (!new_files_write(rows, count, given->force)) return EXIT_LOCAL;
  report(given, issued);
  return EXIT_DONE;
}

/* Never overwrite an input, even with --force: it may be the only copy of a
 * key. */
static bool keeps_inputs(const cert_settings *given) {
  bool has_key = cert_has_key(given);
  const char *inputs[] = {has_key ? given->key : NULL, given->request,
                          given->ca, given->ca_key};
  const char *outputs[] = {given->cert, given->new_request,
                           has_key ? NULL : given->key};
  for (size_t i = 0; i < COUNT_OF(inputs) * COUNT_OF(outputs); i++) {
    const char *input = inputs[i / COUNT_OF(outputs)];
    const char *output = outputs[i % COUNT_OF(outputs)];
    if (input == NULL || output == NULL || !file_is_same(input, output)) {
      continue;
    }
    print_message("%s is an input of this command and is not replaced",
                  escaped(input));
    return false;
  }
  return true;
}

int cert_make(const cert_settings *given, cert_maker *make) {
  cert_inputs inputs = {.passphrase = NULL};
  tlstream_issued issued = {0};
  tlstream_error error;
  int status = EXIT_LOCAL;
  if (!keeps_inputs(given)) return EXIT_LOCAL;
  if (read_inputs(&inputs, given)) {
    status = make(given, &inputs, &issued, &error) == 0
                 ? write_issued(given, &issued)
                 : print_error(&error);
  }
  tlstream_issued_clear(&issued);
  clear_inputs(&inputs);
  return status;
}

int cert_issue(const cert_settings *given, const cert_inputs *inputs,
               tlstream_issue_options *options, tlstream_issued *issued,
               tlstream_error *error) {
  options->common_name = given->common_name;
  options->hosts = given->names.items;
  options->host_count = given->names.count;
  options->days = given->days;
  options->key_type = cert_key_type(given);
  options->rsa_bits = given->bits;
  options->request = inputs->request;
  options->key = inputs->key;
  options->passphrase = inputs->passphrase;
  options->ca_cert = inputs->ca_cert;
  options->ca_key = inputs->ca_key;
  options->ca_passphrase = inputs->ca_passphrase;
  return tlstream_issue(options, issued, error);
}
