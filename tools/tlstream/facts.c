/* SPDX-License-Identifier: MIT */
/* What a person wants to see of a connection. Every name in a certificate was
 * chosen by a stranger: all of it is escaped. */
#include <stdio.h>
#include <string.h>

#include <uv.h>

#include "say.h"

enum { SHOWN_NAMES = 8 };

static void print_row(const char *label, const char *text) {
  fprintf(stderr, "  %-12s %s\n", label, text);
}

static void print_bytes(const void *bytes, size_t len) {
  char shown[200];
  fputs(tlstream_escape(shown, sizeof(shown), bytes, len), stderr);
}

static void print_name(const char *label, const tlstream_name_entry *entries,
                       size_t count) {
  fprintf(stderr, "  %-12s ", label);
  for (size_t i = 0; i < count; i++) {
    fprintf(stderr, "%s%s=", i > 0 ? ", " : "", entries[i].key);
    print_bytes(entries[i].value, entries[i].len);
  }
  fputs(count == 0 ? "(empty)\n" : "\n", stderr);
}

static void print_ip(const tlstream_alt_name *name) {
  char shown[64] = "";
  int family = name->len == 4 ? AF_INET : AF_INET6;
  if ((name->len == 4 || name->len == 16) &&
      uv_inet_ntop(family, name->data, shown, sizeof(shown)) == 0) {
    fputs(shown, stderr);
  } else {
    print_bytes(name->data, name->len);
  }
}

static void print_alt_name(const tlstream_alt_name *name) {
  switch (name->kind) {
    case TLSTREAM_ALT_NAME_IP: print_ip(name); break;
    case TLSTREAM_ALT_NAME_OTHER: fputs("(another kind)", stderr); break;
    default: print_bytes(name->data, name->len); break;
  }
}

static void print_alt_names(const tlstream_certificate *certificate) {
  size_t count = 0;
  const tlstream_alt_name *names =
      tlstream_certificate_alt_names(certificate, &count);
  fprintf(stderr, "  %-12s ", "names");
  for (size_t i = 0; i < count && i < SHOWN_NAMES; i++) {
    if (i > 0) fputs(", ", stderr);
    print_alt_name(&names[i]);
  }
  if (count > SHOWN_NAMES) {
    fprintf(stderr, ", and %zu more", count - SHOWN_NAMES);
  }
  fputs(count == 0 ? "(none)\n" : "\n", stderr);
}

static void print_certificate(const tlstream_certificate *certificate) {
  size_t count = 0;
  const tlstream_name_entry *entries =
      tlstream_certificate_subject(certificate, &count);
  print_name("certificate", entries, count);
  print_alt_names(certificate);
  entries = tlstream_certificate_issuer(certificate, &count);
  print_name("issuer", entries, count);
  print_row("valid to", tlstream_certificate_valid_to(certificate));
  print_row("sha256",
            tlstream_certificate_fingerprint(certificate, TLSTREAM_SHA256));
}

static void print_verdict(const tlstream *stream) {
  const tlstream_error *why = tlstream_authorization_error(stream);
  fprintf(stderr, "  %-12s %s", "authorized",
          tlstream_authorized(stream) ? "yes" : "no");
  if (why != NULL) fprintf(stderr, ", because %s: %s", why->name, why->message);
  fputc('\n', stderr);
}

void say_facts(const tlstream *stream) {
  tlstream_address address;
  if (tlstream_remote_address(stream, &address) == 0) {
    say("connected to %s", address_text(&address));
  }
  print_row("protocol", tlstream_version_name(tlstream_protocol(stream)));
  print_row("cipher", tlstream_cipher(stream));
  tlstream_certificate *certificate = tlstream_peer_certificate(stream);
  if (certificate != NULL) print_certificate(certificate);
  tlstream_certificate_unref(certificate);
  print_verdict(stream);
}

void say_facts_json(const tlstream *stream) {
  char *json = tlstream_json(stream);
  if (json != NULL) say("%s", json);
  tlstream_free(json);
}
