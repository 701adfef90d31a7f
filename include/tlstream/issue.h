/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_ISSUE_H
#define TLSTREAM_ISSUE_H

#include <stdbool.h>
#include <stddef.h>

#include <tlstream/context.h>
#include <tlstream/error.h>
#include <tlstream/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What a new certificate says. Zero gives a self-signed leaf for no name that
 * is good for 30 days; name at least one host.
 */
typedef struct tlstream_issue_options {
  size_t size; /* sizeof(tlstream_issue_options); the macro sets it */

  /* The subject's common name; NULL takes the first of `hosts`. */
  const char *common_name;
  /* DNS names ("example.com", "*.example.com") and addresses ("127.0.0.1"):
   * they become subjectAltName entries of their kind. */
  const char *const *hosts;
  size_t host_count;

  bool is_ca; /* a certificate authority, which has no hosts */
  int days;   /* how long it lives; 0 is 30, at most 3650 */

  /* PEM of the authority that signs it; both empty: it signs itself. */
  tlstream_bytes ca_cert;
  tlstream_bytes ca_key;
} tlstream_issue_options;

#define TLSTREAM_ISSUE(...)                                          \
  (&(tlstream_issue_options){.size = sizeof(tlstream_issue_options), \
                             __VA_ARGS__})

/**
 * A private key and its certificate, PEM, each ending in a NUL.
 */
typedef struct tlstream_issued {
  char *key;
  size_t key_len;
  char *cert;
  size_t cert_len;
} tlstream_issued;

/**
 * Make a fresh P-256 key and a certificate for it.
 *
 * The serial number has 127 random bits; the certificate passes `openssl
 * verify -x509_strict`. `issued` is written only on success. Returns 0 or a
 * negative code.
 *
 * Ownership: `issued` is the caller's; release with tlstream_issued_clear(),
 * which wipes the key.
 * Errors: INVALID_ARGUMENT, BAD_CERTIFICATE, BAD_KEY, KEY_MISMATCH, NO_MEMORY,
 * INTERNAL.
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_CHECK int
tlstream_issue(const tlstream_issue_options *options, tlstream_issued *issued,
               tlstream_error *error);

/**
 * Wipe and release what tlstream_issue() made. Safe on a zeroed struct, and
 * leaves it zeroed.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_issued_clear(tlstream_issued *issued);

#ifdef __cplusplus
}
#endif

#endif
