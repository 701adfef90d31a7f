/* SPDX-License-Identifier: MIT */
#include "credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "message.h"
#include "passphrase.h"
#include "psk.h"
#include "read.h"

const option_choice tls_versions[] = {
    {"1.2", TLSTREAM_TLS_1_2}, {"1.3", TLSTREAM_TLS_1_3}, {NULL, 0}};

static tlstream_protocols protocols(const texts *names) {
  return (tlstream_protocols){.names = names->items, .count = names->count};
}

bool credentials_can_be_read_again(const credential_settings *given) {
  for (size_t i = 0; i < given->crls.count; i++) {
    if (!file_can_be_read_again(given->crls.items[i])) return false;
  }
  return file_can_be_read_again(given->key) &&
         file_can_be_read_again(given->cert) &&
         file_can_be_read_again(given->pfx) &&
         file_can_be_read_again(given->passphrase_file) &&
         file_can_be_read_again(given->ca) &&
         file_can_be_read_again(given->psk);
}

/* What is read and split for a context, which copies it. Zeroed: empty. */
typedef struct material {
  char passphrase[PASSPHRASE_MAX];
  tlstream_pfx pfx;
  tlstream_bytes crls[TEXTS_MAX];
  size_t crl_count;
  psk_file psks;
  char *ciphers; /* for TLS 1.2 */
  char *ciphersuites;
} material;

static bool read_file(const char *path, tlstream_bytes *out) {
  char *bytes = NULL;
  if (!file_read(path, &bytes, &out->len)) return false;
  out->data = bytes;
  return true;
}

static void release(tlstream_bytes *bytes) {
  file_release((char *)bytes->data, bytes->len);
}

static bool read_crls(material *self, const texts *paths) {
  for (size_t i = 0; i < paths->count; i++) {
    if (!read_file(paths->items[i], &self->crls[i])) return false;
    self->crl_count++;
  }
  return true;
}

/* The suites of TLS 1.3 have names of their own, without "WITH". */
static bool is_for_tls_1_3(const char *name, size_t len) {
  static const char start[] = "TLS_";
  static const char with[] = "_WITH_";
  if (len < sizeof(start) || strncmp(name, start, sizeof(start) - 1) != 0) {
    return false;
  }
  const char *found = strstr(name, with);
  return found == NULL || found >= name + len;
}

static void append(char **list, const char *name, size_t len) {
  size_t used = strlen(*list);
  snprintf(*list + used, len + 2, "%s%.*s", used > 0 ? ":" : "", (int)len,
           name);
}

/* OpenSSL wants the suites of either version in a list of their own. */
static bool split_ciphers(material *self, const char *list) {
  static const char separators[] = ":;, ";
  size_t cap = strlen(list) + 2;
  self->ciphers = calloc(1, cap);
  self->ciphersuites = calloc(1, cap);
  if (self->ciphers == NULL || self->ciphersuites == NULL) {
    print_message("out of memory");
    return false;
  }
  for (const char *at = list; *at != '\0';) {
    size_t len = strcspn(at, separators);
    bool is_new = is_for_tls_1_3(at, len);
    if (len > 0) append(is_new ? &self->ciphersuites : &self->ciphers, at, len);
    at += len;
    at += strspn(at, separators);
  }
  return true;
}

static bool read_material(material *self, const credential_settings *given) {
  if (!passphrase_read(given->passphrase_file, self->passphrase)) return false;
  if (given->pfx != NULL && !read_file(given->pfx, &self->pfx.data)) {
    return false;
  }
  if (!read_crls(self, &given->crls)) return false;
  if (given->psk != NULL && !psk_file_read(&self->psks, given->psk)) {
    return false;
  }
  return given->ciphers == NULL || split_ciphers(self, given->ciphers);
}

static void clear_material(material *self) {
  release(&self->pfx.data);
  for (size_t i = 0; i < self->crl_count; i++)
    release(&self->crls[i]);
  psk_file_clear(&self->psks);
  free(self->ciphers);
  free(self->ciphersuites);
  wipe(self, sizeof(*self));
}

/* An empty list is left out, unless nothing at all was named. */
static const char *list_or_null(const char *list, const char *other) {
  bool is_left_out = list == NULL || (list[0] == '\0' && other[0] != '\0');
  return is_left_out ? NULL : list;
}

static void use_material(material *self, const credential_settings *given,
                         tlstream_context_options *options) {
  const char *passphrase =
      given->passphrase_file != NULL ? self->passphrase : NULL;
  options->passphrase = passphrase;
  self->pfx.passphrase = passphrase;
  options->pfx = &self->pfx;
  options->pfx_count = given->pfx != NULL;
  options->crls = self->crls;
  options->crl_count = self->crl_count;
  options->psks = self->psks.list;
  options->psk_count = self->psks.count;
  options->ciphers = list_or_null(self->ciphers, self->ciphersuites);
  options->ciphersuites = list_or_null(self->ciphersuites, self->ciphers);
}

static tlstream_context *make_context(const credential_settings *given,
                                      tlstream_context_options wanted) {
  material own = {0};
  tlstream_error error;
  tlstream_context *context = NULL;
  if (read_material(&own, given)) {
    use_material(&own, given, &wanted);
    context = tlstream_context_new(&wanted, &error);
    if (context == NULL) print_error(&error);
  }
  clear_material(&own);
  return context;
}

void credentials_warn(const credential_settings *given) {
  if (given->keylog == NULL) return;
  print_message("INSECURE: who reads %s can read all connections (--keylog)",
                escaped(given->keylog));
}

tlstream_context *credentials_context(const credential_settings *given,
                                      const tlstream_context_options *policy) {
  tlstream_context_options wanted = *policy;
  wanted.alpn = protocols(&given->alpn);
  wanted.npn = protocols(&given->npn);
  wanted.ca_file = given->ca;
  wanted.policy = given->policy;
  wanted.groups = given->groups;
  wanted.insecure_keylog_file = given->keylog;
  wanted.min_version = option_choice_value(given->tls_min, 0);
  wanted.max_version = option_choice_value(given->tls_max, 0);
  if (given->key != NULL || given->cert != NULL) {
    wanted.key_file = given->key;
    wanted.cert_file = given->cert;
  }
  tlstream_context *context = make_context(given, wanted);
  if (context == NULL) return NULL;
  if (given->key != NULL) warn_if_readable_by_all(given->key);
  if (given->pfx != NULL) warn_if_readable_by_all(given->pfx);
  if (given->psk != NULL) warn_if_readable_by_all(given->psk);
  return context;
}
