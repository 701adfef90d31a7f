/* SPDX-License-Identifier: MIT */
#include "core/openssl/alert.h"

#include <stddef.h>

typedef struct row {
  int number;
  const char *name;
  const char *hint;
} row;

static const row rows[] = {
    {0, "close_notify", "it closed its side"},
    {10, "unexpected_message", "it got a message out of turn"},
    {20, "bad_record_mac",
     "a record of ours arrived damaged, or the two sides disagree on keys"},
    {21, "decryption_failed", "it could not decrypt a record of ours"},
    {22, "record_overflow", "a record of ours was too long for it"},
    {30, "decompression_failure", "it could not decompress a record"},
    {40, "handshake_failure",
     "the two sides found no settings in common (versions, cipher suites, "
     "groups), or it wants a certificate and got none"},
    {41, "no_certificate", "it has no certificate to present"},
    {42, "bad_certificate", "it cannot accept the certificate that we sent"},
    {43, "unsupported_certificate",
     "our certificate is of a kind it does not take, or for another purpose"},
    {44, "certificate_revoked", "it holds that our certificate is revoked"},
    {45, "certificate_expired",
     "it holds that our certificate has expired: check both clocks"},
    {46, "certificate_unknown", "it does not accept our certificate"},
    {47, "illegal_parameter", "a field in what we sent was not valid for it"},
    {48, "unknown_ca",
     "it does not trust the authority that issued our certificate"},
    {49, "access_denied", "our certificate is valid but not allowed in"},
    {50, "decode_error", "it could not parse a message of ours"},
    {51, "decrypt_error",
     "a signature or a key exchange of ours did not verify for it"},
    {60, "export_restriction", "it wants forbidden export-grade settings"},
    {70, "protocol_version",
     "it speaks none of the TLS versions that we offered"},
    {71, "insufficient_security",
     "it wants stronger cipher suites than we offered"},
    {80, "internal_error", "something failed on its side"},
    {86, "inappropriate_fallback",
     "it saw a needless fall back to an old "
     "version, which may be an attack"},
    {90, "user_canceled", "the handshake was cancelled there"},
    {100, "no_renegotiation", "it does not renegotiate"},
    {109, "missing_extension", "an extension that it needs was missing"},
    {110, "unsupported_extension", "it got an extension it had not offered"},
    {111, "certificate_unobtainable", "it could not fetch our certificate"},
    {112, "unrecognized_name",
     "it serves no host of the name that we asked for"},
    {113, "bad_certificate_status_response",
     "the certificate status that we sent was not good for it"},
    {114, "bad_certificate_hash_value", "a certificate hash did not match"},
    {115, "unknown_psk_identity", "it does not know the pre-shared key"},
    {116, "certificate_required",
     "it wants a certificate from us and got none: give `cert` and `key`"},
    {120, "no_application_protocol",
     "it speaks none of the application protocols that we offered"},
};

static const row *find(int number) {
  static const row unassigned = {-1, "unassigned alert",
                                 "no standard assigns a meaning to it"};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    if (rows[i].number == number) return &rows[i];
  }
  return &unassigned;
}

const char *tlstream__alert_name(int number) {
  return find(number)->name;
}

const char *tlstream__alert_hint(int number) {
  return find(number)->hint;
}
