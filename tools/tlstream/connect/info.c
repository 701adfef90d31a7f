/* SPDX-License-Identifier: MIT */
/* Prints a connection. The peer chose every name in its certificate, so all of
 * them are escaped. */
#include "connect/info.h"

#include <stdio.h>

#include <tlstream/stream_info.h>
#include <tlstream/stream_psk.h>

#include "message.h"
#include "print.h"

enum { SHOWN_NAMES = 8 };

static void print_protocol(const char *label, const char *name) {
  if (name != NULL) print_row(stderr, label, escaped(name));
}

/* The most useful part of a certificate; `cert show` prints the rest. */
static void print_peer(const tlstream_certificate *certificate) {
  print_identity(stderr, "certificate", certificate, SHOWN_NAMES);
  print_row(stderr, "valid to", tlstream_certificate_valid_to(certificate));
  print_row(stderr, "sha256",
            tlstream_certificate_fingerprint(certificate, TLSTREAM_SHA256));
}

static void print_psk(const tlstream *stream) {
  size_t len = 0;
  const char *identity = tlstream_psk_identity(stream, &len);
  if (identity != NULL) print_row(stderr, "psk", escaped(identity));
}

static void print_authorization(const tlstream *stream) {
  const tlstream_error *why = tlstream_authorization_error(stream);
  fprintf(stderr, "  %-12s %s", "authorized",
          tlstream_authorized(stream) ? "yes" : "no");
  if (why != NULL)
    fprintf(stderr, ", because %s: %s", why->name, error_text(why));
  fputc('\n', stderr);
}

static void print_staple(const tlstream *stream) {
  tlstream_ocsp status = tlstream_ocsp_status(stream);
  if (status == TLSTREAM_OCSP_NONE) return;
  print_row(stderr, "staple", tlstream_ocsp_status_name(status));
}

void print_info(const tlstream *stream) {
  tlstream_address address;
  if (tlstream_remote_address(stream, &address) == 0) {
    print_message("connected to %s", address_text(&address));
  }
  print_row(stderr, "protocol",
            tlstream_version_name(tlstream_tls_version(stream)));
  print_row(stderr, "cipher", tlstream_cipher_standard_name(stream));
  if (tlstream_resumed(stream)) print_row(stderr, "session", "resumed");
  print_protocol("alpn", tlstream_alpn_protocol(stream));
  print_protocol("npn", tlstream_npn_protocol(stream));
  tlstream_certificate *certificate = tlstream_peer_certificate(stream);
  if (certificate != NULL) print_peer(certificate);
  tlstream_certificate_unref(certificate);
  print_psk(stream);
  print_staple(stream);
  print_authorization(stream);
}
