/* SPDX-License-Identifier: MIT */
/* Suggestions for misspelled words, by Levenshtein distance. */
#include "suggest.h"

#include <string.h>

enum { LONGEST = 40 };

/* Without dashes. */
static const struct {
  const char *other;
  const char *ours;
} other_names[] = {
    {"cacert", "ca"},
    {"ca-file", "ca"},
    {"cafile", "ca"},
    {"CAfile", "ca"},
    {"ca-cert", "ca"},
    {"ca-certificate", "ca"},
    {"x509cafile", "ca"},
    {"cert-file", "cert"},
    {"certificate", "cert"},
    {"x509certfile", "cert"},
    {"E", "cert"},
    {"key-file", "key"},
    {"private-key", "key"},
    {"x509keyfile", "key"},
    {"pass", "passphrase-file"},
    {"password", "passphrase-file"},
    {"passphrase", "passphrase-file"},
    {"sni", "servername"},
    {"sni-hostname", "servername"},
    {"server", "servername"},
    {"verify_hostname", "verify-name"},
    {"verify-hostname", "verify-name"},
    {"hostname", "verify-name"},
    {"k", "insecure"},
    {"no-check-certificate", "insecure"},
    {"noverify", "insecure"},
    {"no-verify", "insecure"},
    {"starttls-proto", "starttls"},
    {"unix-socket", "unix"},
    {"s", "quiet"},
    {"q", "quiet"},
    {"silent", "quiet"},
    {"tlsv1.2", "tls-max 1.2"},
    {"tls1_2", "tls-max 1.2"},
    {"tlsv1.3", "tls-min 1.3"},
    {"tls1_3", "tls-min 1.3"},
    {"min-version", "tls-min"},
    {"max-version", "tls-max"},
    {"timeout", "idle-timeout"},
    {"max-time", "idle-timeout"},
    {"no-half-close", "wait"},
    {"p", "port"},
    {"accept", "port"},
    {"listen", "host"},
    {"bind", "host"},
    {"Verify", "require-cert"},
    {"require-client-cert", "require-cert"},
    {"client-ca", "ca"},
    {"subject", "common-name"},
    {"subj", "common-name"},
    {"san", "name"},
    {"addext", "name"},
    {"out", "cert"},
    {"keyout", "key"},
    {"in", "request"},
    {"csr", "request"},
    {"newkey", "type"},
};

static size_t least(size_t a, size_t b, size_t c) {
  size_t smaller = a < b ? a : b;
  return smaller < c ? smaller : c;
}

static size_t distance_between(const char *a, const char *b) {
  size_t row[LONGEST + 1];
  size_t len = strlen(b);
  for (size_t j = 0; j <= len; j++)
    row[j] = j;
  for (size_t i = 0; a[i] != '\0'; i++) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < len; j++) {
      size_t above = row[j + 1];
      size_t change = diagonal + (a[i] != b[j]);
      row[j + 1] = least(above + 1, row[j] + 1, change);
      diagonal = above;
    }
  }
  return row[len];
}

void suggest_consider(const char *typed, const char *known,
                      const char **suggestion, size_t *distance) {
  if (strlen(typed) > LONGEST || strlen(known) > LONGEST) return;
  size_t found = distance_between(typed, known);
  if (found >= *distance || found >= strlen(known)) return;
  *distance = found;
  *suggestion = known;
}

const char *suggest_other_name(const char *typed, size_t *next) {
  while (*next < sizeof(other_names) / sizeof(other_names[0])) {
    size_t at = (*next)++;
    if (strcmp(typed, other_names[at].other) == 0) return other_names[at].ours;
  }
  return NULL;
}
