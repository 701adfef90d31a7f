/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "files.h"
#include "options.h"
#include "say.h"

typedef struct settings {
  texts names;
  const char *key;
  const char *cert;
  int days;
  bool force;
} settings;

enum { DAYS = 30, DAYS_MAX = 3650, PUBLIC = S_IRGRP | S_IROTH, PRIVATE = 0 };

static const option_row options[] = {
    {"name", "NAME", "a host name or an address; may be given again",
     OPTION_TEXTS, offsetof(settings, names), 0, 0},
    {"key", "FILE", "where the private key goes", OPTION_TEXT,
     offsetof(settings, key), 0, 0},
    {"cert", "FILE", "where the certificate goes", OPTION_TEXT,
     offsetof(settings, cert), 0, 0},
    {"days", "N", "how long it lives [30]", OPTION_NUMBER,
     offsetof(settings, days), 1, DAYS_MAX},
    {"force", NULL, "replace the files if they are there", OPTION_FLAG,
     offsetof(settings, force), 0, 0},
};

static const command_usage about = {
    "tlstream cert self-signed",
    NULL,
    "Make a P-256 key and a certificate signed with it. Whoever is to trust it "
    "gets\nthe certificate: tlstream connect HOST:PORT --ca FILE",
    options,
    sizeof(options) / sizeof(options[0]),
};

static bool check(const settings *given) {
  if (given->names.count == 0) {
    say("%s: for which host? --name localhost, for example", about.command);
    return false;
  }
  if (given->key == NULL || given->cert == NULL) {
    say("%s: where to? --key FILE and --cert FILE", about.command);
    return false;
  }
  if (strcmp(given->key, given->cert) == 0) {
    say("%s: the key and the certificate need a file each", about.command);
    return false;
  }
  return file_place_is_free(given->key, given->force) &&
         file_place_is_free(given->cert, given->force);
}

static bool write_both(const settings *given, const tlstream_issued *issued) {
  new_file key = {0};
  new_file cert = {0};
  bool fine =
      new_file_write(&key, given->key, PRIVATE, issued->key, issued->key_len) &&
      new_file_write(&cert, given->cert, PUBLIC, issued->cert,
                     issued->cert_len) &&
      new_file_place(&key, given->force) && new_file_place(&cert, given->force);
  new_file_clear(&cert, /* undo = */ !fine);
  new_file_clear(&key, /* undo = */ !fine);
  return fine;
}

static void report(const settings *given, const tlstream_issued *issued) {
  tlstream_certificate *made =
      tlstream_certificate_parse(issued->cert, issued->cert_len, NULL);
  say("wrote %s, the private key: keep it to yourself", quoted(given->key));
  say("wrote %s, the certificate: for %s%s, until %s", quoted(given->cert),
      quoted(given->names.items[0]), given->names.count > 1 ? " and more" : "",
      made != NULL ? tlstream_certificate_valid_to(made) : "(unknown)");
  tlstream_certificate_unref(made);
}

static int make(const settings *given) {
  tlstream_issued issued = {0};
  tlstream_error error;
  if (tlstream_issue(TLSTREAM_ISSUE(.hosts = given->names.items,
                                    .host_count = given->names.count,
                                    .days = given->days),
                     &issued, &error) != 0) {
    return say_error(&error);
  }
  bool fine = write_both(given, &issued);
  if (fine) report(given, &issued);
  tlstream_issued_clear(&issued);
  return fine ? EXIT_DONE : EXIT_OURS;
}

int cert_self_signed_run(int argc, char **argv) {
  settings given = {.days = DAYS};
  switch (options_parse(&about, argc, argv, &given, NULL)) {
    case OPTIONS_HELP: return EXIT_DONE;
    case OPTIONS_WRONG: return EXIT_OURS;
    case OPTIONS_FINE: break;
  }
  return check(&given) ? make(&given) : EXIT_OURS;
}
