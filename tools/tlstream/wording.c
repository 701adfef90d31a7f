/* SPDX-License-Identifier: MIT */
#include "wording.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "command.h"

typedef struct wording {
  const char *field;
  const char *option;
  bool is_label; /* only at the beginning, before a colon */
} wording;

/* Longer phrases before their parts. */
static const wording wordings[] = {
    /* There is no option for that. */
    {", or let the chain end with it (`allow_partial_chain`)", "", false},
    {"`cert` or `cert_file`", "--cert", false},
    {"`key` or `key_file`", "--key", false},
    {"`cert_file`", "--cert", false},
    {"`key_file`", "--key", false},
    {"`ca`", "--ca", false},
    {"`alpn`", "--alpn", false},
    {"cert_file", "--cert", false},
    {"key_file", "--key", false},
    {"ca_file", "--ca", false},
    {"ca_files", "--ca", false},
    {"min_version", "--tls-min", false},
    {"max_version", "--tls-max", false},
    {"request_certificate", "--require-cert", false},
    {"verify_name", "--verify-name", false},
    {"`require_staple`", "--require-staple", false},
    {"ocsp_response_file", "--ocsp", false},
    {"ca_cert", "--ca", false},
    {"ca_key", "--ca-key", false},
    {"common_name", "--common-name", false},
    {"rsa_bits", "--bits", false},
    {"key_type", "--type", false},
    {"give its passphrase", "give its passphrase (--passphrase-file)", false},
    {"pfx number 1", "--pfx", true},
    {"crls", "--crl", true},
    {"psks", "--psk", true},
    {"`psks`", "--psk", false},
    {"insecure_keylog_file", "--keylog", true},
    {"policy", "--policy", true},
    {"ciphers", "--ciphers", true},
    {"ciphersuites", "--ciphers", true},
    {"groups", "--groups", true},
    {"alpn", "--alpn", true},
    {"npn", "--npn", true},
    {"ca", "--ca", true},
    {"tlsa", "--tlsa", true},
    {"days", "--days", true},
};

static bool is_inside_word(char byte) {
  return isalnum((unsigned char)byte) || strchr("_/-", byte) != NULL;
}

static bool ends_word(const char *at) {
  if (*at == '.') return at[1] == '\0' || !is_inside_word(at[1]);
  return *at == '\0' || !is_inside_word(*at);
}

static const wording *find(const char *sentence, const char *at) {
  bool begins = at == sentence || (!is_inside_word(at[-1]) && at[-1] != '.');
  for (size_t i = 0; begins && i < COUNT_OF(wordings); i++) {
    const wording *each = &wordings[i];
    size_t len = strlen(each->field);
    if (strncmp(at, each->field, len) != 0 || !ends_word(at + len)) continue;
    if (!each->is_label || (at == sentence && at[len] == ':')) return each;
  }
  return NULL;
}

void wording_of_command(const char *sentence, char *out, size_t cap) {
  bool quoted = false;
  size_t len = 0;
  for (const char *at = sentence; *at != '\0' && len + 1 < cap;) {
    if (*at == '"') quoted = !quoted;
    const wording *found = quoted ? NULL : find(sentence, at);
    if (found != NULL && strlen(found->option) < cap - len) {
      memcpy(out + len, found->option, strlen(found->option));
      len += strlen(found->option);
      at += strlen(found->field);
    } else {
      out[len++] = *at++;
    }
  }
  out[len] = '\0';
}
